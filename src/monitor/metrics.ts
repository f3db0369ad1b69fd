/** The figures of an engine under the names that Prometheus gives them; never a site as a label. */
import type { HeapMap, OwnerBytes } from './heap-bytes.js';
import { type HandleKind, isInternal, type KindTotals, type Ledger } from './ledger.js';

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  /** With its unit last, as Prometheus names them. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** Adds what the monitor does not know by itself: of databases, say. */
export type MetricSource = () => readonly Metric[];

/** What metrics are read from. */
export interface MetricInputs {
  readonly ledger: Ledger;
  readonly owners: Readonly<Record<string, OwnerBytes>>;
  readonly inUseBytes: number;
  readonly headerBytes: number;
  readonly highWaterBytes: number;
  readonly linearMemoryBytes: number;
  readonly limitBytes: number;
  /** Left out when the heap is not to be walked. */
  readonly map?: HeapMap | undefined;
}

const METRIC_PREFIX = 'rocksdb_wasm_';

export function metric(
  name: string,
  type: Metric['type'],
  help: string,
  samples: readonly MetricSample[],
): Metric {
  return { name: METRIC_PREFIX + name, type, help, samples };
}

/** A metric with one figure and no labels. */
export function figure(name: string, type: Metric['type'], help: string, value: number): Metric {
  return metric(name, type, help, [{ labels: {}, value }]);
}

/** What the ledger and linear memory say; all but `map` is cheap: one pass over the live handles. */
export function engineMetrics(inputs: MetricInputs): Metric[] {
  const { ledger } = inputs;
  const totals = [...ledger.totals()].sort(([a], [b]) => (a < b ? -1 : 1));
  const byKind = (value: (kind: HandleKind, created: number, freed: number) => number) =>
    totals.map(([kind, { created, freed }]) => ({
      labels: { kind },
      value: value(kind, created, freed),
    }));
  const { oldest, marked } = walkLive(ledger);
  const now = ledger.now();
  return [
    figure('operations_total', 'counter', 'Operations of the engine.', ledger.operations),
    metric(
      'handles_live',
      'gauge',
      'Handles that are not freed, by kind.',
      byKind((_, created, freed) => created - freed),
    ),
    metric(
      'handles_created_total',
      'counter',
      'Handles that were made, by kind.',
      byKind((_, created) => created),
    ),
    metric(
      'handles_freed_total',
      'counter',
      'Handles that ended, by kind and how.',
      totals.flatMap(([kind, count]) => endsOf(kind, count)),
    ),
    metric(
      'handle_oldest_age_seconds',
      'gauge',
      'Age of the oldest live handle, by kind.',
      [...oldest].map(([kind, born]) => ({ labels: { kind }, value: (now - born) / 1000 })),
    ),
    metric(
      'handles_marked',
      'gauge',
      'Live handles that are expired, orphaned (of a dropped column family) or lost.',
      [...marked.values()],
    ),
    metric('heap_bytes', 'gauge', 'Bytes of linear memory by what they are.', heapStates(inputs)),
    metric(
      'heap_owner_bytes',
      'gauge',
      'Bytes in use on the heap, by the part of the engine or kind of handle.',
      Object.entries(inputs.owners).map(([owner, { bytes }]) => ({
        labels: { owner },
        value: bytes,
      })),
    ),
    figure(
      'heap_high_water_bytes',
      'gauge',
      'The most bytes that have been in use.',
      inputs.highWaterBytes,
    ),
    figure(
      'heap_limit_bytes',
      'gauge',
      'What the heap may grow to: maxHeapBytes, or the end of linear memory.',
      inputs.limitBytes,
    ),
    figure(
      'linear_memory_bytes',
      'gauge',
      'Size of linear memory, which never shrinks.',
      inputs.linearMemoryBytes,
    ),
  ];
}

function endsOf(kind: HandleKind, { freed, otherwise }: KindTotals): MetricSample[] {
  const others = [...otherwise].sort(([a], [b]) => (a < b ? -1 : 1));
  const rest = others.reduce((sum, [, count]) => sum - count, freed);
  return [['freed', rest] as const, ...others].map(([how, value]) => ({
    labels: { kind, how },
    value,
  }));
}

function heapStates({ inUseBytes, headerBytes, map }: MetricInputs): MetricSample[] {
  const of = (state: string, value: number) => ({ labels: { state }, value });
  const states = [of('in_use', inUseBytes), of('headers', headerBytes)];
  if (map !== undefined) states.push(of('free', map.freeBytes));
  return states;
}

const MARKS = { expired: 'expired', orphaned: 'orphaned', finalized: 'lost' } as const;

/** When the oldest live handle of each kind was made, and how many are marked; of what users free. */
function walkLive(ledger: Ledger) {
  const oldest = new Map<HandleKind, number>();
  const marked = new Map<string, { labels: MetricSample['labels']; value: number }>();
  for (const { kind, state, bornTime } of ledger.live()) {
    if (isInternal(kind)) continue;
    if (!oldest.has(kind)) oldest.set(kind, bornTime);
    if (!(state in MARKS)) continue;
    const mark = MARKS[state as keyof typeof MARKS];
    const sample = marked.get(`${kind} ${mark}`) ?? { labels: { kind, state: mark }, value: 0 };
    sample.value++;
    marked.set(`${kind} ${mark}`, sample);
  }
  return { oldest: sorted(oldest), marked: sorted(marked) };
}

function sorted<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
