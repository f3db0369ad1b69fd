/** Write batches of a client: made in its own memory, in RocksDB's representation, and sent as one buffer. */

import { bytesOf, type Codec, codecOf, type Encodable, type Encoding } from '../encoding.js';
import {
  HandleFreedError,
  InvalidArgumentError,
  NotSupportedError,
  RocksDBError,
} from '../errors.js';
import { type Bytes, MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../native/staging.js';
import { type Timestamp, timestampBytes, unixTimeBytes } from '../timestamps.js';
import { varintBytes, writeVarint } from '../varint.js';
import { encodeColumns, type WideColumnsInput } from '../wide-columns.js';
import {
  BATCH_HEADER_BYTES,
  decodeWriteBatch,
  readBatchRecords,
  type WriteBatchOperation,
} from '../write-batch-decoder.js';
import type { AsyncAnyColumnFamily, AsyncBatchOperationOptions } from './api.gen.js';
import { isRemote, LINK, type Link, type Remote } from './remote.js';

/** A column family's handle, with what came with it. */
interface Family extends Remote {
  readonly name: string;
  readonly kind: string;
  readonly familyId: number;
  readonly timestampSize: number;
  readonly encodings: { readonly key: Encoding; readonly value: Encoding };
  /** It has a merge operator. */
  readonly '@canMerge': boolean;
  /** Which database it is of. */
  readonly '@database': string;
}

const TAGS = {
  put: [0x1, 0x5],
  delete: [0x0, 0x4],
  merge: [0x2, 0x6],
  singleDelete: [0x7, 0x8],
  deleteRange: [0xf, 0xe],
  putEntity: [0x16, 0x17],
  timedPut: [0x18, 0x19],
} as const;
type Operation = keyof typeof TAGS;
const LOG_DATA_TAG = 0x3;
const COUNT_OFFSET = 8;
const FIRST_CAPACITY = 512;
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

interface SavePoint {
  readonly length: number;
  readonly count: number;
  readonly untimed: number;
  readonly families: readonly Family[];
}

/** What belongs to a batch, out of its users' sight. */
interface State {
  readonly db: Link;
  /** The database, which is not lost before its batch. */
  readonly held: object | undefined;
  readonly fallback: Family;
  readonly maxBytes: number;
  buffer: Uint8Array;
  length: number;
  count: number;
  /** Operations whose keys wait for updateTimestamps(). */
  untimed: number;
  readonly families: Set<Family>;
  readonly savePoints: SavePoint[];
  freed: boolean;
}
const states = new WeakMap<object, State>();

/** Numbers of batches, for messages. */
let made = 0;

/**
 * Updates that are applied together, atomically, by `db.write(batch)`. It is made in the client's memory, with no round
 * trip an operation, so that what it takes no answer for is not asynchronous: `put()` and its like return the batch
 * itself. It can be written again, and cleared and filled anew. What only the database knows (the order of keys, a column family
 * that was dropped) is found by `db.write`, which writes nothing then.
 */
export class AsyncWriteBatch<KE extends Encoding = 'view', VE extends Encoding = 'view'> {
  /** Counts the batches of this thread. */
  readonly id = ++made;
  readonly kind = 'writeBatch';

  /** @internal Made by `db.batch()`. */
  constructor(db: Link, fallback: unknown, options: { maxBytes?: number | undefined } = {}) {
    const { maxBytes = MAX_BATCH_BYTES } = options;
    if (!Number.isInteger(maxBytes) || maxBytes < 0 || maxBytes > MAX_BATCH_BYTES) {
      throw invalid(`maxBytes: expected an integer from 0 to ${MAX_BATCH_BYTES}, got ${maxBytes}`);
    }
    states.set(this, {
      db,
      held: db.remote?.deref(),
      fallback: fallback as Family,
      maxBytes,
      buffer: new Uint8Array(FIRST_CAPACITY),
      length: BATCH_HEADER_BYTES,
      count: 0,
      untimed: 0,
      families: new Set(),
      savePoints: [],
      freed: false,
    });
  }

  get freed(): boolean {
    return stateOf(this).freed;
  }

  /** Operations in it. */
  get count(): number {
    return stateOf(this).count;
  }

  /** Bytes of its representation: what goes into the log. */
  get byteLength(): number {
    return stateOf(this).length;
  }

  /** Bytes that it holds in this thread, room to grow in included. free() gives them back. */
  get capacityBytes(): number {
    return stateOf(this).buffer.length;
  }

  /** A copy of its representation, which `db.batchFrom` and RocksDB everywhere understand. */
  get data(): Uint8Array<ArrayBuffer> {
    const state = live(this);
    const data = state.buffer.slice(0, state.length);
    new DataView(data.buffer).setUint32(COUNT_OFFSET, state.count, true);
    return data;
  }

  /** Sets a key's value when the batch is written. The batch itself is returned. */
  put(key: Encodable<KE>, value: Encodable<VE>, options?: AsyncBatchOperationOptions): this {
    return append(this, 'put', key, value, options);
  }

  /**
   * A put that counts as written at `writeUnixTime`, seconds since 1970: tiered storage takes it for as old as
   * that. RocksDB calls it experimental; not with user-defined timestamps.
   */
  timedPut(
    key: Encodable<KE>,
    value: Encodable<VE>,
    writeUnixTime: bigint | number,
    options?: Omit<AsyncBatchOperationOptions, 'timestamp'>,
  ): this {
    return append(this, 'timedPut', key, value, options, unixTimeBytes(writeUnixTime));
  }

  /** An entity: named columns in place of one value. */
  putEntity(
    key: Encodable<KE>,
    columns: WideColumnsInput<Encodable<VE>>,
    options?: Omit<AsyncBatchOperationOptions, 'timestamp'>,
  ): this {
    return append(this, 'putEntity', key, columns, options);
  }

  /** Deletes a key when the batch is written; it need not exist. */
  delete(key: Encodable<KE>, options?: AsyncBatchOperationOptions): this {
    return append(this, 'delete', key, undefined, options);
  }

  /** For keys that were put exactly once since the last delete: RocksDB's SingleDelete. */
  singleDelete(key: Encodable<KE>, options?: AsyncBatchOperationOptions): this {
    return append(this, 'singleDelete', key, undefined, options);
  }

  /** Needs a `mergeOperator` on the column family. */
  merge(key: Encodable<KE>, operand: Encodable<VE>, options?: AsyncBatchOperationOptions): this {
    return append(this, 'merge', key, operand, options);
  }

  /** Deletes the keys in [begin, end). */
  deleteRange(
    begin: Encodable<KE>,
    end: Encodable<KE>,
    options?: AsyncBatchOperationOptions,
  ): this {
    return append(this, 'deleteRange', begin, end, options);
  }

  /** Bytes for whoever reads the log (`getUpdatesSince`, native tools): the database has nothing of them. */
  putLogData(data: Bytes): this {
    const state = live(this);
    const bytes = checked(data, 'log data', MAX_VALUE_BYTES);
    return whole(this, state, () => {
      tag(state, LOG_DATA_TAG, 0);
      slice(state, bytes);
    });
  }

  /** Its operations, in order, as bytes: keys and values are not decoded. */
  operations(): WriteBatchOperation[] {
    const { families, fallback } = live(this);
    const sizes = new Map([...families].map((each) => [each.familyId, each.timestampSize]));
    sizes.set(0, fallback.timestampSize);
    return decodeWriteBatch(this.data, { timestampSize: (id) => sizes.get(id) ?? 0 });
  }

  /** Remembers its present state, for rollbackToSavePoint(). */
  setSavePoint(): this {
    const { length, count, untimed, families, savePoints } = live(this);
    savePoints.push({ length, count, untimed, families: [...families] });
    return this;
  }

  /** Takes back what was added since the last save point, and the save point. Throws when there is none. */
  rollbackToSavePoint(): this {
    const state = live(this);
    const { families, ...before } = popSavePoint(state, 'rollbackToSavePoint');
    Object.assign(state, before);
    state.families.clear();
    for (const family of families) state.families.add(family);
    return this;
  }

  /** Forgets the last save point; the operations stay. Throws when there is none. */
  popSavePoint(): this {
    popSavePoint(live(this), 'popSavePoint');
    return this;
  }

  /** Gives all its keys, in column families with user-defined timestamps, this timestamp. */
  updateTimestamps(timestamp: Timestamp): this {
    const state = live(this);
    const timed = [state.fallback, ...state.families].filter((each) => each.timestampSize > 0);
    if (timed.length === 0) {
      throw invalid('updateTimestamps: no column family of the batch has user-defined timestamps');
    }
    const times = new Map(
      timed.map((each) => [each.familyId, timestampBytes(timestamp, each) as Uint8Array]),
    );
    const bytes = this.data;
    for (const { type, counted, columnFamilyId, first, second } of readBatchRecords(bytes)) {
      const time = times.get(columnFamilyId);
      if (!counted || time === undefined) continue;
      first.set(time, first.length - time.length);
      if (type === 'deleteRange') second.set(time, second.length - time.length);
    }
    state.buffer.set(bytes);
    state.untimed = 0;
    return this;
  }

  /** Removes all operations and save points; the memory is kept for the next ones. */
  clear(): this {
    const state = live(this);
    state.length = BATCH_HEADER_BYTES;
    state.count = 0;
    state.untimed = 0;
    state.families.clear();
    state.savePoints.length = 0;
    return this;
  }

  /** Gives its memory back. Every other use after it throws HandleFreedError. */
  free(): void {
    const state = stateOf(this);
    state.freed = true;
    state.buffer = new Uint8Array(0);
  }

  [Symbol.dispose](): void {
    this.free();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.free();
  }
}

/** @internal What the worker gets of a batch that is given to `call`: a copy, for itself. */
export function dataOf(
  batch: AsyncWriteBatch<never, never>,
  call: string,
): { db: Link; data: Uint8Array<ArrayBuffer>; families: readonly Link[] } {
  const { db, untimed, families } = live(batch);
  if (untimed > 0 && call === 'write') {
    throw invalid(
      `${untimed} operations of the batch have no timestamp: give the option timestamp, or call updateTimestamps()`,
    );
  }
  return { db, data: batch.data, families: [...families].map((each) => each[LINK]) };
}

/** @internal A batch of a representation that the worker has looked through. */
export function fill(
  batch: AsyncWriteBatch<never, never>,
  data: Uint8Array,
  families: readonly unknown[],
): void {
  const state = live(batch);
  const records = readBatchRecords(data);
  ensure(state, data.length);
  state.buffer.set(data);
  state.length = data.length;
  state.count = records.filter(({ counted }) => counted).length;
  const named = new Set(records.map(({ columnFamilyId }) => columnFamilyId));
  for (const family of families as readonly Family[]) {
    if (family.familyId !== 0 && named.has(family.familyId)) state.families.add(family);
  }
}

function stateOf(batch: object): State {
  return states.get(batch) as State;
}

function live(batch: { readonly id: number }): State {
  const state = stateOf(batch);
  if (!state.freed) return state;
  throw new HandleFreedError('ERR_ROCKSDB_HANDLE_FREED', `writeBatch #${batch.id} was freed`);
}

function append<B extends AsyncWriteBatch<never, never>>(
  batch: B,
  operation: Operation,
  key: unknown,
  value: unknown,
  options: AsyncBatchOperationOptions | undefined,
  /** What the value ends with. */
  suffix?: Uint8Array,
): B {
  const state = live(batch);
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalid(`options: expected an object, got ${options === null ? 'null' : typeof options}`);
  }
  const family = familyOf(state, options?.columnFamily);
  assertTakes(family, operation);
  const size = family.timestampSize;
  const untimed = size > 0 && options?.timestamp === undefined;
  const time = untimed ? new Uint8Array(size) : timestampBytes(options?.timestamp, family);
  const isRange = operation === 'deleteRange';
  const keys = codecOf(family.encodings.key, 'keyEncoding');
  const first = checked(keys.encode(key), isRange ? 'begin key' : 'key', MAX_KEY_BYTES);
  const second = secondOf(operation, keys, family, value);
  live(batch); // what a value's toJSON does, it may do to this very batch
  whole(batch, state, () => {
    const id = family.familyId;
    const [plain, withFamily] = TAGS[operation];
    tag(state, id === 0 ? plain : withFamily, id);
    slice(state, first, time);
    if (second !== undefined) slice(state, second, isRange ? time : suffix);
  });
  if (family.familyId !== 0) state.families.add(family);
  if (untimed) state.untimed++;
  state.count++;
  return batch;
}

/** What comes after the key; undefined: nothing does. */
function secondOf(
  operation: Operation,
  keys: Codec,
  family: Family,
  value: unknown,
): Uint8Array | undefined {
  const values = codecOf(family.encodings.value, 'valueEncoding');
  switch (operation) {
    case 'delete':
    case 'singleDelete':
      return undefined;
    case 'deleteRange':
      return checked(keys.encode(value), 'end key', MAX_KEY_BYTES);
    case 'putEntity':
      return encodeColumns(value, values);
    default: {
      const what = operation === 'merge' ? 'operand' : 'value';
      return checked(values.encode(value), what, MAX_VALUE_BYTES);
    }
  }
}

function familyOf({ fallback }: State, given: AsyncAnyColumnFamily | undefined) {
  if (given === undefined) return fallback;
  const family = given as unknown as Family;
  if (!isRemote(given) || family.kind !== 'columnFamily') {
    throw invalid(
      `columnFamily: expected a handle of db.columnFamily(), got ${given === null ? 'null' : typeof given}`,
    );
  }
  const same = family[LINK].connection === fallback[LINK].connection;
  if (!same || family['@database'] !== fallback['@database']) {
    throw invalid(`columnFamily: '${family.name}' is a column family of another database`);
  }
  return family;
}

function assertTakes({ name, timestampSize, '@canMerge': canMerge }: Family, operation: Operation) {
  if (operation === 'merge' && !canMerge) {
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      `column family '${name}' has no merge operator: open it with the option mergeOperator`,
    );
  }
  if (timestampSize === 0 || (operation !== 'putEntity' && operation !== 'timedPut')) return;
  throw invalid(
    `column family '${name}' has user-defined timestamps: RocksDB writes no entities there`,
  );
}

/** Nothing of what `write` adds stays when it throws. */
function whole<B extends object>(batch: B, state: State, write: () => void): B {
  const before = state.length;
  try {
    write();
    if (state.length > state.maxBytes) throw tooLarge('batch', state.length, state.maxBytes);
  } catch (error) {
    state.length = before;
    throw error;
  }
  return batch;
}

function tag(state: State, value: number, familyId: number): void {
  ensure(state, state.length + 6);
  state.buffer[state.length++] = value;
  if (familyId !== 0) state.length = writeVarint(state.buffer, state.length, familyId);
}

function slice(state: State, data: Uint8Array, suffix?: Uint8Array): void {
  const length = data.length + (suffix?.length ?? 0);
  ensure(state, state.length + varintBytes(length) + length);
  const at = writeVarint(state.buffer, state.length, length);
  state.buffer.set(data, at);
  if (suffix !== undefined) state.buffer.set(suffix, at + data.length);
  state.length = at + length;
}

function ensure(state: State, needed: number): void {
  if (needed <= state.buffer.length) return;
  if (needed > MAX_BATCH_BYTES) throw tooLarge('batch', needed, MAX_BATCH_BYTES);
  const grown = new Uint8Array(
    Math.min(Math.max(needed, state.buffer.length * 2), MAX_BATCH_BYTES),
  );
  grown.set(state.buffer.subarray(0, state.length));
  state.buffer = grown;
}

function checked(data: unknown, what: string, limit: number): Uint8Array {
  const bytes = bytesOf(data, what);
  if (bytes.length > limit) throw tooLarge(what, bytes.length, limit);
  return bytes;
}

function popSavePoint({ savePoints }: State, call: string): SavePoint {
  const point = savePoints.pop();
  if (point !== undefined) return point;
  throw new RocksDBError('ERR_ROCKSDB_NOT_FOUND', `${call}: the batch has no save point`);
}

function tooLarge(what: string, bytes: number, limit: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `${what} of ${bytes} bytes: the limit is ${limit} bytes`,
  );
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}
