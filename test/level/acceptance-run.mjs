// acceptance-run.mjs disk|memory: abstract-level's acceptance suite on RocksLevel, as TAP, on whatever runtime runs it.
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import process from 'node:process';
import { Engine, MemoryFileSystem } from 'rocksdb-wasm';
import { RocksLevel } from 'rocksdb-wasm/level';

const require = createRequire(import.meta.url);
const test = require('tape');
const suite = require('abstract-level/test');

const inMemory = process.argv[2] === 'memory';
const base = fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-acceptance-`);
let made = 0;

/** In memory all databases share an engine, on disk each has its own. */
const engine = inMemory
  ? await Engine.create({ fileSystem: new MemoryFileSystem(), background: 'idle' })
  : undefined;

/** The suite compares the options that it gives with those that come back: this one must not be among them. */
class InMemory extends RocksLevel {
  _open(options) {
    return super._open({ ...options, rocksdb: { engine } });
  }
}

function factory(options) {
  made++;
  return inMemory
    ? new InMemory(`/databases/${made}`, options)
    : new RocksLevel(`${base}/databases/${made}`, options);
}

suite({ test, factory });

// What abstract-level takes as it is: an implementation has all that classic-level has.
test('the manifest has what that of classic-level has', (t) => {
  const { supports } = factory();
  const has = [
    supports.has,
    supports.getSync,
    supports.seek,
    supports.implicitSnapshots,
    supports.explicitSnapshots,
    supports.permanence,
    supports.createIfMissing,
    supports.errorIfExists,
    supports.deferredOpen,
    supports.signals.iterators,
    supports.additionalMethods.approximateSize,
    supports.additionalMethods.compactRange,
    supports.encodings.buffer,
    supports.encodings.utf8,
    supports.encodings.view,
  ];
  for (const each of has) t.equal(each, true);
  t.end();
});

test.onFinish(() => {
  fs.rmSync(base, { recursive: true, force: true });
  // Whatever the suite opened, it has closed, and that freed all that was made from it.
  const held = engine?.heap.report().handles.filter(({ kind }) => !['engine', 'buffer'].includes(kind));
  if (held !== undefined && held.length > 0) {
    console.log('handles are left', held);
    process.exitCode = 1;
  }
});
