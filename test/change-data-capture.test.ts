// runtime: node
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MemoryFileSystem, type RocksDB, SeededRandom } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { ledgerIsClean, makeEngine, openAt } from './support/open.js';

const EXAMPLE = new URL('../examples/change-data-capture.mjs', import.meta.url);

type Replicate = (
  source: RocksDB,
  target: RocksDB,
  options?: { follow?: boolean; signal?: AbortSignal; familyOptions?: () => object },
) => Promise<void>;
const example: { replicate: Replicate } = await import(EXAMPLE.href);

const MERGES = { mergeOperator: 'stringappend' } as const;
const replicate: Replicate = (source, target, options) =>
  example.replicate(source, target, { familyOptions: () => MERGES, ...options });

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Everything in a database, its own column families for replication aside. */
function contents(db: RocksDB): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const name of [...db.columnFamilyNames].sort()) {
    if (name === 'replication') continue;
    const columnFamily = db.columnFamily(name);
    using entries = db.iterator({
      ...(columnFamily === undefined ? {} : { columnFamily }),
      keyEncoding: 'utf8',
      valueEncoding: 'utf8',
    });
    all[name] = [...entries].map(([key, value]) => `${key}=${value}`);
  }
  return all;
}

async function opened(more: object = { walTtlSeconds: 3600 }) {
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem() });
  const options = { engine, createIfMissing: true, ...MERGES, ...more };
  const source = await openAt('/source', options);
  const target = await openAt('/target', options);
  return { engine, source, target };
}

/** A writer of everything that a batch can hold, the same for a seed. */
function writer(source: RocksDB, seed: number) {
  const random = new SeededRandom(seed);
  const below = (limit: number) => {
    const bytes = new Uint8Array(4);
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
  const other = source.columnFamily('other') ?? source.createColumnFamily('other', MERGES);
  return (count: number) => {
    for (let i = 0; i < count; i++) {
      const key = `k${below(200)}`;
      const columnFamily = below(2) === 0 ? other : source.defaultColumnFamily;
      using batch = source.batch();
      batch.put(key, `v${i} of ${seed}`, { columnFamily });
      if (below(3) === 0) batch.delete(`k${below(200)}`, { columnFamily });
      if (below(4) === 0) batch.merge(`m${below(20)}`, `${i}`, { columnFamily });
      const begin = `k${below(20)}`;
      if (below(10) === 0) batch.deleteRange(begin, `${begin}:`, { columnFamily });
      source.write(batch);
      if (below(40) === 0) source.flush();
    }
  };
}

describe('the follower of the example', () => {
  it('copies what is there, and follows', async () => {
    const { engine, source, target } = await opened();
    const write = writer(source, 1);
    write(300);
    const controller = new AbortController();
    const done = replicate(source, target, { signal: controller.signal }).catch((error) => error);
    write(100);
    await turn();
    expect(contents(target)).toEqual(contents(source));
    write(100);
    await turn();
    expect(contents(target)).toEqual(contents(source));
    expect(contents(source).other?.length).toBeGreaterThan(50);
    controller.abort();
    expect(await done).toMatchObject({ name: 'AbortError' });
    source.close();
    target.close();
    ledgerIsClean(engine);
  });

  it('resumes wherever it was interrupted, and repeats nothing', async () => {
    const { source, target } = await opened();
    const write = writer(source, 2);
    write(20);
    await replicate(source, target, { follow: false });
    // A merge would be seen twice if an update was applied twice.
    for (let round = 0; round < 10; round++) {
      write(40);
      const original = target.write;
      let left = 17;
      target.write = (...args) => {
        if (left-- === 0) throw new Error('interrupted');
        original.apply(target, args);
        // The write was done; its caller does not hear of it.
        if (left === 0 && round % 2 === 0) throw new Error('interrupted');
      };
      await expect(replicate(source, target, { follow: false })).rejects.toThrow('interrupted');
      target.write = original;
    }
    await replicate(source, target, { follow: false });
    expect(contents(target)).toEqual(contents(source));
    expect(contents(source).default?.some((entry) => entry.includes(','))).toBe(true);
  });

  it('begins anew when the log does not reach back', async () => {
    const { source, target } = await opened({});
    const write = writer(source, 3);
    write(50);
    await replicate(source, target, { follow: false });
    write(50);
    source.deleteRange('k', 'l');
    source.flush({}); // without a TTL the log is gone
    source.put('last', 'one', { disableWAL: true });
    await replicate(source, target, { follow: false });
    expect(contents(target)).toEqual(contents(source));
    expect(contents(target).default?.at(0)).toBe('last=one');
  });

  it('runs as it stands', () => {
    const output = execFileSync(process.execPath, [fileURLToPath(EXAMPLE)], { encoding: 'utf8' });
    expect(output).toContain('following: the target has what the source has');
    expect(output).toContain('stopped: AbortError');
    expect(output).toContain('resumed: 4 operations'); // two, and where the log goes on
  });
});
