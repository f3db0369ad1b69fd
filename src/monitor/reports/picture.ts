/** Everything that the forms of report are made of, as plain data that JSON can hold. */
import type { HeapMap } from '../heap-bytes.js';
import type { HeapLayout } from '../heap-layout.js';
import type { HeapMonitor } from '../heap-monitor.js';
import { DamagedHeap } from '../heap-walk.js';
import type { Metric } from '../metrics.js';
import type { PinReport } from '../pins.js';
import type { HeapReport } from '../report.js';
import {
  alertFindings,
  type Finding,
  heldFindings,
  suspectFindings,
  worstFirst,
} from './findings.js';
import { type HistoryPoint, historyOf } from './history.js';

/** The state of one engine, or of one database in it, at one moment. */
export interface HeapPicture {
  /** What it is called: the paths of its databases, unless it was given a name. */
  readonly name: string;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  readonly report: HeapReport;
  /** Bytes of all blocks that there have been. */
  readonly allocatedBytes: number;
  /** Own bytes of the live handles that have an account, by id. */
  readonly ownBytes: Readonly<Record<number, number>>;
  /** What iterators and pinned slices keep alive, and the oldest snapshots, by estimate. */
  readonly pins: readonly PinReport[];
  /** Undefined when the heap is damaged. */
  readonly map: HeapMap | undefined;
  readonly layout: HeapLayout | undefined;
  readonly metrics: readonly Metric[];
  /** Oldest first; empty when nothing was watched. */
  readonly history: readonly HistoryPoint[];
  /** Alerts that are raised and suspects of the growth detector, worst first. */
  readonly findings: readonly Finding[];
}

export interface PictureOptions {
  /** Default: the paths of the databases. */
  name?: string;
  /** Leave out the map of the heap, whose chunks must be walked for it. Default: false. */
  withoutMap?: boolean;
}

/** Snapshots are estimated one by one; of more than so many the oldest say enough. */
const SNAPSHOTS_MAX = 64;
/** Cells of the map; more are too small to see. */
const CELLS = 1024;

/** Looks at an engine or a database. Works after a crash, too; then without pins. */
export function heapPicture(heap: HeapMonitor, options: PictureOptions = {}): HeapPicture {
  const report = heap.report();
  const ids = new Set(report.handles.map(({ id }) => id));
  const snapshots = report.handles.filter(({ kind }) => kind === 'snapshot');
  const map = options.withoutMap === true ? {} : mapOf(heap);
  return {
    name: options.name ?? nameOf(report),
    time: heap.time,
    report,
    allocatedBytes: heap.allocatedBytes,
    ownBytes: Object.fromEntries([...heap.ownBytes()].filter(([id]) => ids.has(id))),
    pins: [
      ...[...heap.allPins()].filter(([id]) => ids.has(id)).map(([, pins]) => pins),
      ...snapshots.slice(0, SNAPSHOTS_MAX).flatMap(({ id }) => heap.pins(id) ?? []),
    ],
    map: map.map,
    layout: map.layout,
    metrics: heap.metrics({ walk: map.map !== undefined }),
    history: historyOf(heap.history()),
    findings: findingsOf(heap, report),
  };
}

function mapOf(heap: HeapMonitor): { map?: HeapMap; layout?: HeapLayout } {
  try {
    return { map: heap.walk(), layout: heap.layout(CELLS) };
  } catch (error) {
    if (error instanceof DamagedHeap) return {};
    throw error;
  }
}

/** The paths of the databases. */
function nameOf({ handles, atCrash }: HeapReport): string {
  const paths = [...handles, ...atCrash]
    .filter(({ kind }) => kind === 'db')
    .map(({ name }) => name);
  return paths.length === 0 ? 'an engine without a database' : paths.join(', ');
}

function findingsOf(heap: HeapMonitor, report: HeapReport): Finding[] {
  const watches = [...heap.extensions.growthWatches];
  return worstFirst([
    ...alertFindings(heap.alerts.list(), report),
    ...watches.flatMap(({ suspects }) => suspectFindings(suspects)),
    ...watches.flatMap(({ held }) => heldFindings(held)),
  ]);
}
