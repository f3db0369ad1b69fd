import type { AlertRule, AlertThreshold } from './monitor/alert-rules.js';

/** Thresholds by level; a number is of level `warning`. */
export interface RecommendedAlertOptions {
  /** Live iterators. Default: warning 100, critical 1,000. */
  iterators?: AlertThreshold;
  /** Seconds that the oldest snapshot is held. Default: warning 600, critical 3,600. */
  snapshotSeconds?: AlertThreshold;
  /** Bytes of memtables and cache blocks that only iterators and slices keep. Default: warning 64 MiB, critical 256 MiB. */
  pinnedBytes?: AlertThreshold;
  /** Bytes on disk of files that are no part of the present state. Default: warning 1 GiB, critical 8 GiB. */
  retainedFileBytes?: AlertThreshold;
  /** Part of the heap's limit that is in use. Default: warning 0.8, critical 0.95. */
  heapShare?: AlertThreshold;
  /** Milliseconds that a threshold must be passed for. Default: 10,000. */
  forMs?: number;
  /** Of each rule. */
  callback?: AlertRule['callback'];
  webhook?: AlertRule['webhook'];
}

const MIB = 2 ** 20;

/**
 * Rules worth having, for `heap.alerts.add(recommendedAlerts())`: live iterators, the oldest snapshot, pinned bytes,
 * retained files, write stalls, and the heap against its limit. docs/policies.md says what to do on each.
 */
export function recommendedAlerts(options: RecommendedAlertOptions = {}): AlertRule[] {
  const { callback, webhook, forMs = 10_000 } = options;
  const common = {
    for: { ms: forMs },
    ...(callback !== undefined && { callback }),
    ...(webhook !== undefined && { webhook }),
  };
  const files = ['sst_files', 'blob_files'];
  const memory = ['memtables', 'cache_blocks'];
  const pinned = (resources: readonly string[]): AlertRule['metric'] => {
    return (read) => {
      const parts = resources.map((resource) => read('rocksdb_wasm_pinned_bytes', { resource }));
      return parts.some((part) => part !== undefined)
        ? parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
        : undefined;
    };
  };
  return [
    {
      name: 'live iterators',
      metric: 'rocksdb_wasm_handles_live',
      labels: { kind: 'iterator' },
      when: { above: options.iterators ?? { warning: 100, critical: 1000 } },
      ...common,
    },
    {
      name: 'oldest snapshot',
      age: { kind: 'snapshot' },
      when: { above: options.snapshotSeconds ?? { warning: 600, critical: 3600 } },
      ...common,
      for: { ms: 0 }, // its age is a time already
    },
    {
      name: 'pinned memory',
      metric: pinned(memory),
      kind: 'iterator',
      when: { above: options.pinnedBytes ?? { warning: 64 * MIB, critical: 256 * MIB } },
      ...common,
    },
    {
      name: 'retained files',
      metric: pinned(files),
      kind: 'iterator',
      when: { above: options.retainedFileBytes ?? { warning: 1024 * MIB, critical: 8192 * MIB } },
      ...common,
    },
    {
      name: 'write stalls',
      metric: 'rocksdb_wasm_write_stall',
      aggregate: 'max',
      when: { above: { warning: 0, critical: 1 } },
      ...common,
    },
    {
      name: 'heap near its limit',
      metric: (read) => {
        const inUse = read('rocksdb_wasm_heap_bytes', { state: 'in_use' });
        const limit = read('rocksdb_wasm_heap_limit_bytes');
        return inUse === undefined || limit === undefined ? undefined : inUse / limit;
      },
      when: { above: options.heapShare ?? { warning: 0.8, critical: 0.95 } },
      ...common,
    },
  ];
}
