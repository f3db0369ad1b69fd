// A worker thread that runs RocksDB's test programs, each call of main() in an instance of its own.
//
// In: { module, args, place }. Out: { line } for each line that the program prints, then { code } (what main()
// returned) or { error, frames } (how it stopped).
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { createWasi, GuestExit, MemoryFileSystem, NodeFileSystem, SeededRandom, systemClock } =
  await import(workerData.host);

/** The system's clock, but for sleep: that moves it on, and costs nothing. */
class SkippingClock {
  #skipped = 0n;
  realtimeNs = () => systemClock.realtimeNs() + this.#skipped;
  monotonicNs = () => systemClock.monotonicNs() + this.#skipped;
  cpuNs = () => systemClock.cpuNs();
  sleep(ns) {
    if (ns > 0n) this.#skipped += ns;
  }
}

/** A folder of the disk as the root of what the program sees. */
class FolderFileSystem extends NodeFileSystem {
  #folder;

  constructor(folder) {
    super();
    this.#folder = folder;
    const { locks } = this;
    this.locks = {
      acquire: (path) => locks.acquire(folder + path),
      forget: (path) => locks.forget(folder + path),
    };
  }

  open = (path, flags) => super.open(this.#folder + path, flags);
  openDirectory = (path) => super.openDirectory(this.#folder + path);
  stat = (path) => super.stat(this.#folder + path);
  setModified = (path, time) => super.setModified(this.#folder + path, time);
  readDirectory = (path) => super.readDirectory(this.#folder + path);
  createDirectory = (path) => super.createDirectory(this.#folder + path);
  removeDirectory = (path) => super.removeDirectory(this.#folder + path);
  removeFile = (path) => super.removeFile(this.#folder + path);
  rename = (from, to) => super.rename(this.#folder + from, this.#folder + to);
  link = (from, to) => super.link(this.#folder + from, this.#folder + to);
}

/** Where the program's files go: in memory, or to a folder on disk that is removed afterwards. */
function makePlace(place, clock) {
  let fileSystem = new MemoryFileSystem(clock);
  let remove = () => {};
  if (place === 'disk') {
    const folder = fs.mkdtempSync(path.join(workerData.folder, 't-'));
    fileSystem = new FolderFileSystem(folder);
    remove = () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  // Where wasm/env says that tests belong.
  fileSystem.createDirectory('/rocksdbtest');
  fileSystem.createDirectory('/tmp');
  return { fileSystem, remove };
}

class Program {
  #exports;
  #fatal;
  #wasi;

  constructor(module, place, clock, print) {
    let views;
    const memory = () => {
      const { buffer } = this.#exports.memory;
      if (views?.view.buffer !== buffer)
        views = { u8: new Uint8Array(buffer), view: new DataView(buffer) };
      return views;
    };
    const text = (at, length) =>
      new TextDecoder().decode(memory().u8.subarray(at >>> 0, (at >>> 0) + (length >>> 0)));
    const random = new SeededRandom(workerData.seed);
    const { fileSystem } = place;
    this.#wasi = createWasi({ fileSystem, memory, clock, random, stderr: print });
    this.#wasi.fds.addPreopen('/');
    const host = {
      fatal: (_reason, at, length) => {
        this.#fatal = text(at, length);
      },
      memory_grown() {},
      trace_allocation() {},
      trace_free() {},
      // Functions of the program's: tests have none.
      call: () => 0,
      retain() {},
      release() {},
      lock_file: (at, length) => this.#wasi.lockFile(text(at, length)),
      unlock_file: (at, length) => this.#wasi.unlockFile(text(at, length)),
    };
    const imports = { wasi_snapshot_preview1: this.#wasi.imports, rocksdb_host: host };
    this.#exports = new WebAssembly.Instance(module, imports).exports;
    this.#guard(() => this.#exports._initialize());
  }

  main(args) {
    for (const arg of args) this.#word(arg);
    return this.#guard(() => this.#exports.rdb_test_main());
  }

  end() {
    this.#wasi.dispose();
  }

  #word(word) {
    const bytes = new TextEncoder().encode(word);
    const at = this.#exports.rdb_test_room(bytes.length) >>> 0;
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    this.#exports.rdb_test_word(at, bytes.length);
  }

  /** A trap is told with the reason that the engine gave for it. */
  #guard(run) {
    try {
      return run();
    } catch (error) {
      if (error instanceof GuestExit) return error.exitCode;
      const frames = (error.stack ?? '').split('\n').slice(1, 30).map(frameName);
      const reason = this.#fatal ?? error.message ?? String(error);
      throw Object.assign(new Error(reason), { frames });
    }
  }
}

const frameName = (frame) =>
  frame
    .trim()
    .replace(/ \(wasm:.*$/, '')
    .replace(/\(<anonymous>\)/, '');

function runOnce({ module, args, place: kind }) {
  const clock = new SkippingClock();
  const place = makePlace(kind, clock);
  let program;
  try {
    program = new Program(module, place, clock, (line) => parentPort.postMessage({ line }));
    parentPort.postMessage({ code: program.main(args) });
  } catch (error) {
    parentPort.postMessage({ error: error.message, frames: error.frames ?? [error.stack] });
  } finally {
    program?.end();
    place.remove();
  }
}

parentPort.on('message', runOnce);
