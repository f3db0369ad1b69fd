import { bytesOf, type Codec, type Encodable, type Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { closeFolder, openFolder } from './folders.js';
import { type SstFileWriterPtr, SstOperation } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import type { Native } from './native/module.js';
import { NativeObject } from './native/native-object.js';
import { RecordWriter, takeRecord } from './native/records.js';
import { type Bytes, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './native/staging.js';
import { expected, objectOf } from './option-errors.js';
import { databasePath } from './paths.js';
import { checkSstOptions, type SstFileOptions } from './sst-options.js';
import { parentOf } from './wasi/paths.js';
import { entriesOf } from './wide-columns.js';

/** What a finished file has. Keys are as they are in the file. */
export interface ExternalSstFileInfo {
  filePath: string;
  smallestKey: Uint8Array;
  largestKey: Uint8Array;
  /** Of range deletions; empty when there are none. */
  smallestRangeDelKey: Uint8Array;
  largestRangeDelKey: Uint8Array;
  /** Empty without `fileChecksumGenFactory`. */
  fileChecksum: Uint8Array;
  fileChecksumFuncName: string;
  /** Of all keys in it: 0 until it is ingested. */
  sequenceNumber: bigint;
  /** Bytes. */
  fileSize: number;
  numEntries: number;
  numRangeDelEntries: number;
  version: number;
}

/** Names and values of an entity's columns. */
export type WideColumnsInput =
  | Readonly<Record<string, Bytes>>
  | Iterable<readonly [name: Bytes, value: Bytes]>;

export interface SstEntryOptions {
  /** For column families with user-defined timestamps: as many bytes as their comparator wants. */
  timestamp?: Uint8Array;
}

/** The folder that is open to the engine while a file is written; outlives the wrapper. */
interface Place {
  folder: string | undefined;
}

/**
 * Writes a table file for `db.ingestExternalFile`. Keys are given in the order of the comparator, each once. The
 * file may be finished and another begun; free the writer. A file that was not finished then is left incomplete.
 */
export class SstFileWriter<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  readonly #engine: Engine;
  readonly #keys: Codec;
  readonly #values: Codec;
  readonly #place: Place;

  constructor(engine: Engine, options: SstFileOptions<KE, VE> = {}) {
    const checked = checkSstOptions(engine, options as SstFileOptions);
    const { native, staging, out } = engine;
    const place: Place = { folder: undefined };
    staging.begin();
    try {
      native.check(native.calls.rdb_sst_file_writer_create(checked.stage(), out));
    } finally {
      staging.end();
    }
    const pointer = native.heap.getWord(out) as SstFileWriterPtr;
    super(engine.context, 'sstFileWriter', checked.parent, pointer, releaserOf(place));
    this.#engine = engine;
    this.#keys = checked.keys;
    this.#values = checked.values;
    this.#place = place;
  }

  /** Begins a file; its folder must be there. What was at `path` is replaced. */
  open(path: string): void {
    const { native, staging } = this.#use();
    const file = databasePath(path);
    if (this.#place.folder !== undefined) {
      throw invalid('a file is open already: finish() it, or free the writer');
    }
    const folder = parentOf(file);
    openFolder(this.#engine, folder);
    staging.begin();
    try {
      staging.push(file, 'path', 0xffff);
      const { address, length } = staging;
      native.check(native.calls.rdb_sst_file_writer_open(this.#pointer, address, length));
      this.#place.folder = folder;
    } finally {
      staging.end();
      if (this.#place.folder === undefined) closeFolder(this.#engine, folder);
    }
  }

  /** Adds an entry. Keys come in the order of the comparator, each once. */
  put(key: Encodable<KE>, value: Encodable<VE>, options: SstEntryOptions = {}): void {
    this.#add(SstOperation.SstPut, this.#keys.encode(key), this.#values.encode(value), options);
  }

  /** An entity of wide columns. */
  putEntity(key: Encodable<KE>, columns: WideColumnsInput): void {
    const record = new RecordWriter();
    record.list(entriesOf(columns), ([name, value]) => {
      record.bytes(bytesOf(name, 'name of a column')).bytes(bytesOf(value, 'value of a column'));
    });
    this.#add(SstOperation.SstPutEntity, this.#keys.encode(key), record.finish(), {});
  }

  /** Adds an operand for the merge operator, in the order of keys. */
  merge(key: Encodable<KE>, operand: Encodable<VE>): void {
    this.#add(SstOperation.SstMerge, this.#keys.encode(key), this.#values.encode(operand), {});
  }

  /** Adds a tombstone, in the order of keys. */
  delete(key: Encodable<KE>, options: SstEntryOptions = {}): void {
    this.#add(SstOperation.SstDelete, this.#keys.encode(key), '', options);
  }

  /** Deletes [begin, end) below the file: not the keys in it. May come in any order. */
  deleteRange(begin: Encodable<KE>, end: Encodable<KE>, options: SstEntryOptions = {}): void {
    const last = this.#keys.encode(end);
    this.#add(SstOperation.SstDeleteRange, this.#keys.encode(begin), last, options);
  }

  /** Completes the file, on disk. InvalidArgumentError while nothing is in it. */
  finish(): ExternalSstFileInfo {
    const { native, out } = this.#use();
    try {
      native.check(native.calls.rdb_sst_file_writer_finish(this.#pointer, out));
    } catch (error) {
      // Nothing is in it yet: it can go on. Otherwise RocksDB has deleted it.
      if (!(error instanceof InvalidArgumentError)) closePlace(native, this.#place);
      throw error;
    }
    closePlace(native, this.#place);
    return takeRecord(native, out, (reader) => ({
      filePath: reader.text(),
      smallestKey: reader.bytes(),
      largestKey: reader.bytes(),
      smallestRangeDelKey: reader.bytes(),
      largestRangeDelKey: reader.bytes(),
      fileChecksum: reader.bytes(),
      fileChecksumFuncName: reader.text(),
      sequenceNumber: reader.long(),
      fileSize: reader.number(),
      numEntries: reader.number(),
      numRangeDelEntries: reader.number(),
      version: reader.word(),
    }));
  }

  /** Bytes written so far; those of the finished file after finish(). */
  get fileSize(): number {
    return this.#use().native.calls.rdb_sst_file_writer_file_size(this.#pointer);
  }

  get #pointer(): SstFileWriterPtr {
    return this.core.pointer as SstFileWriterPtr;
  }

  #use(): Engine {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine;
  }

  #add(operation: number, key: Bytes, value: Bytes, options: SstEntryOptions): void {
    const { timestamp } = objectOf(options);
    const { native, staging } = this.#use();
    if (timestamp !== undefined && !(timestamp instanceof Uint8Array)) {
      throw expected('a Uint8Array', 'timestamp', timestamp);
    }
    const range = operation === SstOperation.SstDeleteRange;
    staging.begin();
    try {
      staging.push(key, range ? 'begin key' : 'key', MAX_KEY_BYTES);
      const { address, length } = staging;
      staging.push(value, range ? 'end key' : 'value', MAX_VALUE_BYTES);
      const second = [staging.address, staging.length] as const;
      let time = 0;
      if (timestamp !== undefined) {
        staging.push(timestamp, 'timestamp', MAX_KEY_BYTES);
        time = staging.address;
      }
      const timeLength = timestamp?.length ?? 0;
      const first = [operation, address, length] as const;
      native.check(
        native.calls.rdb_sst_file_writer_add(this.#pointer, ...first, ...second, time, timeLength),
      );
    } finally {
      staging.end();
    }
  }
}

function releaserOf(place: Place) {
  return ({ context, pointer }: HandleCore) => {
    context.native.calls.rdb_sst_file_writer_free(pointer as SstFileWriterPtr);
    closePlace(context.native, place);
  };
}

function closePlace(native: Native, place: Place): void {
  const { folder } = place;
  place.folder = undefined;
  if (folder !== undefined) closeFolder({ native }, folder);
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
