// runtime: node
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { longLivedFolder } from './support/open.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

const USER = `
import { type AnyColumnFamily, Cache, type HeapReport, MemoryFileSystem, RocksDB, type Snapshot } from 'rocksdb-wasm';
import { assertNoLeak, type Leak, LeakError, withDb } from 'rocksdb-wasm/testing';
import { FaultFileSystem, type FaultRule } from 'rocksdb-wasm/faults';
import { type AsyncRocksDB, type AsyncSnapshot, fromSetup, RocksDBWorker } from 'rocksdb-wasm/worker';
import { LevelError, RocksLevel, type RocksLevelOptions } from 'rocksdb-wasm/level';
import { expect } from 'vitest';
import { test } from 'rocksdb-wasm/vitest';
import promClient from 'prom-client';
import {
  type DebugServer,
  debugHandler,
  type HeapPicture,
  heapPicture,
  nodeDebugHandler,
  pprofProfile,
  promCollector,
  serveDebug,
} from 'rocksdb-wasm/debug';
import { createServer } from 'node:http';

export const open = () => RocksDB.open('/db', { keyEncoding: 'utf8', valueEncoding: 'json' });
type Db = Awaited<ReturnType<typeof open>>;

export function read(db: Db, family: AnyColumnFamily, snapshot: Snapshot): string[] {
  using iterator = db.iterator({ columnFamily: family, snapshot, prefix: 'a' });
  return [...iterator].map(([key]) => key);
}

const rules: FaultRule[] = [{ operation: 'sync', path: '*.log', call: 3, errno: 'EIO' }];
export const fileSystem = new FaultFileSystem(new MemoryFileSystem(), { seed: 7, rules });
export const drill = () => RocksDB.open('/db', { fileSystem });

export const report = (db: Db): HeapReport => db.heap.report();
export const leaksOf = (error: unknown): readonly Leak[] =>
  error instanceof LeakError ? error.leaks : [];
export const check = (db: Db) =>
  assertNoLeak(() => new Cache(db.engine, { capacity: 1 << 20 }), { rounds: 4, db });
export const length: Promise<number> = withDb((db) => db.get('k')?.length ?? 0);

export const picture = (db: Db): HeapPicture => heapPicture(db.heap);
export const profile: Uint8Array = pprofProfile({} as HeapPicture);
export const served: Promise<DebugServer> = serveDebug({ port: 0, refreshMs: 500 });
export const handled = (db: Db): Promise<Response> =>
  debugHandler({ engines: [db] })(new Request('http://localhost/metrics'));
export const server = createServer(nodeDebugHandler({ basePath: '/internal' }));
export const collected: () => void = promCollector(promClient, { register: new promClient.Registry() });
// @ts-expect-error: only engines and databases have pages
debugHandler({ engines: ['db'] });

test('types', async ({ db }) => {
  await expect(() => db.snapshot()).toNotLeak({ rounds: 2 });
  expect(db).toHaveNoLiveHandles();
});

const options: RocksLevelOptions<string, { n: number }> = {
  valueEncoding: 'json',
  cacheSize: 1 << 20,
  rocksdb: { tracking: 'track' },
};
export async function level(): Promise<number | undefined> {
  await using db = new RocksLevel<string, { n: number }>('./db', options);
  await db.put('k', { n: 1 }, { sync: true });
  await db.batch([{ type: 'put', key: 'a', value: { n: 2 } }], { sync: true });
  await db.batch().put('b', { n: 3 }).write({ sync: true });
  const users = db.sublevel<string, Uint8Array>('users', { valueEncoding: 'view' });
  const bytes: Uint8Array | undefined = await users.get('u');
  for await (const [key, value] of db.iterator({ gte: 'a', highWaterMarkBytes: 1 << 16 })) {
    if (key.length + value.n + (bytes?.length ?? 0) > 9) break;
  }
  const snapshot = db.snapshot();
  const sequence: bigint = snapshot.rocksdb.sequenceNumber;
  const report: HeapReport = db.rocksdb.heap.report();
  expect([sequence, report]).toBeDefined();
  return db.getSync('k', { snapshot })?.n;
}
export async function inWorker(): Promise<string | undefined> {
  await using rocks = await RocksDBWorker.start({ setup: './operators.js' });
  const db: AsyncRocksDB<'utf8', 'json'> = await rocks.RocksDB.open('/db', {
    keyEncoding: 'utf8',
    valueEncoding: 'json',
    comparator: fromSetup('backwards'),
    listeners: [{ onFlushCompleted: ({ jobId }) => console.log(jobId) }],
  });
  await using snapshot: AsyncSnapshot = await db.snapshot();
  const text: string | undefined = await db.get('k', { snapshot, valueEncoding: 'utf8' });
  const many: (Uint8Array | undefined)[] = await db.getMany(['k'], { valueEncoding: 'view' });
  const sequence: bigint = await db.latestSequenceNumber;
  const path: string = db.path;
  await using iterator = await db.iterator({ keyEncoding: 'view', valueEncoding: 'utf8' });
  for await (const [key, value] of iterator) console.log(key.length, value.toUpperCase());
  const batch = db.batch().put('a', { n: 1 }).delete('b');
  await db.write(batch);
  const locking = await rocks.TransactionDB.open('/tx');
  const transaction = await locking.beginTransaction({ lockTimeout: 1n });
  await transaction.commit();
  const report: HeapReport = await db.engine.heap.report();
  expect([many, sequence, path, report]).toBeDefined();
  // @ts-expect-error: a value is a promise
  const wrong: string = db.get('k');
  // @ts-expect-error: a snapshot of a worker is no snapshot of this thread's
  const local: Snapshot = snapshot;
  // @ts-expect-error: no such option
  await db.get('k', { snapShot: snapshot });
  return text ?? String([wrong, local]);
}
export const codeOf = (error: unknown) => (error instanceof LevelError ? error.code : undefined);
// @ts-expect-error: what abstract-level calls is not declared
export const hidden = (db: RocksLevel) => db._get;
// @ts-expect-error: what is internal is not declared
export const pointer = (family: AnyColumnFamily) => family.pointer;
`;

function tsc(cwd: string, ...args: string[]): string {
  const result = spawnSync(process.execPath, [TSC, ...args], { cwd, encoding: 'utf8' });
  return result.stdout + result.stderr;
}

describe('the declarations', () => {
  let project = '';

  beforeAll(() => {
    project = longLivedFolder();
    const installed = path.join(project, 'node_modules/rocksdb-wasm');
    fs.mkdirSync(installed, { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
    const emit = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--stripInternal'];
    const out = path.join(installed, 'dist/types');
    expect(tsc(ROOT, '-p', 'tsconfig.build.json', ...emit, '--outDir', out)).toBe('');
    for (const name of [
      'vitest',
      '@types',
      'prom-client',
      'abstract-level',
      'level-supports',
      'level-transcoder',
    ]) {
      fs.symlinkSync(
        fs.realpathSync(path.join(ROOT, 'node_modules', name)),
        path.join(project, 'node_modules', name),
        'junction',
      );
    }
    fs.writeFileSync(path.join(project, 'user.mts'), USER);
  }, 300_000);

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    it(`are whole, and compile in a strict project of a user's: ${resolution}`, () => {
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        target: 'es2022',
        lib: ['esnext', 'dom'],
        types: ['node'],
        module,
        moduleResolution: resolution,
      };
      const config = JSON.stringify({ compilerOptions, include: ['user.mts'] });
      fs.writeFileSync(path.join(project, 'tsconfig.json'), config);
      const own = tsc(project, '-p', '.')
        .split('\n')
        .filter((line) => /rocksdb|user/.test(line));
      expect(own).toEqual([]);
    });
  }
});
