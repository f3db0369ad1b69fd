/** What `/debug/stats` says: figures of engines and databases, as JSON can hold them. */
import type { DatabaseStats } from '../database-figures.js';
import type { Engine } from '../engine.js';
import type { MemoryUsage } from '../figures.js';
import type { KindReport } from '../monitor/report.js';

export interface DatabaseDebugStats {
  readonly path: string;
  readonly readOnly: boolean;
  /** As `db.stats()` has them; undefined when they cannot be read. */
  readonly stats: DatabaseStats | undefined;
  readonly memory: MemoryUsage | undefined;
  /** RocksDB's properties that are numbers, of the default column family. Those above 2^53 lose digits. */
  readonly properties: Readonly<Record<string, number>>;
  /** Why something is undefined. */
  readonly error: string | undefined;
}

export interface EngineDebugStats {
  /** Among the engines of this process, as in the monitor's messages. */
  readonly engine: number;
  readonly crashed: boolean;
  readonly operations: number;
  readonly tracking: string;
  readonly heap: {
    readonly inUseBytes: number;
    readonly highWaterBytes: number;
    readonly linearMemoryBytes: number;
    readonly allocatedBytes: number;
  };
  readonly kinds: readonly KindReport[];
  readonly pendingJobs: number;
  readonly databases: readonly DatabaseDebugStats[];
}

export interface DebugStats {
  /** Milliseconds since 1970, by the host's clock. */
  readonly time: number;
  readonly engines: readonly EngineDebugStats[];
}

/** What tells of pinned data, retained files and stalls: docs/statistics.md says how to read them. */
const PROPERTIES = [
  'rocksdb.num-immutable-mem-table',
  'rocksdb.cur-size-all-mem-tables',
  'rocksdb.size-all-mem-tables',
  'rocksdb.num-snapshots',
  'rocksdb.oldest-snapshot-time',
  'rocksdb.num-live-versions',
  'rocksdb.live-sst-files-size',
  'rocksdb.total-sst-files-size',
  'rocksdb.estimate-num-keys',
  'rocksdb.estimate-pending-compaction-bytes',
  'rocksdb.block-cache-usage',
  'rocksdb.block-cache-pinned-usage',
  'rocksdb.actual-delayed-write-rate',
  'rocksdb.is-write-stopped',
  'rocksdb.background-errors',
] as const;

export function debugStats(engines: readonly Engine[]): DebugStats {
  return { time: Date.now(), engines: engines.map(engineStats) };
}

function engineStats(engine: Engine): EngineDebugStats {
  const { heap, crashed } = engine;
  const report = heap.report();
  const { inUseBytes, highWaterBytes, linearMemoryBytes } = report;
  return {
    engine: heap.engineNumber,
    crashed,
    operations: report.operations,
    tracking: report.tracking,
    heap: { inUseBytes, highWaterBytes, linearMemoryBytes, allocatedBytes: heap.allocatedBytes },
    kinds: report.kinds,
    pendingJobs: crashed ? 0 : engine.pendingJobs,
    databases: crashed ? [] : engine.databases().map(databaseStats),
  };
}

type AnyDatabase = ReturnType<Engine['databases']>[number];

function databaseStats(db: AnyDatabase): DatabaseDebugStats {
  const { path, readOnly } = db;
  const nothing = { stats: undefined, memory: undefined, properties: {} };
  try {
    const properties = PROPERTIES.flatMap((name) => {
      const value = db.getIntProperty(name);
      return value === undefined ? [] : [[name, Number(value)] as const];
    });
    return {
      path,
      readOnly,
      stats: db.stats(),
      memory: db.memoryUsageByType(),
      properties: Object.fromEntries(properties),
      error: undefined,
    };
  } catch (error) {
    return { path, readOnly, ...nothing, error: String(error) };
  }
}
