/** A database through the exports of the wasm alone, whoever's its imports are: no wrapper, no staging, no heap of ours. */
import {
  ColumnFamilyDescriptorLayout,
  type ColumnFamilyPtr,
  CompactOptionsLayout,
  type DbPtr,
  EntriesLayout,
  IteratorMove,
  IteratorOptionsLayout,
  type IteratorPtr,
  OpenMode,
  OpenRequestLayout,
  type Pointer,
  type RawExports,
  SliceLayout,
  type SnapshotPtr,
  ValueLayout,
  WriteFlags,
} from '../../src/native/exports.gen.js';

const NO_SNAPSHOT = 0 as SnapshotPtr;
const encoder = new TextEncoder();

/** rocksdb_host with nothing behind it: no locks, no callbacks, no traces. */
export function stubbedHost(memory: () => ArrayBufferLike): WebAssembly.ModuleImports {
  const nothing = () => 0;
  return {
    fatal: (reason: number, address: number, length: number) => {
      const text = new Uint8Array(memory(), address >>> 0, length >>> 0).slice();
      throw new Error(`fatal ${reason}: ${new TextDecoder().decode(text)}`);
    },
    memory_grown: nothing,
    lock_file: nothing,
    unlock_file: nothing,
    trace_allocation: nothing,
    trace_free: nothing,
    call: nothing,
    retain: nothing,
    release: nothing,
  };
}

/** An initialized instance of the wasm. */
export class RawDatabase {
  readonly #raw: RawExports;
  readonly #message: number;
  #blocks: Pointer[] = [];
  #db = 0 as DbPtr;
  #families: ColumnFamilyPtr[] = [];

  constructor(raw: RawExports, errorMessageOffset: number, infoBytes: number) {
    this.#raw = raw;
    const info = raw.rdb_memory_alloc(infoBytes) >>> 0;
    raw.rdb_engine_get_info(info);
    this.#message = this.#word(info + errorMessageOffset);
    raw.rdb_memory_free(info);
  }

  open(path: string, options: string, families: Readonly<Record<string, string>>): void {
    const names = Object.keys(families);
    this.#call(() => {
      const descriptor = ColumnFamilyDescriptorLayout;
      const list = this.#alloc(descriptor.byteLength * names.length);
      names.forEach((name, index) => {
        const at = list + index * descriptor.byteLength;
        this.#putText(at + descriptor.name, name);
        this.#putText(at + descriptor.options, families[name] ?? '');
      });
      const request = this.#alloc(OpenRequestLayout.byteLength);
      this.#putWord(request + OpenRequestLayout.mode, OpenMode.OpenReadWrite);
      this.#putText(request + OpenRequestLayout.path, path);
      this.#putText(request + OpenRequestLayout.options, options);
      this.#putWord(request + OpenRequestLayout.families, list);
      this.#putWord(request + OpenRequestLayout.familyCount, names.length);
      const out = this.#alloc(4);
      const handles = this.#alloc(4 * names.length);
      this.#check(this.#raw.rdb_db_open(request, out, handles));
      this.#db = this.#word(out) as DbPtr;
      this.#families = names.map((_, index) => this.#word(handles + 4 * index) as ColumnFamilyPtr);
    });
  }

  close(): void {
    for (const family of this.#families) {
      this.#check(this.#raw.rdb_column_family_free(this.#db, family));
    }
    this.#check(this.#raw.rdb_db_close(this.#db));
  }

  put(family: number, key: string, value: string, sync = false): void {
    const flags = sync ? WriteFlags.WriteSync : 0;
    this.#call(() =>
      this.#check(
        this.#raw.rdb_db_put(
          this.#db,
          this.#cf(family),
          flags,
          ...this.#text(key),
          ...this.#text(value),
        ),
      ),
    );
  }

  delete(family: number, key: string): void {
    this.#call(() =>
      this.#check(this.#raw.rdb_db_delete(this.#db, this.#cf(family), 0, ...this.#text(key))),
    );
  }

  deleteRange(family: number, begin: string, end: string): void {
    this.#call(() =>
      this.#check(
        this.#raw.rdb_db_delete_range(
          ...([this.#db, this.#cf(family), 0] as const),
          ...this.#text(begin),
          ...this.#text(end),
        ),
      ),
    );
  }

  get(family: number, key: string): string | undefined {
    return this.#call(() => {
      const out = this.#alloc(ValueLayout.byteLength);
      const cf = this.#cf(family);
      this.#check(this.#raw.rdb_db_get(this.#db, cf, 0, NO_SNAPSHOT, ...this.#text(key), out));
      if (this.#word(out + ValueLayout.found) === 0) return undefined;
      const value = this.#read(this.#word(out), this.#word(out + ValueLayout.length));
      if (this.#word(out + ValueLayout.pinned) !== 0) this.#raw.rdb_db_release(this.#db);
      return value;
    });
  }

  flush(family: number): void {
    this.#call(() => {
      const list = this.#alloc(4);
      this.#putWord(list, this.#cf(family));
      this.#check(this.#raw.rdb_db_flush(this.#db, list, 1, 1, 0));
    });
    this.pump();
  }

  compact(family: number): void {
    this.#call(() => {
      const options = this.#alloc(CompactOptionsLayout.byteLength);
      // Of what is not zero by default.
      this.#putWord(options + CompactOptionsLayout.targetLevel, -1);
      this.#check(this.#raw.rdb_db_compact_range(this.#db, this.#cf(family), 0, 0, 0, 0, options));
    });
    this.pump();
  }

  /** Runs all background work. */
  pump(): void {
    while (this.#raw.rdb_engine_pump(100) > 0);
  }

  property(family: number, name: string): string | undefined {
    return this.#call(() => {
      const out = this.#alloc(SliceLayout.byteLength);
      const cf = this.#cf(family);
      this.#check(this.#raw.rdb_db_get_property(this.#db, cf, ...this.#text(name), out));
      const block = this.#word(out);
      if (block === 0) return undefined;
      const text = this.#read(block, this.#word(out + SliceLayout.length));
      this.#raw.rdb_memory_free(block);
      return text;
    });
  }

  /** All entries, `key=value`, forwards or backwards. */
  scan(family: number, reverse: boolean): string[] {
    return this.#call(() => {
      const options = this.#alloc(IteratorOptionsLayout.byteLength);
      const out = this.#alloc(EntriesLayout.byteLength);
      this.#check(this.#raw.rdb_iterator_create(this.#db, this.#cf(family), options, out));
      const iterator = this.#word(out) as IteratorPtr;
      const entries: string[] = [];
      let move: number = reverse ? IteratorMove.MoveLast : IteratorMove.MoveFirst;
      do {
        const direction = reverse ? 1 : 0;
        this.#check(
          this.#raw.rdb_iterator_read(iterator, move, direction, 0, 0, 0xffffffff, 4096, out),
        );
        move = IteratorMove.MoveOn;
        let at = this.#word(out);
        for (let count = this.#word(out + EntriesLayout.count); count > 0; count--) {
          const [key, value] = [this.#word(at), this.#word(at + 4)];
          entries.push(`${this.#read(at + 8, key)}=${this.#read(at + 8 + key, value)}`);
          at += 8 + ((key + value + 3) & ~3);
        }
      } while (this.#word(out + EntriesLayout.done) === 0);
      this.#raw.rdb_iterator_free(iterator);
      return entries;
    });
  }

  #cf(index: number): ColumnFamilyPtr {
    return this.#families[index] as ColumnFamilyPtr;
  }

  /** Frees what `run` has allocated. */
  #call<T>(run: () => T): T {
    try {
      return run();
    } finally {
      for (const block of this.#blocks) this.#raw.rdb_memory_free(block);
      this.#blocks = [];
    }
  }

  #check(status: number): void {
    if (status === 0) return;
    const text = this.#read(this.#word(this.#message), this.#word(this.#message + 4));
    this.#raw.rdb_status_clear();
    throw new Error(`status ${status}: ${text}`);
  }

  #alloc(bytes: number): Pointer {
    const block = this.#raw.rdb_memory_alloc(Math.max(bytes, 1)) >>> 0;
    if (block === 0) throw new Error('no memory');
    new Uint8Array(this.#raw.memory.buffer).fill(0, block, block + bytes);
    this.#blocks.push(block);
    return block;
  }

  #text(text: string): [Pointer, number] {
    const bytes = encoder.encode(text);
    const at = this.#alloc(bytes.length);
    new Uint8Array(this.#raw.memory.buffer).set(bytes, at);
    return [at, bytes.length];
  }

  #putText(at: Pointer, text: string): void {
    const [address, length] = this.#text(text);
    this.#putWord(at, address);
    this.#putWord(at + 4, length);
  }

  #putWord(at: Pointer, value: number): void {
    new DataView(this.#raw.memory.buffer).setInt32(at, value | 0, true);
  }

  #word(at: Pointer): number {
    return new DataView(this.#raw.memory.buffer).getUint32(at, true);
  }

  #read(at: Pointer, length: number): string {
    return new TextDecoder().decode(new Uint8Array(this.#raw.memory.buffer).slice(at, at + length));
  }
}
