// runtime: node
import process from 'node:process';
import type { Background, HandleKind } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { HANDLE_KINDS } from '../src/monitor/ledger.js';
import { Workload } from './identity/workload.js';
import { makeWorld } from './identity/world.js';

/**
 * Operations of all seeds together, fewer of them for the debug build. ROCKSDB_WASM_IDENTITY_OPERATIONS asks for
 * another number.
 */
const DEBUG = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
const OPERATIONS = Number(
  process.env.ROCKSDB_WASM_IDENTITY_OPERATIONS ?? (DEBUG ? 40_000 : 200_000),
);
const RUNS: readonly [Background, number][] = [
  ['inline', 1],
  ['inline', 2],
  ['manual', 3],
  ['manual', 4],
];

describe('sum over owners + headers + allocator overhead = what the allocator says is in use', () => {
  const met = new Set<string>();
  const made = new Set<HandleKind>();
  const operations = Math.ceil(OPERATIONS / RUNS.length);
  for (const [background, seed] of RUNS) {
    it(`after each of ${operations} random operations, ${background}, seed ${seed}`, async () => {
      const world = await makeWorld(background, seed);
      const workload = new Workload(world);
      await workload.run(operations);
      workload.close();
      for (const code of world.errors.keys()) met.add(code);
      for (const { kind, created } of world.engine.heap.report().kinds) {
        if (created > 0) made.add(kind);
      }
    }, 1_800_000);
  }

  it('and all bytes come back: one workload twice on one engine', async () => {
    const world = await makeWorld('inline', 5);
    const { engine } = world;
    const owners: unknown[] = [];
    // The first time makes what is made once and kept.
    for (let round = 0; round < 3; round++) {
      world.begin();
      const workload = new Workload(world);
      await workload.run(Math.ceil(operations / 20));
      workload.close();
      owners.push(engine.heap.owners());
    }
    expect(owners[2]).toEqual(owners[1]);
  }, 1_800_000);

  it('with every kind of handle among them', () => {
    expect([...made].sort()).toEqual([...HANDLE_KINDS].sort());
  });

  it('with every error path among them', () => {
    const codes = [
      // Those that come too seldom for fewer operations.
      ...(OPERATIONS >= 200_000 ? ['ABORTED', 'COLUMN_FAMILY_DROPPED'] : []),
      'ACCESS_DENIED',
      'BACKGROUND_PAUSED',
      'CALLBACK',
      'CORRUPTION',
      'DATABASE_MISSING',
      'DATABASE_SHARED',
      'HANDLE_BUSY',
      'HANDLE_FREED',
      'INVALID_ARGUMENT',
      'INVALID_OPTION',
      'IO_ERROR',
      'LOCKED',
      'LOCK_TIMEOUT',
      'LOG_GAP',
      'NOT_FOUND',
      'NOT_SUPPORTED',
      'NO_SPACE',
      'PATH_NOT_FOUND',
      'POOL_EXHAUSTED',
      'TIMED_OUT',
      'TOO_LARGE',
      'TOO_MANY_OPEN_FILES',
      'WAL_LOCKED',
      'WRITE_CONFLICT',
    ].map((code) => `ERR_ROCKSDB_${code}`);
    // Others, such as a limit that is reached seldom, may be among them.
    expect([...met].sort()).toEqual(expect.arrayContaining(codes));
  });
});
