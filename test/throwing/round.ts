/**
 * One life of a database, in which one call of a function of the program's throws. What that kept from being done is
 * done again, so that the database ends with the same contents wherever it was.
 */
import {
  CallbackError,
  type Engine,
  type EngineOptions,
  type OpenOptions,
  RocksDB,
  RocksDBError,
  type WideColumns,
} from 'rocksdb-wasm';
import type { FaultFileSystem } from 'rocksdb-wasm/faults';
import { expect } from 'vitest';

export type Options = OpenOptions<'utf8', 'utf8'>;
export type Database = RocksDB<'utf8', 'utf8'>;

/** Throws in one of its calls. */
export class Gate {
  calls = 0;
  /** What was thrown. */
  thrown: Error | undefined;

  /** `at` counts from 1; 0: in none. */
  constructor(readonly at: number) {}

  /** At the beginning of the function of the program's. */
  readonly enter = (): void => {
    this.calls++;
    if (this.calls !== this.at) return;
    this.thrown = new Error(`call ${this.at}`);
    throw this.thrown;
  };
}

export interface World {
  readonly engine: Engine;
  /** Its faults are of the place's making. */
  readonly files: FaultFileSystem;
  /** Of the database; what else a place needs is beside it, and its name begins with this. */
  readonly path: string;
  readonly gate: Gate;
  /** Makes a step, and again when it could not be made because of the function. Other errors are failures. */
  readonly step: <T>(name: string, make: () => T) => T;
  /** Takes what a step of another kind threw; throws it when it is not what the function threw. */
  readonly hear: (name: string, error: unknown) => void;
}

/** Where the program's function is, and how it is made to be called. */
export interface Place {
  /** Options for the database, with the function in them. */
  readonly options?: (gate: Gate) => Options;
  /** For the engine. */
  readonly engine?: (enter: () => void) => EngineOptions;
  /** What is done in the middle of the database's life, beside the usual steps. */
  readonly more?: (db: Database, world: World) => void | Promise<void>;
  /**
   * Each step that the error arrives at, and what it says: `background`, or `own` for the call's own work;
   * `applied`, or `refused`. `itself`: there is no engine between, and it comes as it was thrown.
   */
  readonly told: readonly string[];
  /** What RocksDB asserts does not hold when it throws. */
  readonly notInDebug?: true;
}

export interface Told {
  readonly calls: number;
  readonly told: string | undefined;
}

const KEYS = Array.from({ length: 6 }, (_, i) => `k${i}:key`);
const BLOB = 'a long value, '.repeat(10);

/** Options that are the same for all: small levels, blobs, a log that is looked at when it is opened. */
const USUAL: Options = {
  createIfMissing: true,
  keyEncoding: 'utf8',
  valueEncoding: 'utf8',
  disableAutoCompactions: true,
  mergeOperator: 'stringappend',
  enableBlobFiles: true,
  minBlobSize: 100,
  onUnreleased: () => expect.unreachable('the round left handles'),
};

function write(db: Database, round: number, { step }: World): void {
  for (const key of KEYS) step('put', () => db.put(key, `${round} of ${key}`));
  step('merge', () => db.merge('m:merged', `${round}`));
  step('merge', () => db.merge('m:merged', `${round}!`));
  step('putEntity', () => db.putEntity('e:entity', { a: `${round}`, b: 'second' }));
  step('put', () => db.put('b:blob', `${BLOB}${round}`));
  step('put', () => db.put('x:gone', 'value'));
  step('delete', () => db.delete('x:gone'));
}

function contents(db: Database, { step }: World): unknown {
  const entries = step('iterate', () => {
    using it = db.iterator();
    return [...it];
  });
  const gets = [...KEYS, 'm:merged', 'b:blob', 'x:gone'].map((key) =>
    step('get', () => db.get(key)),
  );
  const entity = step('getEntity', () => db.getEntity('e:entity')) as WideColumns<string>;
  return { entries, gets, entity: [...Object.entries(entity)] };
}

/** Makes the steps of a life. Returns its contents, and what was told of the error. */
export async function live(
  engine: Engine,
  files: FaultFileSystem,
  path: string,
  place: Place,
  gate: Gate,
): Promise<Told & { contents: unknown }> {
  let told: string | undefined;
  const hear = (name: string, error: unknown): boolean => {
    const itself = gate.thrown !== undefined && error === gate.thrown;
    if (!itself && !(error instanceof CallbackError && error.cause === gate.thrown)) throw error;
    expect(told, 'is told once').toBeUndefined();
    if (!(error instanceof CallbackError)) {
      told = `${name}: itself`;
      return false;
    }
    const { code, background, applied } = error;
    expect([code, typeof background, typeof applied]).toEqual([
      'ERR_ROCKSDB_CALLBACK',
      'boolean',
      'boolean',
    ]);
    told = `${name}: ${background ? 'background' : 'own'}, ${applied ? 'applied' : 'refused'}`;
    return applied;
  };
  const open = async (name: string): Promise<Database> => {
    const options = { ...USUAL, engine, ...place.options?.(gate) };
    try {
      return await RocksDB.open<'utf8', 'utf8'>(path, options);
    } catch (error) {
      hear(name, error);
      return await RocksDB.open<'utf8', 'utf8'>(path, options);
    }
  };
  let db = await open('open');
  const step = <T>(name: string, make: () => T): T => {
    const again = (): T => {
      try {
        return make();
      } catch (error) {
        // A job that failed stops the writes until it is tried again.
        if (!(error instanceof RocksDBError) || error.severity !== 'hard') throw error;
        expect(error.message).toContain('resume');
        db.resume();
        return make();
      }
    };
    try {
      return make();
    } catch (error) {
      const applied = hear(name, error);
      return applied && ONCE.has(name) ? (undefined as T) : again();
    }
  };
  const world: World = { engine, files, path, gate, step, hear };
  for (let round = 0; round < 2; round++) {
    write(db, round, world);
    contents(db, world);
    step('flush', () => db.flush());
  }
  await place.more?.(db, world);
  step('compactRange', () => db.compactRange({ bottommostLevelCompaction: 'force' }));
  for (let round = 2; round < 4; round++) {
    contents(db, world);
    write(db, round, world);
    step('close', () => db.close());
    expect(db.freed).toBe(true);
    db = await open('recovery');
  }
  step('compactRange', () => db.compactRange({ bottommostLevelCompaction: 'force' }));
  const found = contents(db, world);
  step('close', () => db.close());
  const { calls } = gate;
  await RocksDB.destroy(path, { engine });
  return { calls, told, contents: found };
}

/** Steps that are not made again once they were. */
const ONCE: ReadonlySet<string> = new Set([
  'put',
  'merge',
  'putEntity',
  'delete',
  'close',
  'createColumnFamily',
  'dropColumnFamily',
  'free',
  'ingestExternalFile',
]);
