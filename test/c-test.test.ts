/**
 * The phases of RocksDB's own test of its C API (db/c_test.c), against this one: each does what that phase does,
 * and expects at least what it checks.
 */
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FileSystem, MemoryFileSystem, NodeFileSystem } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { BASICS } from './rocksdb-c/basics.js';
import { BEHAVIOUR } from './rocksdb-c/behaviour.js';
import { INSTANCES } from './rocksdb-c/instances.js';
import { COLUMN_FAMILY_OPTIONS, DB_OPTIONS } from './rocksdb-c/option-values.js';
import { OPTIONS } from './rocksdb-c/options.js';
import { READS_AND_WRITES } from './rocksdb-c/reads-and-writes.js';
import { TRANSACTIONS } from './rocksdb-c/transactions.js';
import { makeWorld, type Phases } from './rocksdb-c/world.js';
import { tempFolder } from './support/open.js';

const SUITES: readonly Phases[] = [
  BASICS,
  READS_AND_WRITES,
  BEHAVIOUR,
  OPTIONS,
  INSTANCES,
  TRANSACTIONS,
];

/** Names of c.h that are not RocksDB's own names of the options. */
const C_NAMES: Readonly<Record<string, string>> = {
  enableBlobGc: 'enableBlobGarbageCollection',
  blobGcAgeCutoff: 'blobGarbageCollectionAgeCutoff',
  blobGcForceThreshold: 'blobGarbageCollectionForceThreshold',
  WALTtlSeconds: 'walTtlSeconds',
  WALSizeLimitMB: 'walSizeLimitMB',
};

/** The levels of statistics are a matter of the object: phase `statistics`. */
const NO_OPTIONS = ['statisticsLevel'];

const SOURCE = fileURLToPath(new URL('../rocksdb-src/rocksdb/db/c_test.c', import.meta.url));

type Place = readonly [where: string, make: () => { fileSystem: FileSystem; folder: string }];
const PLACES: readonly Place[] = [
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '' })],
];

const camelCase = (snake: string) =>
  snake.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

describe.each(PLACES)('c_test %s', (_where, make) => {
  for (const [name, phase] of SUITES.flatMap((suite) => Object.entries(suite))) {
    it(name, async () => {
      const { fileSystem, folder } = make();
      await phase(await makeWorld(fileSystem, folder));
    });
  }
});

describe.skipIf(!fs.existsSync(SOURCE))("RocksDB's c_test.c", () => {
  it('has no phase that is not here', () => {
    const source = fs.readFileSync(SOURCE, 'utf8');
    const phases = [...source.matchAll(/^\s*StartPhase\("([^"]+)"\)/gm)].map(([, name]) => name);
    expect(phases.length).toBeGreaterThan(60);
    const here = SUITES.flatMap((suite) => Object.keys(suite));
    expect(here.sort()).toEqual(phases.sort());
  });

  it('sets no option, in its phase of that name, that is not set here', () => {
    const source = fs.readFileSync(SOURCE, 'utf8');
    const [, phase = ''] = /StartPhase\("options"\);([\s\S]*?)StartPhase\(/.exec(source) ?? [];
    const set = [...phase.matchAll(/rocksdb_options_set_(\w+)\(/g)].map(([, snake = '']) => {
      const name = camelCase(snake);
      return C_NAMES[name] ?? name;
    });
    const options = new Set(set.filter((name) => !NO_OPTIONS.includes(name)));
    expect([...options].sort()).toEqual(
      Object.keys({ ...DB_OPTIONS, ...COLUMN_FAMILY_OPTIONS }).sort(),
    );
  });
});
