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
import { OPTIONS } from './rocksdb-c/options.js';
import { READS_AND_WRITES } from './rocksdb-c/reads-and-writes.js';
import { makeWorld, type Phases } from './rocksdb-c/world.js';
import { tempFolder } from './support/open.js';

const SUITES: readonly Phases[] = [BASICS, READS_AND_WRITES, BEHAVIOUR, OPTIONS];

const SOURCE = fileURLToPath(new URL('../rocksdb-src/rocksdb/db/c_test.c', import.meta.url));

const PLACES: readonly [where: string, make: () => { fileSystem: FileSystem; folder: string }][] = [
  ['on disk', () => ({ fileSystem: new NodeFileSystem(), folder: tempFolder() })],
  ['in memory', () => ({ fileSystem: new MemoryFileSystem(), folder: '' })],
];

describe.each(PLACES)('c_test %s', (_where, make) => {
  for (const [name, phase] of SUITES.flatMap((suite) => Object.entries(suite))) {
    it(name, async () => {
      const { fileSystem, folder } = make();
      await phase(await makeWorld(fileSystem, folder));
    });
  }
});
