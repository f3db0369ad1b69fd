/** The built package copied to elsewhere, as a bundler or a second installation would. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Returns the URL of its entry. */
export function copyPackage(folder: string): string {
  const dist = fileURLToPath(new URL('../../dist', import.meta.url));
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(`${folder}/package.json`, '{"type":"module"}');
  for (const name of fs.readdirSync(dist)) {
    if (!name.endsWith('.js') && name !== 'rocksdb.wasm') continue;
    fs.copyFileSync(`${dist}/${name}`, `${folder}/${name}`);
  }
  return pathToFileURL(`${folder}/index.js`).href;
}

/** Puts it into `folder/node_modules`, as an installation does: no links that lead out of the folder. */
export function copyInstalled(folder: string): void {
  // With its types: Deno checks them.
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const installed = `${folder}/node_modules/rocksdb-wasm`;
  copyPackage(`${installed}/dist`);
  fs.rmSync(`${installed}/dist/package.json`);
  fs.cpSync(`${root}dist/types`, `${installed}/dist/types`, { recursive: true });
  fs.copyFileSync(`${root}package.json`, `${installed}/package.json`);
}

/** Makes a copy and loads it as it is, whatever loads and transforms the tests. */
export async function loadCopy(folder: string): Promise<typeof import('rocksdb-wasm')> {
  const entry = copyPackage(folder);
  fs.writeFileSync(`${folder}/load.cjs`, 'module.exports = (url) => import(url);');
  return createRequire(entry)('./load.cjs')(entry);
}
