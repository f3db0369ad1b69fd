// runtime: node
/** What is published: which files, how large, for whom. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { providePinned } from '../../scripts/pinned.mjs';
import { longLivedFolder } from '../support/open.js';
import { npm, type Package, packed, ROOT } from './project.js';

const MANIFEST = JSON.parse(fs.readFileSync(`${ROOT}package.json`, 'utf8'));

describe('the tarball', () => {
  let told: Package;
  let folder = '';
  let tools = '';

  beforeAll(async () => {
    told = await packed();
    await told.registry.close();
    const unpacked = longLivedFolder();
    fs.writeFileSync(path.join(unpacked, 'package.json'), '{}');
    npm(['install', '--prefer-offline', told.tarball], unpacked);
    folder = path.join(unpacked, 'node_modules/rocksdb-wasm');
    tools = path.join(await providePinned('package'), 'node_modules');
  }, 300_000);

  it('has these files, and no others', () => {
    const groups: Record<string, RegExp> = {
      about: /^(README\.md|CHANGELOG\.md|LICENSE|NOTICE|package\.json)$/,
      code: /^dist\/[\w.-]+\.js$/,
      maps: /^dist\/[\w.-]+\.js\.map$/,
      types: /^dist\/types\/.*\.d\.ts$/,
      wasm: /^dist\/rocksdb(\.tools)?\.wasm$|^dist\/rocksdb\.wasm\.names$/,
    };
    const count: Record<string, number> = {};
    const others: string[] = [];
    for (const { path: name } of told.files) {
      const group = Object.keys(groups).find((each) => (groups[each] as RegExp).test(name));
      if (group === undefined) others.push(name);
      else count[group] = (count[group] ?? 0) + 1;
    }
    expect(others).toEqual([]);
    expect(count).toMatchObject({ about: 5, wasm: 3 });
    expect(count.maps).toBe(count.code);
  });

  it('is as large as it may be', () => {
    expect(told.size).toBeLessThan(6e6);
    const wasm = fs.readFileSync(path.join(folder, 'dist/rocksdb.wasm'));
    expect(wasm.length).toBeLessThan(5.5e6);
    expect(gzipSync(wasm, { level: 9 }).length).toBeLessThan(1.8e6);
  });

  it('runs nothing at installation, and needs nothing that is native', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(hooks.filter((name) => name in MANIFEST.scripts)).toEqual([]);
    const modules = path.dirname(folder);
    const native: string[] = [];
    for (const name of fs.readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
      if (/\.(node|gyp|so|dylib|dll)$/.test(name)) native.push(name);
    }
    expect(native).toEqual([]);
  });

  it('exports what package.json says, each entry with its types', async () => {
    for (const [entry, target] of Object.entries<string | Record<string, string>>(
      MANIFEST.exports,
    )) {
      const files = typeof target === 'string' ? [target] : Object.values(target);
      for (const file of files) expect(fs.existsSync(path.join(folder, file)), entry).toBe(true);
      if (typeof target === 'object')
        expect(Object.keys(target), entry).toEqual(['types', 'default']);
    }
  });

  it('has no path of the machine that it was made on', () => {
    const places = [path.resolve(ROOT), process.env.HOME].filter((each) => each && each.length > 3);
    const found = told.files.filter(({ path: name }) => {
      const text = fs.readFileSync(path.join(folder, name), 'latin1');
      return places.some((place) => text.includes(`${place}/`));
    });
    expect(found.map(({ path: name }) => name)).toEqual([]);
  });

  it('names the licence of each thing that it contains', () => {
    const notice = fs.readFileSync(path.join(folder, 'NOTICE'), 'utf8');
    const lock = fs.readFileSync(`${ROOT}rocksdb-src/sources.lock`, 'utf8');
    const sources = ['RocksDB', 'LZ4', 'Zstandard', 'Snappy', 'zlib'];
    for (const name of sources) {
      const [, version] = new RegExp(`^${name} ([\\d.]+)`, 'm').exec(notice) ?? [];
      expect(lock, name).toContain(version ?? `no version of ${name} in NOTICE`);
    }
    for (const name of ['Emscripten', 'musl', 'libc\\+\\+', 'dlmalloc']) {
      expect(notice).toMatch(new RegExp(name));
    }
  });

  it('publint has nothing to say', async () => {
    const { publint } = await import(path.join(tools, 'publint/src/index-node.js'));
    const { messages } = await publint({ pkgDir: folder, strict: true });
    expect(messages).toEqual([]);
  }, 60_000);

  it('attw has nothing to say of ES modules', () => {
    const cli = path.join(tools, '@arethetypeswrong/cli/dist/index.js');
    const isCode = (entry: string) => !/wasm|json/.test(entry);
    const files = Object.keys(MANIFEST.exports).filter((entry) => !isCode(entry));
    const without = ['--exclude-entrypoints', ...files.map((entry) => entry.slice(2))];
    const args = [cli, told.tarball, '--profile', 'esm-only', '--format', 'json', ...without];
    // It leaves before a pipe is empty.
    const answer = path.join(longLivedFolder(), 'attw.json');
    const stdio = ['ignore', fs.openSync(answer, 'w'), 'inherit'] as const;
    const ended = spawnSync(process.execPath, args, { stdio: [...stdio], cwd: folder });
    const { analysis } = JSON.parse(fs.readFileSync(answer, 'utf8'));
    const entries = Object.keys(MANIFEST.exports).filter(isCode);
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(entries));
    type Problem = { resolutionKind?: string; entrypoint?: string };
    const problems = Object.values(analysis.problems ?? {}).flat() as Problem[];
    // The package is no CommonJS; that resolves it where Node requires modules.
    const others = ['node10', 'node16-cjs'];
    const left = problems.filter(({ resolutionKind }) => !others.includes(resolutionKind ?? ''));
    expect(left).toEqual([]);
    expect(ended.status).toBe(0);
  }, 120_000);

  it('has an API reference, in which every class, function and method is said something of', () => {
    const script = `${ROOT}scripts/api-docs.mjs`;
    const args = [script, '--out', path.join(longLivedFolder(), 'api')];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
  }, 240_000);
});
