// acceptance-run.mjs disk|memory own|shared: abstract-level's acceptance suite on RocksLevel, as TAP, on whatever
// runtime runs it. Each database has an engine of its own, or many share one.
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import process from 'node:process';
import { Engine, MemoryFileSystem } from '../../dist/index.js';
import { RocksLevel } from '../../dist/level.js';

const require = createRequire(import.meta.url);
const test = require('tape');
const suite = require('abstract-level/test');

const inMemory = process.argv[2] === 'memory';
const shared = process.argv[3] === 'shared';
const base = fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-acceptance-`);
/** An engine has room for some sixty. */
const ON_ONE_ENGINE = 40;
const engines = [];
let made = 0;
/** What abstract-level should have closed before the database. */
const unreleased = [];
const onUnreleased = (handles) => unreleased.push(...handles);

function files() {
  return inMemory ? { fileSystem: new MemoryFileSystem() } : {};
}

/** The suite compares the options that it gives with those that come back: these must not be among them. */
class Observed extends RocksLevel {
  #number = made++;

  async _open(options) {
    const place = shared ? { engine: await this.#engine() } : files();
    return super._open({ ...options, rocksdb: { ...place, onUnreleased } });
  }

  #engine() {
    const at = Math.floor(this.#number / ON_ONE_ENGINE);
    engines[at] ??= Engine.create({ ...files(), background: 'idle' });
    return engines[at];
  }
}

const factory = (options) => new Observed(`${inMemory ? '' : base}/databases/${made}`, options);

suite({ test, factory });

// The suite asks for what a manifest has, so this one must have what that of classic-level has.
test('the manifest has what that of classic-level has', async (t) => {
  const db = factory();
  const { supports } = db;
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
  await db.close();
});

test('closing a database leaves nothing to the engine to free', (t) => {
  t.ok(made > 500);
  t.same(unreleased, []);
  t.end();
});

test.onFinish(() => fs.rmSync(base, { recursive: true, force: true }));
