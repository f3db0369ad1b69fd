/** The classes of the package by the names of the table, on the worker's side. */
import { BackupEngine, BackupEngineReadOnly } from '../backup-engine.js';
import { BulkWriter } from '../bulk-writer.js';
import { Cache } from '../cache.js';
import { ColumnFamily } from '../column-family.js';
import { DatabaseHold } from '../database-hold.js';
import { DatabaseLease } from '../database-lease.js';
import { EncryptedFileSystem } from '../encryption/encrypted-fs.js';
import { Engine } from '../engine.js';
import { Env } from '../env.js';
import { InvalidArgumentError } from '../errors.js';
import { ExportedFiles } from '../exported-files.js';
import { DBIterator } from '../iterator.js';
import { IteratorLease } from '../iterator-lease.js';
import { IteratorPool } from '../iterator-pool.js';
import { Alerts } from '../monitor/alerts.js';
import { AllocationTrace } from '../monitor/allocation-trace.js';
import { GrowthWatch } from '../monitor/growth/watch.js';
import { HeapMonitor } from '../monitor/heap-monitor.js';
import { NativeObject } from '../native/native-object.js';
import { OptimisticTransactionDB } from '../optimistic-transaction-db.js';
import { IOStatsContext, PerfContext } from '../perf-context.js';
import { PinnedSlice } from '../pinned-slice.js';
import { RateLimiter } from '../rate-limiter.js';
import { RocksDB } from '../rocksdb.js';
import { CompressedSecondaryCache } from '../secondary-cache.js';
import { Snapshot } from '../snapshot.js';
import { SstFileIterator, SstRawIterator } from '../sst-file-iterator.js';
import { SstFileManager } from '../sst-file-manager.js';
import { SstFileReader } from '../sst-file-reader.js';
import { SstFileWriter } from '../sst-file-writer.js';
import { Statistics } from '../statistics.js';
import * as tools from '../tools.js';
import { Transaction } from '../transaction.js';
import { TransactionDB } from '../transaction-db.js';
import { TransactionLogIterator } from '../transaction-log.js';
import { DBWithTTL } from '../ttl.js';
import { ManualClock } from '../wasi/clock.js';
import { MemoryFileSystem } from '../wasi/memory-fs.js';
import { NodeFileSystem } from '../wasi/node-fs.js';
import { SeededRandom } from '../wasi/random.js';
import { WriteBatchWithIndex } from '../write-batch-with-index.js';
import { WriteBufferManager } from '../write-buffer-manager.js';
import { MEMBERS, STATICS } from './api.gen.js';
import type { MemberKind, RemoteClassName } from './remote.js';

// biome-ignore lint/complexity/noBannedTypes: classes, some of which cannot be made with `new`
const CLASSES: Readonly<Record<RemoteClassName, Function & { prototype: object }>> = {
  NativeObject,
  RocksDB,
  TransactionDB,
  OptimisticTransactionDB,
  DBWithTTL,
  ColumnFamily,
  DBIterator,
  IteratorPool,
  IteratorLease,
  Snapshot,
  PinnedSlice,
  WriteBatchWithIndex,
  Transaction,
  TransactionLogIterator,
  BulkWriter,
  BackupEngine,
  BackupEngineReadOnly,
  SstFileWriter,
  SstFileReader,
  SstFileIterator,
  SstRawIterator,
  SstFileManager,
  Cache,
  CompressedSecondaryCache,
  Statistics,
  RateLimiter,
  WriteBufferManager,
  ExportedFiles,
  DatabaseLease,
  DatabaseHold,
  Engine,
  Env,
  PerfContext,
  IOStatsContext,
  HeapMonitor,
  Alerts,
  AllocationTrace,
  GrowthWatch,
  MemoryFileSystem,
  NodeFileSystem,
  EncryptedFileSystem,
  ManualClock,
  SeededRandom,
};

const names = new Map<object, RemoteClassName>(
  Object.entries(CLASSES).map(([name, each]) => [each.prototype, name as RemoteClassName]),
);

/** The class in the table that an object is of; undefined: of none. */
export function classNameOf(object: object): RemoteClassName | undefined {
  let prototype = Object.getPrototypeOf(object);
  while (prototype !== null) {
    const name = names.get(prototype);
    if (name !== undefined) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

type Table = Readonly<Record<string, string>>;
type Functions = Readonly<Record<string, (...values: never[]) => unknown>>;

/** How a member of an object's class is reached; undefined: it is not. */
export function memberKind(name: RemoteClassName, member: string): MemberKind | undefined {
  const table: Table = MEMBERS[name];
  if (Object.hasOwn(table, member)) return table[member] as MemberKind;
  const base = table['@extends'];
  return base === undefined ? undefined : memberKind(base as RemoteClassName, member);
}

const factNames = new Map<RemoteClassName, readonly string[]>();

/** What comes with a handle of a class. */
export function factsOf(name: RemoteClassName): readonly string[] {
  let facts = factNames.get(name);
  if (facts === undefined) {
    const table: Table = MEMBERS[name];
    const base = table['@extends'] as RemoteClassName | undefined;
    const own = Object.keys(table).filter((member) => table[member] === 'fact');
    facts = [...(base === undefined ? [] : factsOf(base)), ...own];
    factNames.set(name, facts);
  }
  return facts;
}

/** What `name` does on a class: a static function, or its constructor. */
export function staticOf(
  className: string,
  name: string,
): { call: (...values: never[]) => unknown; on: unknown } {
  if (className === 'tools' && Object.hasOwn(tools, name)) {
    return {
      call: (tools as unknown as Functions)[name] as (...values: never[]) => unknown,
      on: undefined,
    };
  }
  const table = (STATICS as Readonly<Record<string, Table>>)[className];
  const kind = table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (kind === undefined) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `${className}.${name}: there is no such function in a worker`,
    );
  }
  const on = CLASSES[className as RemoteClassName];
  if (kind === 'new') {
    const Made = on as unknown as new (...values: unknown[]) => unknown;
    return { call: (...values) => new Made(...values), on };
  }
  const members = on as unknown as Record<string, (...values: unknown[]) => unknown>;
  return { call: members[name] as (...values: never[]) => unknown, on };
}
