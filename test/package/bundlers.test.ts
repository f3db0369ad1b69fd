// runtime: node
/** docs/bundlers.md: what each bundler makes of the installed package runs in the project, and shipped alone. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { providePinned } from '../../scripts/pinned.mjs';
import { blocksOf } from '../docs/blocks.js';
import { longLivedFolder } from '../support/open.js';
import { emptyProject, npm, packed, ROOT, runIn } from './project.js';

const APP = `
import { MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';

async function main() {
  const db = await RocksDB.open('./data', { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'json' });
  db.put('user:1', { name: 'Ada' });
  db.flush();
  console.log(db.get('user:1'), [...db.iterator().keys()]);
  console.log('left', db.close().map(({ kind }) => kind));
  const fileSystem = new FaultFileSystem(new MemoryFileSystem(), { seed: 1, rules: [] });
  (await RocksDB.open('/db', { createIfMissing: true, fileSystem })).close();
}
main();
`;
const SAID = "{ name: 'Ada' } [ 'user:1' ]\nleft [ 'iterator' ]\n";

/** The guide's file of that name. */
function fileOfGuide(name: string): string {
  const text = fs.readFileSync(`${ROOT}docs/bundlers.md`, 'utf8').split('\n');
  const block = blocksOf(ROOT, 'docs/bundlers.md').find(({ name: place, notRun }) => {
    const line = Number(place.split(':').at(-1)) - 1;
    return (
      notRun !== undefined &&
      text
        .slice(line - 4, line)
        .join(' ')
        .includes(`\`${name}\``)
    );
  });
  if (block === undefined) throw new Error(`docs/bundlers.md has no ${name}`);
  return block.code;
}

describe('bundled by', () => {
  let project = '';

  beforeAll(async () => {
    const home = path.join(await providePinned('package'), 'node_modules');
    const { tarball, registry } = await packed();
    await registry.close();
    project = emptyProject({ 'package.json': '{"type":"module"}', 'app.js': APP });
    npm(['install', '--prefer-offline', tarball], project);
    for (const name of ['esbuild', 'vite', 'webpack', 'rollup', '@rollup']) {
      fs.symlinkSync(path.join(home, name), path.join(project, 'node_modules', name), 'junction');
    }
  }, 300_000);

  /** Writes a file of the guide's, has it run, and runs what came of it. */
  async function bundled(file: string, text: string, build: (file: string) => string[]) {
    fs.rmSync(path.join(project, 'dist'), { recursive: true, force: true });
    fs.writeFileSync(path.join(project, file), text);
    await runIn(project, process.execPath, build(file));
    const dist = path.join(project, 'dist');
    const program = fs.readdirSync(dist).find((name) => /^app\.[cm]?js$/.test(name)) as string;
    const shipped = longLivedFolder();
    fs.cpSync(dist, path.join(shipped, 'dist'), { recursive: true });
    fs.writeFileSync(path.join(shipped, 'package.json'), '{"type":"module"}');
    const outputs: string[] = [];
    for (const folder of [project, shipped]) {
      outputs.push(await runIn(folder, process.execPath, [path.join('dist', program)]));
      fs.rmSync(path.join(folder, 'data'), { recursive: true });
    }
    return { outputs, dist, program };
  }

  it('esbuild', async () => {
    const { outputs } = await bundled('esbuild.mjs', fileOfGuide('esbuild.mjs'), (file) => [file]);
    expect(outputs.map(withoutWarnings)).toEqual([SAID, SAID]);
  });

  it('esbuild, as CommonJS', async () => {
    const text = fileOfGuide('esbuild.mjs')
      .replace("format: 'esm'", "format: 'cjs'")
      .replace('app.mjs', 'app.cjs');
    const { outputs } = await bundled('esbuild-cjs.mjs', text, (file) => [file]);
    expect(outputs.map(withoutWarnings)).toEqual([SAID, SAID]);
  });

  it('Vite', async () => {
    const text = fileOfGuide('vite.config.js');
    const { outputs } = await bundled('vite.config.js', text, () => [
      'node_modules/vite/bin/vite.js',
      'build',
    ]);
    expect(outputs.map(withoutWarnings)).toEqual([SAID, SAID]);
  });

  it('webpack', async () => {
    const build = `
      import webpack from 'webpack';
      import config from './webpack.config.js';
      webpack(config, (error, stats) => {
        if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
      });`;
    fs.writeFileSync(path.join(project, 'run-webpack.js'), build);
    const text = fileOfGuide('webpack.config.js');
    const { outputs } = await bundled('webpack.config.js', text, () => ['run-webpack.js']);
    expect(outputs.map(withoutWarnings)).toEqual([SAID, SAID]);
  });

  it('Rollup', async () => {
    const text = fileOfGuide('rollup.config.js');
    const { outputs } = await bundled('rollup.config.js', text, (file) => [
      'node_modules/rollup/dist/bin/rollup',
      ...['--config', file, '--silent'],
    ]);
    expect(outputs.map(withoutWarnings)).toEqual([SAID, SAID]);
  });

  it('a bundler whose file is shipped without the wasm: the error says what to do', async () => {
    const text = fileOfGuide('esbuild.mjs').replace(/await copyFile.*/, '');
    fs.rmSync(path.join(project, 'dist'), { recursive: true, force: true });
    fs.writeFileSync(path.join(project, 'alone.mjs'), text);
    await runIn(project, process.execPath, ['alone.mjs']);
    const alone = longLivedFolder();
    fs.copyFileSync(path.join(project, 'dist/app.mjs'), path.join(alone, 'app.mjs'));
    const code = `await import(${JSON.stringify(pathToFileURL(path.join(alone, 'app.mjs')).href)});`;
    const failed = runIn(alone, process.execPath, ['--input-type=module', '--eval', code]);
    await expect(failed).rejects.toThrow('rocksdb.wasm is not found');
    await expect(failed).rejects.toThrow('ERR_ROCKSDB_WASM_NOT_FOUND');
    await expect(failed).rejects.toThrow('Copy node_modules/rocksdb-wasm/dist/rocksdb.wasm beside');
  });
});

/** Without what the database says of the iterator that was left. */
function withoutWarnings(output: string): string {
  return output
    .split('\n')
    .filter((line) => !/RocksDBWarning|trace-warnings|^\s+at |^\s+1 iterator/.test(line))
    .join('\n');
}
