// runtime: node
/**
 * Packages built on level, unchanged: each does the same on RocksLevel and on classic-level, in a process of its own.
 * The packages are installed beside the checkout: scripts/pinned.mjs.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { providePinned } from '../../scripts/pinned.mjs';
import { run } from '../../scripts/runtime-binaries.mjs';
import { longLivedFolder } from '../support/open.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const LEVEL = pathToFileURL(path.join(HERE, '../../dist/level.js')).href;
const PACKAGES = [
  'level-read-stream',
  'y-leveldb',
  'datastore-level',
  'blockstore-level',
  'fergies-inverted-index',
  'search-index',
  'quadstore',
];

let home = '';

beforeAll(async () => {
  const packages = await providePinned('ecosystem');
  home = longLivedFolder();
  // Node looks for packages beside the file that imports them.
  fs.symlinkSync(path.join(packages, 'node_modules'), path.join(home, 'node_modules'), 'junction');
  for (const name of ['scenarios.mjs', 'calls.mjs', 'leveldb.mjs']) {
    fs.copyFileSync(path.join(HERE, name), path.join(home, name));
  }
}, 300_000);

/** What a script puts into result.json of its folder. */
async function result(script: string, folder: string, ...args: string[]): Promise<unknown> {
  const into = path.join(home, folder);
  const ended = await run(process.execPath, [script, into, LEVEL, ...args], { cwd: home });
  expect(ended.code, ended.output).toBe(0);
  return JSON.parse(fs.readFileSync(path.join(into, 'result.json'), 'utf8'));
}

describe('packages built on level do on RocksLevel what they do on classic-level', () => {
  for (const name of PACKAGES) {
    it(name, async () => {
      const on = (which: string) => result('scenarios.mjs', `${name}-${which}`, name, which);
      const classic = await on('classic');
      expect(JSON.stringify(classic).length).toBeGreaterThan(400);
      expect(await on('rocks')).toEqual(classic);
    });
  }
});

describe('RocksLevel and classic-level', () => {
  const seeds = process.env.ROCKSDB_WASM_LONG === '1' ? 200 : 6;

  it('give the same for the same random calls, errors included', async () => {
    const differences = await result('calls.mjs', 'calls', '1', `${seeds}`);
    expect(differences).toEqual([]);
  });

  it("RocksLevel opens classic-level's directories, which are RocksDB's from then on", async () => {
    expect(await result('leveldb.mjs', 'leveldb')).toEqual({
      tables: true,
      same: true,
      written: true,
      compacted: true,
      reopened: true,
      left: [],
      copied: true,
      classicAgain: 'LEVEL_CORRUPTION',
    });
  });
});
