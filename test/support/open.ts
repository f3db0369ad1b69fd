/**
 * What tests open databases with. Whatever is made here is cleaned up when the test that asked for it is
 * over, and a handle that the test forgot fails it.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  type Encoding,
  Engine,
  type EngineOptions,
  type HandleRecord,
  type OpenOptions,
  OptimisticTransactionDB,
  type OptimisticTransactionDBOpenOptions,
  RocksDB,
  RocksDBError,
  TransactionDB,
  type TransactionDBOpenOptions,
} from 'rocksdb-wasm';
import { afterAll, onTestFinished } from 'vitest';

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** The wasm of the checkout. `ROCKSDB_WASM_FLAVOUR=debug`: the one with assertions. */
export function wasmFile(flavour: 'release' | 'tools' = 'release'): string {
  const debug = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
  const dist = fileURLToPath(new URL('../../dist', import.meta.url));
  const infix = debug ? '.debug' : flavour === 'tools' ? '.tools' : '';
  return `${dist}/rocksdb${infix}.wasm`;
}

/**
 * That file, compiled once. Under vitest there is none beside the sources, so everything that makes an engine is
 * given this one.
 */
export function wasmModule(flavour: 'release' | 'tools' = 'release'): Promise<WebAssembly.Module> {
  const file = wasmFile(flavour);
  const module =
    compiled.get(file) ?? fs.promises.readFile(file).then((bytes) => WebAssembly.compile(bytes));
  compiled.set(file, module);
  return module;
}

/** A new, empty folder, removed after the test. */
export function tempFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-test-`));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new, empty folder, removed after all tests of the file. For beforeAll(). */
export function longLivedFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(`${os.tmpdir()}/rocksdb-wasm-test-`));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An engine, freed after the test. */
export async function makeEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ wasm: await wasmModule(), ...options });
  onTestFinished(() => {
    if (!engine.crashed) engine.free();
  });
  return engine;
}

/**
 * Opens the database at `path`, and closes it after the test, which fails when it left a handle behind
 * (unless it gives an `onUnreleased` of its own).
 */
export function openAt<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  path: string,
  options: OpenOptions<KE, VE> = {},
): Promise<RocksDB<KE, VE>> {
  return openBy((more) => RocksDB.open<KE, VE>(path, { ...more, ...options }), options);
}

/** Likewise with transactions that take locks. */
export function openTransactionalAt<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  path: string,
  options: TransactionDBOpenOptions<KE, VE> = {},
): Promise<TransactionDB<KE, VE>> {
  return openBy((more) => TransactionDB.open<KE, VE>(path, { ...more, ...options }), options);
}

/** Likewise with optimistic ones. */
export function openOptimisticAt<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  path: string,
  options: OptimisticTransactionDBOpenOptions<KE, VE> = {},
): Promise<OptimisticTransactionDB<KE, VE>> {
  return openBy(
    (more) => OptimisticTransactionDB.open<KE, VE>(path, { ...more, ...options }),
    options,
  );
}

/** `open` gets what options are to begin with. */
async function openBy<D extends RocksDB<Encoding, Encoding>>(
  open: (more: Pick<OpenOptions, 'wasm' | 'onUnreleased'>) => Promise<D>,
  { engine }: { engine?: Engine },
): Promise<D> {
  const forgotten: HandleRecord[] = [];
  const wasm = engine === undefined ? { wasm: await wasmModule() } : {};
  const db = await open({
    ...wasm,
    onUnreleased: (handles) => forgotten.push(...handles),
  });
  onTestFinished(() => {
    if (!db.engine.crashed) db.close();
    if (forgotten.length === 0) return;
    const names = forgotten.map(({ kind, id }) => `${kind} #${id}`).join(', ');
    throw new Error(`the test left handles that it should have freed: ${names}`);
  });
  return db;
}

/** A new database: in a folder of its own, or at `/db` of the `fileSystem` in the options. */
export function openTemp<KE extends Encoding = 'view', VE extends Encoding = 'view'>(
  options: OpenOptions<KE, VE> = {},
): Promise<RocksDB<KE, VE>> {
  const fileSystem = options.fileSystem ?? options.engine?.fileSystem;
  const onDisk = fileSystem === undefined || fileSystem.constructor.name === 'NodeFileSystem';
  const path = onDisk ? `${tempFolder()}/db` : '/db';
  return openAt(path, { createIfMissing: true, ...options });
}

/** Throws unless all handles but the engine itself, and what it holds for its own use, are freed. */
export function ledgerIsClean(engine: Engine): void {
  const { handles, openFiles } = engine.heap.report();
  const live = handles.filter(({ kind }) => kind !== 'engine' && kind !== 'buffer');
  if (live.length === 0 && openFiles.length === 0) return;
  const names = live.map(({ kind, id, site }) => `${kind} #${id} ${site ?? ''}`);
  throw new Error(`still held: ${[...names, ...openFiles].join('; ')}`);
}

/** The package's error that `run` fails with; anything else is a failure of the test. */
export async function errorOf(run: () => unknown): Promise<RocksDBError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof RocksDBError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
