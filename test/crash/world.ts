/** A database under test, its engine, and what is expected of it: what workloads write through. */
import {
  DBWithTTL,
  type Engine,
  type FileSystem,
  type OpenOptions,
  RocksDB,
  TransactionDB,
} from 'rocksdb-wasm';
import type { Draw } from '../../src/faults/draws.js';
import type { Expected } from './expected.js';
import type { Effects, State } from './timeline.js';

export type Database = RocksDB<'utf8', 'utf8'>;

export interface Workload {
  readonly name: string;
  /** Default: a plain database. */
  readonly kind?: 'transactions' | 'ttl';
  readonly options?: OpenOptions<'utf8', 'utf8'>;
  /** What the database writes through, over the disk. */
  wrap?(disk: FileSystem): FileSystem;
  /** Which writes survive in one order with a key. Default: all of them. */
  timelineOf?(key: string): string;
  /** Opens the database, which may be there from a life before, and does what can be interrupted. */
  run(world: World): void;
}

export type Operation =
  | readonly [type: 'put' | 'merge', family: string, key: string, value: string]
  | readonly [type: 'delete' | 'singleDelete', family: string, key: string]
  | readonly [type: 'deleteRange', family: string, begin: string, end: string];

export interface WriteHow {
  sync?: boolean;
  disableWAL?: boolean;
}

export const PATH = '/db';
export const BACKUPS = '/backups';
const KEYS = 48;

export function openWorkload(
  { kind, options }: Workload,
  engine: Engine,
  more: OpenOptions<'utf8', 'utf8'>,
): Database {
  const all = {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    infoLogLevel: 'fatal',
    ...options,
    ...more,
    engine,
  } as const;
  if (kind === 'transactions') return TransactionDB.openSync<'utf8', 'utf8'>(PATH, all);
  if (kind === 'ttl') return DBWithTTL.openSync<'utf8', 'utf8'>(PATH, all);
  return RocksDB.openSync<'utf8', 'utf8'>(PATH, all);
}

export class World {
  /** Set by open(). */
  db!: Database;
  #writes = 0;

  constructor(
    readonly workload: Workload,
    readonly engine: Engine,
    readonly expected: Expected,
    readonly draw: Draw,
    /** Of which life of the disk this is: values differ. */
    readonly life: number,
    /** How much is done: 1 is usual. */
    readonly size: number,
  ) {}

  /** Does something so many times. */
  times(count: number, work: (index: number) => void): void {
    for (let index = 0; index < Math.ceil(count * this.size); index++) work(index);
  }

  chance(percent: number): boolean {
    return this.draw(100) < percent;
  }

  open(more: OpenOptions<'utf8', 'utf8'> = {}): void {
    this.db = openWorkload(this.workload, this.engine, { createIfMissing: true, ...more });
    this.expected.created = true;
  }

  /** A clean end: the log is flushed, but not synced. */
  close(): void {
    this.db.close();
  }

  key(prefix = 'k'): string {
    return `${prefix}${String(this.draw(KEYS)).padStart(3, '0')}`;
  }

  /** No other write has it; mostly small, some across sectors, a few across the blocks of a log. */
  value(lengthMax?: number): string {
    const lengths = [20, 60, 200, 200, 700, 700, 3000, 20_000];
    const length = this.draw(lengthMax ?? (lengths[this.draw(lengths.length)] as number)) + 1;
    const name = `${this.life}.${++this.#writes}:`;
    const letter = String.fromCharCode(97 + this.draw(26));
    return name + letter.repeat(length);
  }

  put(key: string, how: WriteHow = {}, family = 'default'): void {
    this.write([['put', family, key, this.value()]], how);
  }

  /** Writes all of it as one. */
  write(operations: readonly Operation[], how: WriteHow = {}): void {
    const effects = this.effectsOf(operations);
    const timeline = this.begin(effects);
    const batch = this.db.batch();
    try {
      for (const operation of operations) this.#add(batch, operation);
      this.db.write(batch, how);
    } finally {
      batch.free();
    }
    if (how.sync === true) timeline.durable();
  }

  /** Notes a write that is about to be made. */
  begin(effects: Effects) {
    const timeline = this.expected.timeline(this.#timelineOf(effects));
    timeline.begin(effects);
    return timeline;
  }

  /**
   * Flushes one family, or all of them. What is only prepared is in no memtable: where there is nothing else, there is nothing
   * to flush, and the log is as it was.
   */
  flush(family?: string): void {
    if (family === undefined) this.db.flush();
    else this.db.flush({ columnFamily: this.family(family) });
    const concerned = (key: string) =>
      family === undefined ? !key.startsWith('prepared ') : key.startsWith(`${family} `);
    for (const timeline of this.expected.timelines.values()) timeline.durableFor(concerned);
  }

  /** Compaction flushes what overlaps, and makes nothing else durable. */
  compact(family = 'default'): void {
    this.db.compactRange({ columnFamily: this.family(family) });
  }

  syncWAL(): void {
    this.db.syncWAL();
    for (const timeline of this.expected.timelines.values()) timeline.durable();
  }

  family(name: string) {
    const family = this.db.columnFamily(name);
    if (family === undefined) throw new Error(`there is no column family ${name}`);
    return family;
  }

  createFamily(name: string, options: Parameters<Database['createColumnFamily']>[1] = {}): void {
    if (this.expected.families.get(name) === 'present') return;
    this.expected.families.set(name, 'undecided');
    if (this.db.columnFamily(name) === undefined) {
      // One that was being dropped when the power went has gone with what it had.
      this.#forget(name);
      this.db.createColumnFamily(name, options);
    }
    this.expected.families.set(name, 'present');
  }

  dropFamily(name: string): void {
    this.expected.families.set(name, 'undecided');
    const family = this.family(name);
    this.db.dropColumnFamily(family);
    family.free();
    this.expected.families.delete(name);
    this.#forget(name);
  }

  #forget(family: string): void {
    for (const timeline of this.expected.timelines.values()) {
      timeline.forget((key) => key.startsWith(`${family} `));
    }
  }

  /** What is there now: of one timeline, all that was begun. */
  state(timeline = 'log'): State {
    return this.expected.timeline(timeline).now;
  }

  effectsOf(operations: readonly Operation[], timeline = 'log'): Map<string, string | undefined> {
    const name = this.workload.timelineOf?.(keyOf(operations[0] as Operation)) ?? timeline;
    const now = this.expected.timeline(name).now;
    const effects = new Map<string, string | undefined>();
    for (const operation of operations) {
      const [type, family, first, second] = operation;
      const key = keyOf(operation);
      const before = effects.has(key) ? effects.get(key) : now.get(key);
      if (type === 'put') effects.set(key, second);
      else if (type === 'merge') {
        effects.set(key, before === undefined ? second : `${before},${second}`);
      } else if (type !== 'deleteRange') effects.set(key, undefined);
      else {
        const [begin, end] = [`${family} ${first}`, `${family} ${second}`];
        for (const each of [...now.keys(), ...effects.keys()]) {
          if (each >= begin && each < end) effects.set(each, undefined);
        }
      }
    }
    return effects;
  }

  #timelineOf(effects: Effects): string {
    const names = new Set(
      [...effects.keys()].map((key) => this.workload.timelineOf?.(key) ?? 'log'),
    );
    const [name = 'log', another] = names;
    if (another !== undefined) throw new Error(`a write of two timelines: ${[...names]}`);
    return name;
  }

  #add(batch: ReturnType<Database['batch']>, operation: Operation): void {
    const [type, family, first, second = ''] = operation;
    const options = { columnFamily: this.family(family) };
    if (type === 'put') batch.put(first, second, options);
    else if (type === 'merge') batch.merge(first, second, options);
    else if (type === 'delete') batch.delete(first, options);
    else if (type === 'singleDelete') batch.singleDelete(first, options);
    else batch.deleteRange(first, second, options);
  }
}

function keyOf([, family, key]: Operation): string {
  return `${family} ${key}`;
}
