// runtime: node
/** That nothing of the package's classes is missing in a worker without a reason. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as api from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { CLASSES, SKIPPED } from '../../scripts/worker-map.mjs';
import { MEMBERS, STATICS } from '../../src/worker/api.gen.js';
import { remoteClass } from '../../src/worker/remote.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
type Table = Readonly<Record<string, string>>;

/** Classes of the package that are none of the worker's, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  DamagedHeap: 'an error',
  FileSystemError: 'an error',
  LockHeldError: 'an error',
};

describe('the classes of a worker', () => {
  it('are what the sources say: each public member is in the table, or left out with a reason', () => {
    const check = spawnSync(process.execPath, ['scripts/gen-worker.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect([check.status, check.stderr]).toEqual([0, '']);
  });

  it('are all that the package exports, errors aside', () => {
    const isError = (value: { prototype?: unknown }) => value.prototype instanceof Error;
    const missing = Object.entries(api)
      .filter(([, value]) => typeof value === 'function' && /^class\b/.test(String(value)))
      .filter(([name, value]) => !isError(value as { prototype?: unknown }) && !(name in CLASSES))
      .map(([name]) => name);
    expect(missing.filter((name) => ELSEWHERE[name] === undefined)).toEqual([]);
  });

  it('have each member that the table names', () => {
    for (const name of Object.keys(MEMBERS) as (keyof typeof MEMBERS)[]) {
      const { prototype } = remoteClass(name);
      for (const [member, kind] of Object.entries(MEMBERS[name] as Table)) {
        if (member.startsWith('@') || kind === 'fact' || kind === 'local') continue;
        expect([name, member, member in prototype]).toEqual([name, member, true]);
      }
    }
    expect(Object.keys(STATICS)).toContain('RocksDB');
  });

  it('leave members out that there are, for a reason', () => {
    for (const [name, members] of Object.entries(SKIPPED)) {
      if (name === '*') continue;
      for (const [member, reason] of Object.entries(members as Table)) {
        expect(reason.length, `${name}.${member}`).toBeGreaterThan(10);
        expect(Object.hasOwn(MEMBERS[name as keyof typeof MEMBERS], member)).toBe(false);
      }
    }
  });
});
