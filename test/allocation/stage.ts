/** Where a workload is done: an engine, files in memory, and what the database must have. */
import {
  Engine,
  ManualClock,
  MemoryFileSystem,
  type OpenOptions,
  RocksDB,
  SeededRandom,
} from 'rocksdb-wasm';

export type Text = 'utf8';
export type Database = RocksDB<Text, Text>;
/** A value for a key of a column family; undefined: it is deleted. */
export type Change = readonly [family: string, key: string, value: string | undefined];
/** By family and key. */
export type Content = Map<string, string>;

export const PATH = '/db';
export const TEXT = { createIfMissing: true, keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;

const nameOf = (family: string, key: string) => `${family}/${key}`;

export class Stage {
  /** What the workload has made and nobody has freed yet, in the order in which it was made. */
  readonly handles: { free(): void }[] = [];
  db: Database | undefined;
  /** What calls that have returned have written. */
  content: Content;
  /** What the call that is under way writes, as a whole or not at all. */
  pending: readonly Change[] | undefined;
  /** What a workload notes for its own check. */
  readonly notes: Map<string, unknown>;

  private constructor(
    readonly files: MemoryFileSystem,
    readonly clock: ManualClock,
    readonly engine: Engine,
    content: Content,
    notes: Map<string, unknown>,
  ) {
    this.content = content;
    this.notes = notes;
  }

  /** On a copy of another one's files, and with its content. */
  static async create(wasm: WebAssembly.Module, from?: Stage): Promise<Stage> {
    const clock = new ManualClock();
    const files = new MemoryFileSystem(clock);
    if (from !== undefined) copyTree(from.files, files, '');
    const random = new SeededRandom(from === undefined ? 1 : 2);
    const engine = await Engine.create({ wasm, fileSystem: files, clock, random });
    return new Stage(files, clock, engine, new Map(from?.content), new Map(from?.notes));
  }

  /** The same files, for another engine. */
  async next(wasm: WebAssembly.Module): Promise<Stage> {
    const { files, clock, notes } = this;
    const random = new SeededRandom(3);
    const engine = await Engine.create({ wasm, fileSystem: files, clock, random });
    return new Stage(files, clock, engine, new Map(this.content), notes);
  }

  open(options: OpenOptions<Text, Text> = {}): Database {
    const db = RocksDB.openSync<Text, Text>(PATH, {
      engine: this.engine,
      ...TEXT,
      onUnreleased() {},
      ...options,
    });
    this.db = db;
    return db;
  }

  keep<T extends { free(): void }>(handle: T): T {
    this.handles.push(handle);
    return handle;
  }

  /** Frees what is kept, the newest first, and closes the database. */
  release(): void {
    for (const handle of this.handles.splice(0).reverse()) handle.free();
    this.db?.close();
    this.db = undefined;
  }

  /** Does what writes these changes; they are acknowledged when it returns. */
  write(changes: readonly Change[], work: () => unknown): void {
    this.pending = changes;
    work();
    this.content = after(this.content, changes);
    this.pending = undefined;
  }

  put(key: string, value: string, more: { sync?: boolean } = { sync: true }): void {
    this.write([['default', key, value]], () => this.db?.put(key, value, more));
  }
}

export function after(content: Content, changes: readonly Change[]): Content {
  const changed = new Map(content);
  for (const [family, key, value] of changes) {
    if (value === undefined) changed.delete(nameOf(family, key));
    else changed.set(nameOf(family, key), value);
  }
  return changed;
}

/** Everything that the database has. */
export function contentOf(db: Database): Content {
  const content: Content = new Map();
  for (const family of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(family);
    const iterator = db.iterator(columnFamily === undefined ? {} : { columnFamily });
    for (const [key, value] of iterator)
      content.set(nameOf(family, key as string), value as string);
    iterator.free();
  }
  return content;
}

/** Where the two differ, in words; undefined: nowhere. */
export function differenceOf(expected: Content, found: Content): string | undefined {
  for (const [name, value] of expected) {
    const other = found.get(name);
    if (other === undefined) return `${name} is lost`;
    if (other !== value) return `${name} is ${short(other)}, not ${short(value)}`;
  }
  for (const name of found.keys()) if (!expected.has(name)) return `${name} was never written`;
  return undefined;
}

const short = (value: string) => JSON.stringify(value.slice(0, 40));

function copyTree(from: MemoryFileSystem, to: MemoryFileSystem, path: string): void {
  for (const { name, type } of from.readDirectory(path || '/')) {
    const entry = `${path}/${name}`;
    if (type === 'directory') {
      to.createDirectory(entry);
      copyTree(from, to, entry);
    } else copyFile(from, to, entry);
  }
}

function copyFile(from: MemoryFileSystem, to: MemoryFileSystem, path: string): void {
  const flags = { read: true, write: false, create: false, exclusive: false, truncate: false };
  const source = from.open(path, flags);
  const bytes = new Uint8Array(source.stat().size);
  source.read(bytes, 0);
  source.close();
  const target = to.open(path, { ...flags, write: true, create: true });
  target.write(bytes, 0);
  target.close();
}

/** Of that length, by the seed; it does not compress well. */
export function noise(length: number, seed: number): string {
  let state = (seed + 1) * 2_654_435_761;
  let text = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += String.fromCharCode(40 + ((state >>> 16) % 80));
  }
  return text;
}
