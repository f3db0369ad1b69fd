// runtime: node
/**
 * The same wasm under Node's own implementation of wasi_snapshot_preview1 and under ours: the same calls have the same
 * results, and the databases are the same, to the byte where clock and randomness are.
 *
 * Node's has its folders mapped by name: the guest's absolute path must be the host's, as it is in this package.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { WASI } from 'node:wasi';
import { describe, expect, it } from 'vitest';
import { EngineInfoLayout, type RawExports } from '../../src/native/exports.gen.js';
import { type Clock, ManualClock, systemClock } from '../../src/wasi/clock.js';
import { createWasi } from '../../src/wasi/imports.js';
import { NodeFileSystem } from '../../src/wasi/node-fs.js';
import { type Random, SeededRandom, systemRandom } from '../../src/wasi/random.js';
import { wasmModule } from '../support/open.js';
import { RawDatabase, stubbedHost } from '../support/raw-database.js';
import { withFolder } from './helpers.js';

/** What makes files differ from one run to the next; undefined: each implementation's own. */
interface Injected {
  readonly clock: Clock;
  readonly random: Random;
}

const fixed = (): Injected => ({
  clock: new ManualClock({ stepNs: 1000n }),
  random: new SeededRandom(5),
});

type Host = (folder: string, injected?: Injected) => Promise<RawDatabase>;

function ready(raw: RawExports): RawDatabase {
  return new RawDatabase(raw, EngineInfoLayout.errorMessage, EngineInfoLayout.byteLength);
}

const nodes: Host = async (folder, injected) => {
  const wasi = new WASI({ version: 'preview1', preopens: { [folder]: folder } });
  const imports = { ...wasi.wasiImport } as Record<string, unknown>;
  let raw: RawExports | undefined;
  const buffer = () => (raw as RawExports).memory.buffer;
  if (injected !== undefined) {
    const { clock, random } = injected;
    imports.clock_time_get = (id: number, _precision: bigint, out: number) => {
      const time = id === 0 ? clock.realtimeNs() : id === 1 ? clock.monotonicNs() : clock.cpuNs();
      new DataView(buffer()).setBigUint64(out, time, true);
      return 0;
    };
    imports.random_get = (at: number, length: number) => {
      random.fill(new Uint8Array(buffer(), at >>> 0, length >>> 0));
      return 0;
    };
  }
  const instance = await WebAssembly.instantiate(await wasmModule(), {
    wasi_snapshot_preview1: imports as WebAssembly.ModuleImports,
    rocksdb_host: stubbedHost(buffer),
  });
  raw = instance.exports as unknown as RawExports;
  wasi.initialize(instance);
  return ready(raw);
};

const ours: Host = async (folder, injected) => {
  let raw: RawExports | undefined;
  const buffer = () => (raw as RawExports).memory.buffer;
  const wasi = createWasi({
    fileSystem: new NodeFileSystem(),
    memory: () => ({ u8: new Uint8Array(buffer()), view: new DataView(buffer()) }),
    clock: injected?.clock ?? systemClock,
    random: injected?.random ?? systemRandom,
  });
  wasi.fds.addPreopen(folder);
  const instance = await WebAssembly.instantiate(await wasmModule(), {
    wasi_snapshot_preview1: wasi.imports as WebAssembly.ModuleImports,
    rocksdb_host: stubbedHost(buffer),
  });
  raw = instance.exports as unknown as RawExports;
  raw._initialize();
  return ready(raw);
};

const OPTIONS =
  'create_if_missing=true;create_missing_column_families=true;max_file_opening_threads=1';
const FAMILIES = {
  default: 'write_buffer_size=65536;target_file_size_base=32768;compression=kLZ4Compression',
  other: 'write_buffer_size=65536;compression=kZSTD;merge_operator=uint64add',
};
const PROPERTIES = [
  'rocksdb.levelstats',
  'rocksdb.estimate-num-keys',
  'rocksdb.num-entries-active-mem-table',
  'rocksdb.num-live-versions',
  'rocksdb.base-level',
  'rocksdb.background-errors',
  'rocksdb.aggregated-table-properties',
];

/** Some 3,000 writes of both families, with all that can become of them. */
function write(db: RawDatabase, seed: number): void {
  const bytes = new Uint8Array(4);
  const random = new SeededRandom(seed);
  const next = (limit: number) => {
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0, true) % limit;
  };
  const key = () => `key${String(next(1500)).padStart(6, '0')}`;
  for (let i = 0; i < 3000; i++) {
    const [family, what] = [next(2), next(100)];
    if (what < 80) db.put(family, key(), `${i}:`.repeat(next(60)), what === 0);
    else if (what < 97) db.delete(family, key());
    else if (what < 98) db.deleteRange(family, 'key000700', `key000${700 + next(200)}`);
    else if (what < 99) db.flush(family);
    if (i % 50 === 0) db.pump();
  }
}

/** All that can be seen of an open database. */
function observe(db: RawDatabase): unknown {
  return [0, 1].map((family) => ({
    forwards: db.scan(family, false),
    backwards: db.scan(family, true),
    some: [0, 7, 700, 701, 1499, 9999].map((n) =>
      db.get(family, `key${String(n).padStart(6, '0')}`),
    ),
    properties: PROPERTIES.map((name) => db.property(family, name)),
  }));
}

/** Creates a database, writes, compacts, reopens, and leaves it without closing it. Returns all that was seen. */
async function live(host: Host, folder: string, injected?: () => Injected): Promise<unknown[]> {
  const seen: unknown[] = [];
  const first = await host(folder, injected?.());
  first.open(`${folder}/db`, OPTIONS, FAMILIES);
  write(first, 1);
  seen.push(observe(first));
  first.compact(0);
  first.compact(1);
  seen.push(observe(first));
  expect(() => first.open(`${folder}/none/db`, 'create_if_missing=false', FAMILIES)).toThrow(
    /status/,
  );
  first.close();

  const second = await host(folder, injected?.());
  second.open(`${folder}/db`, OPTIONS, FAMILIES);
  seen.push(observe(second));
  write(second, 2);
  second.put(0, 'last', 'synced', true);
  seen.push(observe(second));

  // As after a crash: from the log.
  const third = await host(folder, injected?.());
  third.open(`${folder}/db`, OPTIONS, FAMILIES);
  expect(third.get(0, 'last')).toBe('synced');
  seen.push(observe(third));
  third.close();
  return seen;
}

function filesOf(folder: string): Record<string, string> {
  const names = fs.readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => {
      const content = fs.readFileSync(`${folder}/${name}`);
      return [name, `${content.length} ${createHash('sha256').update(content).digest('hex')}`];
    }),
  );
}

describe('under node:wasi and under our shim', () => {
  it('the same calls see the same, with the clock and randomness of each', () =>
    withFolder(async (folder) => {
      const theirs = await live(nodes, folder);
      fs.renameSync(`${folder}/db`, `${folder}/theirs`);
      const own = await live(ours, folder);
      expect(own.length).toBe(5);
      expect(own).toEqual(theirs);
    }));

  it('databases are the same to the byte, with the same clock and randomness', () =>
    withFolder(async (folder) => {
      const theirs = await live(nodes, folder, fixed);
      const theirFiles = filesOf(`${folder}/db`);
      fs.renameSync(`${folder}/db`, `${folder}/theirs`);
      const own = await live(ours, folder, fixed);
      expect(own).toEqual(theirs);
      const names = Object.keys(theirFiles).map((name) => name.replace(/\d+/g, '#'));
      for (const name of ['CURRENT', 'MANIFEST-#', 'OPTIONS-#', '#.sst', '#.log', 'LOG']) {
        expect(names).toContain(name);
      }
      expect(filesOf(`${folder}/db`)).toEqual(theirFiles);
    }));

  it('each reads what the other has left without closing it', () =>
    withFolder(async (folder) => {
      for (const [writer, reader] of [
        [nodes, ours],
        [ours, nodes],
      ] as const) {
        const left = await writer(folder);
        left.open(`${folder}/db`, OPTIONS, FAMILIES);
        write(left, 3);
        left.put(1, 'last', 'synced', true);
        const found = await reader(folder);
        found.open(`${folder}/db`, OPTIONS, FAMILIES);
        for (const family of [0, 1]) {
          expect(found.scan(family, false)).toEqual(left.scan(family, false));
        }
        expect(found.get(1, 'last')).toBe('synced');
        found.close();
        fs.rmSync(`${folder}/db`, { recursive: true });
      }
    }));
});
