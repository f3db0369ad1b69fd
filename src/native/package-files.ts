/** Finds the files of the package that are no JavaScript, also when a bundler has moved the code away from them. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RocksDBError } from '../errors.js';

/** Bundlers look for this very form: webpack, Bun and others copy the file to where they put the code, and say where. */
const BESIDE = {
  release: () => new URL('./rocksdb.wasm', import.meta.url),
  tools: () => new URL('./rocksdb.tools.wasm', import.meta.url),
  names: () => new URL('./rocksdb.wasm.names', import.meta.url),
};
const NAMES = {
  release: 'rocksdb.wasm',
  tools: 'rocksdb.tools.wasm',
  names: 'rocksdb.wasm.names',
};
/** The wasm, the wasm with RocksDB's own tools, and the names of the first one's functions. */
export type PackageFile = keyof typeof BESIDE;

/** Absent in bundles that are CommonJS. */
const here = import.meta.url as string | undefined;

/**
 * Where a file is: beside the code, or in the installed package that the code or else the program can import. Throws
 * ERR_ROCKSDB_WASM_NOT_FOUND, which says where it was looked for.
 */
export function packageFile(which: PackageFile): URL {
  const name = NAMES[which];
  const tried: string[] = [];
  for (const candidate of candidates(which, name)) {
    if (candidate.protocol !== 'file:' || fs.existsSync(candidate)) return candidate;
    tried.push(fileURLToPath(candidate));
  }
  throw new RocksDBError(
    'ERR_ROCKSDB_WASM_NOT_FOUND',
    `${name} is not found: neither in an installed rocksdb-wasm nor at ${tried.join(' or ') || 'any known place'}. ` +
      `Copy node_modules/rocksdb-wasm/dist/${name} beside the bundle, or pass the option \`wasm\``,
  );
}

function* candidates(which: PackageFile, name: string): Generator<URL> {
  if (here !== undefined) yield BESIDE[which]();
  const program = process.argv[1];
  if (program !== undefined) yield new URL(name, pathToFileURL(resolve(program)));
  for (const base of [here, program, resolve('program.js')]) {
    const found = base === undefined ? undefined : installed(name, base);
    if (found !== undefined) yield found;
  }
}

/** In the node_modules that code at `base`, a path or URL of a file, sees. */
function installed(name: string, base: string): URL | undefined {
  try {
    return pathToFileURL(createRequire(base).resolve(`rocksdb-wasm/${name}`));
  } catch {
    return undefined; // not installed there, or no place of files
  }
}
