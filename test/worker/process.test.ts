// runtime: node
/** What a worker means for its process: in programs of their own. */
import { execFile, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openAt, tempFolder } from '../support/open.js';

const PACKAGE = new URL('../../dist/worker.js', import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Runs a program with `rocks` and `db`, an open database in a folder; kills it when it says `kill me`. */
function run(folder: string, program: string): Promise<Ended> {
  const file = `${folder}/program.mjs`;
  const begin = `import { RocksDBWorker } from ${JSON.stringify(PACKAGE)};
const rocks = await RocksDBWorker.start();
const db = await rocks.RocksDB.open(${JSON.stringify(`${folder}/db`)}, { createIfMissing: true });
`;
  fs.writeFileSync(file, begin + program);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const heard = (chunk: Buffer) => {
    output += String(chunk);
    if (output.includes('kill me')) child.kill('SIGKILL');
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

async function valuesIn(folder: string, count: number): Promise<number> {
  const db = await openAt(`${folder}/db`);
  const keys = Array.from({ length: count }, (_, i) => `k${i}`);
  return db.getMany(keys).filter((value) => value !== undefined).length;
}

describe('a process with a worker', () => {
  it('ends by itself when nothing waits, and has lost nothing that was acknowledged', async () => {
    const folder = tempFolder();
    const program = `for (let i = 0; i < 100; i++) await db.put('k' + i, 'v'); console.log('done');`;
    const ended = await run(folder, program);
    expect([ended.code, ended.output]).toEqual([0, 'done\n']);
    expect(await valuesIn(folder, 100)).toBe(100);
  });

  it('does not end before the answers of calls that nobody waits for', async () => {
    const folder = tempFolder();
    const ended = await run(
      folder,
      `for (let i = 0; i < 100; i++) db.put('k' + i, 'v'); db.flush().then(() => console.log('flushed'));`,
    );
    expect([ended.code, ended.output]).toEqual([0, 'flushed\n']);
    expect(await valuesIn(folder, 100)).toBe(100);
  });

  it('may be killed: what was acknowledged is there, and the lock is free', async () => {
    const folder = tempFolder();
    const ended = await run(
      folder,
      `for (let i = 0; ; i++) { await db.put('k' + i, 'v'); if (i === 500) console.log('kill me'); }`,
    );
    expect(ended.signal).toBe('SIGKILL');
    expect(await valuesIn(folder, 501)).toBe(501);
  });

  it('tells of an error in the worker that nothing catches, once, where a call waits for it', async () => {
    const folder = tempFolder();
    const setup = `${folder}/setup.mjs`;
    fs.writeFileSync(setup, 'export function end() { process.exit(7); }');
    const ended = await run(
      folder,
      `const other = await RocksDBWorker.start({ setup: ${JSON.stringify(`file://${setup}`)} });
      await other.run('end').catch((error) => console.log(error.code, error.message));`,
    );
    expect(ended.code).toBe(0);
    expect(ended.output).toMatch(
      /^ERR_ROCKSDB_WORKER_GONE the worker has ended: it ended with 7\n$/,
    );
  });
});

describe('the example', () => {
  it('compacts in the worker', async () => {
    const example = fileURLToPath(new URL('../../examples/worker.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [example]);
    expect(stdout).toMatch(/^compacted in \d+ ms; .*\n65536 entries\n$/);
  });
});

describe('the package', () => {
  it('has the worker beside its entry', () => {
    const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
    const text = fs.readFileSync(`${dist}/worker.js`, 'utf8');
    expect(text).toMatch(/new Worker\d?\(new URL\("\.\/worker-thread\.js", import\.meta\.url\)/);
    expect(fs.existsSync(`${dist}/worker-thread.js`)).toBe(true);
  });
});
