/** What the option `wasm` takes, and what it says to what it cannot take. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MemoryFileSystem, RocksDB, RocksDBError } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { tempFolder, wasmFile } from './support/open.js';

type Source = NonNullable<Parameters<typeof RocksDB.open>[1]>['wasm'];

async function works(wasm: Source): Promise<void> {
  const fileSystem = new MemoryFileSystem();
  const db = await RocksDB.open('/db', { createIfMissing: true, fileSystem, wasm });
  expect(db.engine.rocksdbVersion).toBe('9.10.0');
  db.close();
}

async function refused(wasm: Source): Promise<RocksDBError> {
  const error = await works(wasm).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RocksDBError);
  return error as RocksDBError;
}

/** A file with this text. */
function fileWith(name: string, content: string | Uint8Array): string {
  const file = path.join(tempFolder(), name);
  fs.writeFileSync(file, content);
  return file;
}

describe('the option wasm', () => {
  it('takes bytes, a path, a URL, its text, a Response and a compiled module', async () => {
    const file = wasmFile();
    const bytes = new Uint8Array(fs.readFileSync(file));
    await works(bytes);
    await works(bytes.buffer);
    await works(file);
    await works(path.relative('.', file));
    await works(pathToFileURL(file));
    await works(pathToFileURL(file).href);
    await works(new Response(bytes));
    await works(await WebAssembly.compile(bytes));
  });

  it('says which file is not there', async () => {
    const error = await refused('no/such/rocksdb.wasm');
    expect(error.code).toBe('ERR_ROCKSDB_WASM_NOT_FOUND');
    expect(error.message).toContain('no/such/rocksdb.wasm');
    expect((error.cause as { code?: string }).code).toBe('ENOENT');
  });

  it("says that a bundler's page is no WebAssembly", async () => {
    const page = '<!doctype html><title>app</title>';
    for (const source of [new Response(page), fileWith('rocksdb.wasm', page)]) {
      const error = await refused(source);
      expect(error.code).toBe('ERR_ROCKSDB_WASM_INVALID');
      expect(error.message).toContain('is not WebAssembly: it begins with "<!doctype html>');
      expect(error.message).toContain('rocksdb.wasm');
    }
  });

  it('refuses the wasm of another version, and what is no RocksDB at all', async () => {
    const bytes = Buffer.from(fs.readFileSync(wasmFile()));
    const at = bytes.indexOf('rocksdb-wasm-contract') + 'rocksdb-wasm-contract'.length;
    bytes.write('0123456789abcdef', at);
    const other = await refused(bytes);
    expect(other.code).toBe('ERR_ROCKSDB_WASM_INVALID');
    expect(other.message).toContain("its contract is 0123456789abcdef, this one's is ");
    const empty = await refused(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    expect(empty.message).toContain('its contract is not said');
  });

  it('says that a file is damaged', async () => {
    const bytes = fs.readFileSync(wasmFile());
    const error = await refused(fileWith('half.wasm', bytes.subarray(0, bytes.length >> 1)));
    expect(error.code).toBe('ERR_ROCKSDB_WASM_INVALID');
    expect(error.message).toContain('half.wasm');
  });

  it('takes nothing else', async () => {
    for (const wrong of [7, null, {}, true] as unknown[]) {
      const error = await refused(wrong as Source);
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(error.message).toContain('wasm: ');
    }
    const answer = await refused(new Response('not found', { status: 404 }));
    expect(answer.code).toBe('ERR_ROCKSDB_WASM_NOT_FOUND');
    expect(answer.message).toContain('HTTP 404');
  });
});
