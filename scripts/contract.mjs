// What the wasm and the TypeScript of a package have agreed upon: its headers, and a number for them in both, so that the
// wasm of another version is told before anything is called.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const CONTRACT = 'wasm/bindings/contract';
/** The custom section of the wasm that has the number. */
const SECTION = 'rocksdb-wasm-contract';

/** bindings.h, then the headers of the contract by name. */
export function contractHeaders() {
  const names = fs.readdirSync(path.join(ROOT, CONTRACT)).sort();
  return ['wasm/bindings/bindings.h', ...names.map((name) => `${CONTRACT}/${name}`)].map(
    (name) => ({ name, text: fs.readFileSync(path.join(ROOT, name), 'utf8') }),
  );
}

/** 16 hexadecimal digits: of the declarations, whatever their comments say. */
export function contractId() {
  const digest = createHash('sha256');
  for (const { text } of contractHeaders()) {
    digest.update(text.replace(/\/\/.*/g, '').replace(/\s+/g, ' '));
  }
  return digest.digest('hex').slice(0, 16);
}

/** Writes the number into a wasm file that has none. */
export function stampContract(file) {
  const [name, id] = [Buffer.from(SECTION), Buffer.from(contractId())];
  const custom = 0;
  // Lengths below 128 are one byte.
  const section = [custom, 1 + name.length + id.length, name.length, ...name, ...id];
  fs.appendFileSync(file, Buffer.from(section));
}
