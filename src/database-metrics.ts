/** What the open databases of an engine add to its metrics. */
import type { Metric, MetricSample, MetricSource } from './monitor/metrics.js';
import { metric } from './monitor/metrics.js';
import { type ColumnFamilyPtr, type DbPtr, ValueLayout } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import type { Staging } from './native/staging.js';

/** Reads a property: of the database, or the sum over its column families. */
type Read = (property: string) => number;

interface Figures {
  /** What is the same whichever column family is asked. */
  readonly whole: Read;
  readonly sum: Read;
  /** Seconds since 1970. */
  readonly now: number;
}

interface Described {
  readonly name: string;
  readonly type: Metric['type'];
  readonly help: string;
  /** [labels beside `database`, value] of each sample. */
  readonly read: (figures: Figures) => readonly (readonly [MetricSample['labels'], number])[];
}

const one = (value: number) => [[{}, value]] as const;
const beyond = (total: number, part: number) => Math.max(0, total - part);

/** Properties are looked up in RocksDB's counts; none of these reads a file or a block. */
const METRICS: readonly Described[] = [
  {
    name: 'pinned_bytes',
    type: 'gauge',
    help: 'Bytes kept only since iterators, slices or jobs use them: memtables and cache blocks in memory, files on disk.',
    read: ({ sum }) => [
      [
        { resource: 'memtables' },
        beyond(sum('rocksdb.size-all-mem-tables'), sum('rocksdb.cur-size-all-mem-tables')),
      ],
      [
        { resource: 'sst_files' },
        beyond(sum('rocksdb.total-sst-files-size'), sum('rocksdb.live-sst-files-size')),
      ],
      [
        { resource: 'blob_files' },
        beyond(sum('rocksdb.total-blob-file-size'), sum('rocksdb.live-blob-file-size')),
      ],
      [{ resource: 'cache_blocks' }, sum('rocksdb.block-cache-pinned-usage')],
    ],
  },
  {
    name: 'obsolete_files_bytes',
    type: 'gauge',
    help: 'SST files that nothing uses and that are not deleted: deletions are disabled, or wait.',
    read: ({ sum }) => one(sum('rocksdb.obsolete-sst-files-size')),
  },
  {
    name: 'live_versions',
    type: 'gauge',
    help: 'Sets of files that are in use, one a column family at rest; iterators keep older ones.',
    read: ({ sum }) => one(sum('rocksdb.num-live-versions')),
  },
  {
    name: 'snapshots_live',
    type: 'gauge',
    help: 'Snapshots, those of transactions among them.',
    read: ({ whole }) => one(whole('rocksdb.num-snapshots')),
  },
  {
    name: 'snapshot_oldest_age_seconds',
    type: 'gauge',
    help: 'Age of the oldest snapshot; 0: there is none.',
    read: ({ whole, now }) => {
      const taken = whole('rocksdb.oldest-snapshot-time');
      return one(taken === 0 ? 0 : Math.max(0, now - taken));
    },
  },
  {
    name: 'write_stall',
    type: 'gauge',
    help: 'What RocksDB makes of writes: 0 nothing, 1 they are delayed, 2 they are stopped.',
    read: ({ whole }) => {
      if (whole('rocksdb.is-write-stopped') > 0) return one(2);
      return one(whole('rocksdb.actual-delayed-write-rate') > 0 ? 1 : 0);
    },
  },
  {
    name: 'live_sst_bytes',
    type: 'gauge',
    help: 'SST files of the present state.',
    read: ({ sum }) => one(sum('rocksdb.live-sst-files-size')),
  },
  {
    name: 'memtable_bytes',
    type: 'gauge',
    help: 'Memtables that are not flushed yet.',
    read: ({ sum }) => one(sum('rocksdb.cur-size-all-mem-tables')),
  },
  {
    name: 'pending_compaction_bytes',
    type: 'gauge',
    help: 'What compaction would have to rewrite, by RocksDB estimate.',
    read: ({ sum }) => one(sum('rocksdb.estimate-pending-compaction-bytes')),
  },
  {
    name: 'background_errors_total',
    type: 'counter',
    help: 'Background work that failed.',
    read: ({ sum }) => one(sum('rocksdb.background-errors')),
  },
];

/** @internal Of one engine: it leads to no wrapper. Nothing while the engine cannot be asked. */
export function databaseMetrics(engine: HandleCore, staging: Staging, out: number): MetricSource {
  return () => {
    const { native, ledger } = engine.context;
    if (native.stopped || native.busy) return [];
    const databases = engine
      .descendants()
      .filter(({ record, released }) => record.kind === 'db' && !released)
      .sort((a, b) => a.record.id - b.record.id);
    const now = Math.floor(ledger.clock() / 1000);
    const figures = databases.map((db) => ({
      database: db.record.name ?? '',
      figures: { whole: wholeReader(db, staging, out), sum: sumReader(db, staging, out), now },
    }));
    return METRICS.map(({ name, type, help, read }) => {
      const samples = figures.flatMap(({ database, figures }) =>
        read(figures).map(([labels, value]) => ({ labels: { database, ...labels }, value })),
      );
      return metric(name, type, help, samples);
    });
  };
}

function sumReader({ context, pointer }: HandleCore, staging: Staging, out: number): Read {
  const { calls } = context.native;
  return reader(context, staging, out, (at, length) =>
    calls.rdb_db_get_aggregated_int_property(pointer as DbPtr, at, length, out),
  );
}

function wholeReader(db: HandleCore, staging: Staging, out: number): Read {
  const { calls } = db.context.native;
  const family = db
    .descendants()
    .find(({ record }) => record.kind === 'columnFamily' && record.name === 'default');
  if (family === undefined) return () => 0;
  return reader(db.context, staging, out, (at, length) => {
    const familyPointer = family.pointer as ColumnFamilyPtr;
    return calls.rdb_db_get_int_property(db.pointer as DbPtr, familyPointer, at, length, out);
  });
}

/** 0 of what RocksDB does not know in the database's mode. */
function reader(
  { native }: HandleCore['context'],
  staging: Staging,
  out: number,
  call: (address: number, length: number) => number,
): Read {
  return (property) => {
    staging.begin();
    try {
      staging.push(property, 'property', 0xffff);
      native.check(call(staging.address, staging.length));
    } finally {
      staging.end();
    }
    const { heap } = native;
    if (heap.getWord(out + ValueLayout.found) === 0) return 0;
    const high = heap.getWord(out + ValueLayout.length);
    return high * 0x1_0000_0000 + heap.getWord(out + ValueLayout.data);
  };
}
