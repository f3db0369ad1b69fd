// Runs test programs in worker threads, with a limit on the time of each test, kept from outside: a thread that is over
// it is ended and replaced.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../steps.mjs';

/** Bundles what the threads need of src/ into `folder`; returns the file. */
export async function bundleHost(folder) {
  const { build } = await import('esbuild');
  const outfile = path.join(folder, 'host.mjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/rocksdb/host.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*'],
    logLevel: 'warning',
  });
  return outfile;
}

/** One thread at a time. */
export class Runner {
  #worker;
  #settings;
  #told = () => {}; // of what the thread says

  /** `settings`: { host, folder, seed }, of worker.mjs. */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * Runs a program once. `onLine` gets what it prints and may return true to say that a test has begun or ended, which
   * starts the time limit anew. Resolves to { code } or { error, frames } or { timeout: true }.
   */
  run(module, args, place, seconds, onLine = () => false) {
    this.#worker ??= this.#start();
    return new Promise((resolve) => {
      let timer;
      const restart = () => {
        clearTimeout(timer);
        timer = setTimeout(async () => {
          this.#told = () => {};
          await this.end();
          resolve({ timeout: true });
        }, seconds * 1000);
      };
      this.#told = (message) => {
        if (message.line === undefined) {
          clearTimeout(timer);
          resolve(message);
        } else if (onLine(message.line)) restart();
      };
      restart();
      this.#worker.postMessage({ module, args, place });
    });
  }

  #start() {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: this.#settings,
    });
    const broken = (error) => {
      if (this.#worker !== worker) return; // ended by us
      this.#worker = undefined;
      this.#told({ error: `the thread ended: ${error?.stack ?? error}`, frames: [] });
    };
    worker.on('message', (message) => this.#told(message));
    worker.on('error', broken);
    worker.on('exit', broken);
    return worker;
  }

  /** Ends the thread; what it left on disk is removed with the folder of all. */
  async end() {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

export const compileModule = async (file) => WebAssembly.compile(fs.readFileSync(file));
