// runtime: node
import * as fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEBUG_EXPORT_NAMES, EXPORT_NAMES } from '../src/native/exports.gen.js';

const dist = new URL('../dist/', import.meta.url);
const read = (name: string) => fs.readFileSync(new URL(name, dist));

/** What the toolchain exports beside what bindings.h declares. */
const TOOLCHAIN_EXPORTS = ['memory', '_initialize', '__indirect_function_table', '__trap'];
const HOST_IMPORTS = [
  'call',
  'fatal',
  'lock_file',
  'memory_grown',
  'release',
  'retain',
  'trace_allocation',
  'trace_free',
  'unlock_file',
];

const FLAVOURS = [
  { name: 'rocksdb.wasm', exports: [...EXPORT_NAMES] },
  { name: 'rocksdb.debug.wasm', exports: [...EXPORT_NAMES, ...DEBUG_EXPORT_NAMES] },
];

describe.each(FLAVOURS)('$name', ({ name, exports }) => {
  const module = new WebAssembly.Module(read(name));

  it('imports nothing but WASI and rocksdb_host', () => {
    const imports = WebAssembly.Module.imports(module);
    const modules = new Set(imports.map((entry) => entry.module));
    expect([...modules].sort()).toEqual(['rocksdb_host', 'wasi_snapshot_preview1']);
    const host = imports.filter((entry) => entry.module === 'rocksdb_host');
    expect(host.map((entry) => entry.name).sort()).toEqual(HOST_IMPORTS);
    expect(imports.every((entry) => entry.kind === 'function')).toBe(true);
  });

  it('exports exactly what bindings.h declares', () => {
    const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
    expect(names.filter((each) => !TOOLCHAIN_EXPORTS.includes(each)).sort()).toEqual(
      exports.sort(),
    );
  });
});

describe('the release build', () => {
  it('is at most 5.5 MB, and 1.8 MB gzipped', () => {
    const bytes = read('rocksdb.wasm');
    expect(bytes.length).toBeLessThanOrEqual(5_500_000);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(1_800_000);
  });

  it('keeps its function names in a file of their own', () => {
    const module = new WebAssembly.Module(read('rocksdb.wasm'));
    expect(WebAssembly.Module.customSections(module, 'name')).toEqual([]);
    const lines = read('rocksdb.wasm.names').toString('utf8').trimEnd().split('\n');
    expect(lines.every((line) => /^\d+ \S/.test(line))).toBe(true);
    expect(lines.some((line) => line.includes('rocksdb::DBImpl::Write'))).toBe(true);
  });

  it('has no names section in the debug build’s place: that one keeps its own', () => {
    const module = new WebAssembly.Module(read('rocksdb.debug.wasm'));
    expect(WebAssembly.Module.customSections(module, 'name')).toHaveLength(1);
  });
});
