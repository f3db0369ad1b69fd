import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import {
  Engine,
  type FileSystem,
  ManualClock,
  MemoryFileSystem,
  NodeFileSystem,
  RocksDB,
  SeededRandom,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../src/wasi/random.js';
import { tempFolder, wasmModule } from './support/open.js';

interface Outcome {
  /** sha256 of every file, by name; the lock's own record, which names the process, aside. */
  readonly files: Readonly<Record<string, string>>;
  readonly owners: unknown;
  readonly highWaterBytes: number;
  readonly linearMemoryBytes: number;
  readonly operations: number;
  readonly digest: string;
}

function contents(fileSystem: FileSystem, path: string): Uint8Array {
  const flags = { read: true, write: false, create: false, exclusive: false, truncate: false };
  const file = fileSystem.open(path, flags);
  const bytes = new Uint8Array(file.stat().size);
  for (let at = 0; at < bytes.length; ) at += file.read(bytes.subarray(at), at);
  file.close();
  return bytes;
}

/** A mixed workload that depends on nothing but the seed and the path. */
async function run(fileSystem: FileSystem, path: string, seed: number): Promise<Outcome> {
  const engine = await Engine.create({
    wasm: await wasmModule(),
    clock: new ManualClock({ stepNs: 1000n }),
    random: new SeededRandom(seed),
    fileSystem,
  });
  const db = await RocksDB.open(path, {
    engine,
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    writeBufferSize: 256 * 1024,
    compression: 'lz4',
  });
  const state = new Uint32Array([seed, 1, 2, 3]);
  const below = (limit: number) => xoshiro128(state) % limit;
  const family = db.createColumnFamily('index', { compression: 'zstd', writeBufferSize: 65536 });
  const seen = createHash('sha256');
  for (let i = 0; i < 20_000; i++) {
    const key = `key${below(5000)}`;
    switch (below(20)) {
      case 0:
        db.delete(key);
        break;
      case 1: {
        const batch = db.batch();
        for (let j = 0; j < 10; j++) batch.put(`batch${below(500)}`, `${i}.${j}`);
        batch.put(key, 'indexed', { columnFamily: family });
        db.write(batch, { sync: below(10) === 0 });
        batch.free();
        break;
      }
      case 2: {
        const snapshot = db.snapshot();
        const iterator = db.iterator({ gte: key, limit: 20, snapshot });
        for (const [k, v] of iterator) seen.update(k).update(v);
        iterator.free();
        snapshot.free();
        break;
      }
      case 3:
        seen.update(db.get(key) ?? 'none');
        break;
      default:
        db.put(key, 'x'.repeat(below(200)) + i);
    }
    if (i % 5000 === 4999) db.flush();
    if (i % 10_000 === 9999) db.compactRange();
  }
  const { owners, highWaterBytes, linearMemoryBytes, operations } = engine.heap.report();
  db.close();
  engine.free();
  const files: Record<string, string> = {};
  for (const { name } of fileSystem.readDirectory(path)) {
    if (name.startsWith('LOCK.owner')) continue;
    files[name] = createHash('sha256')
      .update(contents(fileSystem, `${path}/${name}`))
      .digest('hex');
  }
  return {
    files,
    owners,
    highWaterBytes,
    linearMemoryBytes,
    operations,
    digest: seen.digest('hex'),
  };
}

describe('the same seed, path, clock and randomness', () => {
  it('give the same files to the byte, LOG and IDENTITY included, and the same heap', async () => {
    const path = `${tempFolder()}/db`;
    const again = (seed: number) => {
      fs.rmSync(path, { recursive: true, force: true });
      return run(new NodeFileSystem(), path, seed);
    };
    const first = await again(42);
    const names = Object.keys(first.files);
    expect(names.filter((name) => name.endsWith('.sst')).length).toBeGreaterThan(0);
    for (const name of ['CURRENT', 'IDENTITY', 'LOG']) expect(names).toContain(name);
    expect(await again(42)).toEqual(first);
    const other = await again(43);
    expect(other.files).not.toEqual(first.files);
    expect(other.digest).not.toBe(first.digest);
  });

  it('give the same on every runtime', async () => {
    // In memory, since the path goes into the files and the runtimes run side by side. The matrix gives
    // them all one folder to compare in; alone, this one is the first and only one.
    const outcome = await run(new MemoryFileSystem(new ManualClock()), '/determinism/db', 7);
    const shared = process.env.ROCKSDB_WASM_SHARED_FOLDER ?? tempFolder();
    const record = `${shared}/determinism.json`;
    const mine = `${shared}/determinism-${process.pid}.json`;
    fs.writeFileSync(mine, JSON.stringify(outcome));
    try {
      fs.linkSync(mine, record);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    expect(outcome).toEqual(JSON.parse(fs.readFileSync(record, 'utf8')));
  });
});
