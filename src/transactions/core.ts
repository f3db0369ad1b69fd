/** The bottom of the classes that Transaction is made of: what state it is in, and what it tells. */
import type { Encoding } from '../encoding.js';
import type { TransactionPtr } from '../native/exports.gen.js';
import type { HandleCore } from '../native/handle-core.js';
import { invalid, View, type Viewed } from '../view.js';
import { type WriteOptions, writeFlags } from '../write-options.js';
import { readTransactionInfo, type TransactionState } from './info.js';
import { checkLockTimeout } from './options.js';
import { Timestamp } from './timestamp.js';

/** What a transaction needs of its database. */
export interface TransactionHome extends Viewed {
  /** False: an OptimisticTransactionDB. */
  readonly pessimistic: boolean;
  /** What is below can be read without the transaction's knowledge: policy `writeCommitted`. */
  readonly readsCommitted: boolean;
  /** Throws while its log is locked. */
  assertWritesFlow(): void;
  /** Transactions by name, as long as they are not over. */
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  readonly namedTransactions: Map<string, TransactionCore<any>>;
}

export abstract class TransactionCore<KE extends Encoding = 'view'> extends View<KE> {
  protected readonly home: TransactionHome;
  protected ended: 'committed' | 'rolledBack' | undefined;
  protected prepared: boolean;

  /** `prepared`: it was recovered. */
  protected constructor(home: TransactionHome, pointer: TransactionPtr, prepared: boolean) {
    super('transaction', home, home, pointer, releaseTransaction);
    this.home = home;
    this.prepared = prepared;
  }

  /** Throws when it was freed: whatever enters the wasm with it asks for it here. */
  protected get handle(): TransactionPtr {
    this.engine.assertUsable();
    this.assertLive();
    return this.core.pointer as TransactionPtr;
  }

  get state(): TransactionState {
    const { state } = this.info;
    return this.ended ?? state;
  }

  /** RocksDB's id, by which `getLockStatusData` names it; 0n of an optimistic one. */
  get transactionId(): bigint {
    return this.info.id;
  }

  /** The name that was set; undefined: none. */
  get name(): string | undefined {
    const { name } = this.info;
    return name === '' ? undefined : name;
  }

  /** Names it, for `prepare` and getTransactionByName: once, and like no other one. Only of a TransactionDB. */
  setName(name: string): void {
    this.assertPessimistic('setName');
    this.assertActive();
    if (typeof name !== 'string' || name === '') {
      throw invalid(`setName: expected a text, got ${name === '' ? 'an empty one' : typeof name}`);
    }
    const { native } = this.engine;
    this.staged(name, 'name', (at, length) =>
      native.check(native.calls.rdb_transaction_set_name(this.handle, at, length)),
    );
    this.home.namedTransactions.set(name, this);
  }

  get isDeadlockDetect(): boolean {
    return this.info.deadlockDetect;
  }

  /** Keys that are locked or watched. */
  get numKeys(): number {
    return this.info.keys;
  }

  get numPuts(): number {
    return this.info.puts;
  }

  get numPutEntities(): number {
    return this.info.putEntities;
  }

  get numDeletes(): number {
    return this.info.deletes;
  }

  get numMerges(): number {
    return this.info.merges;
  }

  /** Bytes of its changes, as they go into the log. */
  get byteLength(): number {
    return this.info.batchBytes;
  }

  /** Milliseconds since it began, by the engine's clock. */
  get elapsedTime(): number {
    return this.info.elapsed;
  }

  /** Number of the log that its preparation is in; 0n: it is not prepared. */
  get logNumber(): bigint {
    return this.info.logNumber;
  }

  /** Milliseconds, as RocksDB has it; nothing waits here. */
  setLockTimeout(timeout: number | bigint): void {
    const milliseconds = checkLockTimeout(timeout);
    this.assertOpen();
    this.engine.native.calls.rdb_transaction_set_lock_timeout(this.handle, milliseconds);
  }

  /** Of its preparation and its commit, instead of those that it was begun with. */
  setWriteOptions(options: Omit<WriteOptions, 'columnFamily' | 'timestamp'>): void {
    if (typeof options !== 'object' || options === null) {
      throw invalid('setWriteOptions: expected an object');
    }
    this.assertOpen();
    const flags = writeFlags(options);
    this.engine.native.calls.rdb_transaction_set_write_flags(this.handle, flags);
  }

  /** Keys with timestamps that were written after this one cannot be written nor read for update. */
  setReadTimestampForValidation(timestamp: bigint): void {
    this.setTimestamp('rdb_transaction_set_read_timestamp', timestamp);
  }

  /** The timestamp that all keys written with timestamps get. */
  setCommitTimestamp(timestamp: bigint): void {
    this.setTimestamp('rdb_transaction_set_commit_timestamp', timestamp);
  }

  /** Undefined: it was not set. */
  get commitTimestamp(): bigint | undefined {
    return this.info.commitTimestamp;
  }

  protected get info() {
    return readTransactionInfo(this.engine, this.handle);
  }

  protected setTimestamp(
    call: 'rdb_transaction_set_read_timestamp' | 'rdb_transaction_set_commit_timestamp',
    timestamp: bigint,
  ): void {
    const { low, high } = Timestamp.words(timestamp);
    this.assertOpen();
    const { native } = this.engine;
    native.check(native.calls[call](this.handle, low, high));
  }

  protected assertPessimistic(what: string): void {
    if (!this.home.pessimistic)
      throw invalid(`${what}: only transactions of a TransactionDB have it`);
  }

  /** It is not over. */
  protected assertOpen(): void {
    if (this.ended === undefined) return;
    this.engine.assertUsable();
    this.assertLive();
    const how = this.ended === 'committed' ? 'was committed' : 'was rolled back';
    throw invalid(`transaction #${this.id} ${how}: begin another one`);
  }

  /** It is not over, and not prepared: what came after would be lost in a crash. */
  protected assertActive(): void {
    this.assertOpen();
    if (!this.prepared) return;
    this.engine.assertUsable();
    this.assertLive();
    throw invalid(`transaction #${this.id} is prepared: it can only be committed or rolled back`);
  }

  protected forgetName(): void {
    const { namedTransactions } = this.home;
    if (namedTransactions.size === 0 || this.engine.native.stopped) return;
    for (const [name, transaction] of namedTransactions) {
      if (transaction === this) namedTransactions.delete(name);
    }
  }
}

function releaseTransaction({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_transaction_free(pointer as TransactionPtr);
  context.settle();
}
