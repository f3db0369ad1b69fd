/** One run of a workload, and what it may do: every step ends well or in an error of the package's. */
import {
  type AnyColumnFamily,
  type Engine,
  EngineCrashedError,
  type MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  RocksDBError,
} from 'rocksdb-wasm';
import { type Change, Model, type Value } from './model.js';

export const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
export type Database = RocksDB<'utf8', 'utf8'>;
export type Options = OpenOptions<'utf8', 'utf8'>;
export type OnEngine = Options & { readonly engine: Engine };

/** A workload of the sweep. Whatever it does, it does the same each time. */
export interface Workload {
  readonly name: string;
  /** Its files are encrypted: the faults are below that. */
  readonly encrypted?: true;
  readonly background?: 'manual';
  /** What is there before; nothing fails. */
  readonly prepare?: (drill: Drill) => unknown;
  /** What fails somewhere. Each step goes through `drill`, and it goes on as far as it can. */
  readonly run: (drill: Drill) => unknown;
  /** After the run, without faults: beside what `drill.check` finds. */
  readonly after?: (drill: Drill) => unknown;
}

/** Errors that are not typed, data that is lost, and the like. */
export class DrillError extends Error {}

export interface Family {
  readonly name: string;
  readonly handle: AnyColumnFamily;
}

export class Drill {
  /** Of databases, by path; keys of column families but the default one begin with their name and a `/`. */
  readonly #models = new Map<string, Model>();
  /** How databases are opened again. */
  readonly #openings = new Map<string, () => Promise<Database> | Database>();
  /** Codes of the errors that steps have ended with. */
  readonly errors: string[] = [];

  constructor(
    readonly engine: Engine,
    readonly memory: MemoryFileSystem,
  ) {}

  model(path: string): Model {
    const model = this.#models.get(path) ?? new Model();
    this.#models.set(path, model);
    return model;
  }

  /** Makes a step; undefined when it failed as it may. */
  async step<T>(name: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.note(name, error);
      return undefined;
    }
  }

  /** Takes note of an error that a step may end with; throws any other. */
  note(name: string, error: unknown): void {
    if (error instanceof DrillError || error instanceof EngineCrashedError) throw error;
    if (!(error instanceof RocksDBError) || !/^ERR_ROCKSDB_/.test(error.code)) {
      throw new DrillError(`${name} ended with what is not typed: ${textOf(error)}`);
    }
    this.errors.push(`${name}: ${error.code}`);
  }

  /** A write and what it changes. Returns whether it was acknowledged. */
  async write(path: string, changes: readonly Change[], work: () => unknown): Promise<boolean> {
    const before = this.errors.length;
    await this.step('write', work);
    const acknowledged = this.errors.length === before;
    if (acknowledged) this.model(path).acknowledge(changes);
    else this.model(path).doubt(changes);
    return acknowledged;
  }

  put(db: Database, key: string, value: string, options: { sync?: boolean } = {}) {
    return this.write(db.path, [[key, value]], () => db.put(key, value, options));
  }

  delete(db: Database, key: string) {
    return this.write(db.path, [[key, undefined]], () => db.delete(key));
  }

  putIn(db: Database, { name, handle }: Family, key: string, value: string) {
    const options = { columnFamily: handle };
    return this.write(db.path, [[`${name}/${key}`, value]], () => db.put(key, value, options));
  }

  /** What is read is what may be there, or an error. */
  async get(db: Database, key: string): Promise<Value> {
    const value = await this.step('get', () => ({ value: db.get(key) }));
    if (value !== undefined && !this.model(db.path).allows(key, value.value)) {
      throw new DrillError(`get(${key}) gave ${value.value}`);
    }
    return value?.value;
  }

  /** Reads everything, also of the other column families. A read that fails is an error and no end. */
  async scan(db: Database): Promise<void> {
    const content = await this.step('scan', () => contentOf(db));
    if (content !== undefined) this.expect(db.path, content);
  }

  expect(path: string, content: ReadonlyMap<string, string>): void {
    const problems = this.model(path).problemsOf(content);
    if (problems.length > 0) {
      const more = problems.length > 3 ? ` and ${problems.length - 3} more` : '';
      throw new DrillError(`${path}: ${problems.slice(0, 3).join('; ')}${more}`);
    }
  }

  /** Of every database. */
  options(options: Options = {}): OnEngine {
    return { ...USUAL, engine: this.engine, ...options };
  }

  /**
   * Opens a database, does something with it and closes it. An opening that fails is tried once more, since what
   * failed may fail once only.
   */
  async withDb<T extends Database = Database>(
    path: string,
    options: Options,
    work: (db: T) => unknown,
    open: (path: string, options: OnEngine) => Promise<T> | T = openPlain as never,
  ): Promise<void> {
    const all = this.options(options);
    this.#openings.set(path, () => open(path, all));
    const db =
      (await this.step('open', () => open(path, all))) ??
      (await this.step('open', () => open(path, all)));
    if (db === undefined) return;
    try {
      await work(db);
    } finally {
      await this.step('close', () => db.close());
    }
    if (!db.freed) throw new DrillError('close() did not free');
  }

  /** Without faults: every database opens, holds what it must, and is written and read. */
  async check(): Promise<void> {
    for (const [path, open] of this.#openings) {
      const db = await open();
      try {
        this.expect(path, contentOf(db));
        db.put('after', 'the faults');
        this.model(path).acknowledge([['after', 'the faults']]);
        db.flush();
        this.expect(path, contentOf(db));
      } finally {
        db.close();
      }
    }
  }
}

const USUAL: Options = {
  ...TEXT,
  createIfMissing: true,
  statsDumpPeriodSec: 0,
  statsPersistPeriodSec: 0,
  writeBufferSize: 64 * 1024,
  onUnreleased: (handles) => {
    throw new DrillError(`close() met ${handles.map(({ kind }) => kind).join(', ')}`);
  },
};

function openPlain(path: string, options: OnEngine): Database {
  return RocksDB.openSync<'utf8', 'utf8'>(path, options);
}

/** Of all column families that are open; their keys but the default one's begin with the name. */
export function contentOf(db: Database): Map<string, string> {
  const content = new Map<string, string>();
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name);
    const iterator = db.iterator({ columnFamily });
    try {
      for (const [key, value] of iterator) {
        content.set(name === 'default' ? key : `${name}/${key}`, value as string);
      }
    } finally {
      iterator.free();
    }
  }
  return content;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
