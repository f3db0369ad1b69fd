/** Bytes that grow in every round. */
import { Engine } from '../engine.js';
import type { Ledger } from '../monitor/ledger.js';
import type { EngineView } from '../monitor/registry.js';
import { sizesOf } from './capacities.js';
import { byteLeak, type Leak } from './leak-error.js';

/** Fewer rounds say nothing: a buffer that grows by doubling looks the same. */
export const ROUNDS_MIN = 4;

/** Owners that hold something for each file of the database, and more for a larger one. */
const BY_FILES = new Set([
  'file',
  'tableReader',
  'version',
  'readahead',
  'wal',
  'flush',
  'compaction',
]);

interface Sample {
  readonly bytes: ReadonlyMap<string, number>;
  readonly files: number;
  /** Of the tables that the databases consist of. */
  readonly tableBytes: number;
}

/** One engine's owners that have grown in every round so far, with the bytes that they grew by. */
interface Suspects {
  last: Sample;
  readonly grown: Map<string, number>;
}

/** Compares the bytes of each owner from round to round, in the engines that were there at the start. */
export class ByteGrowth {
  readonly #engines = new Map<Ledger, Suspects>();

  constructor(views: readonly EngineView[]) {
    for (const view of views) {
      const first = sampleOf(view);
      if (first === undefined) continue;
      const grown = new Map([...first.bytes.keys()].map((owner) => [owner, 0]));
      this.#engines.set(view.ledger, { last: first, grown });
    }
  }

  /** Takes note of the end of a round. */
  next(views: readonly EngineView[]): void {
    const samples = new Map(views.map((view) => [view.ledger, sampleOf(view)]));
    for (const [ledger, suspects] of this.#engines) {
      const sample = samples.get(ledger);
      if (sample === undefined) this.#engines.delete(ledger);
      else advance(suspects, sample);
    }
  }

  /** Owners that grew in each of the rounds. */
  leaks(rounds: number): Leak[] {
    const leaks: Leak[] = [];
    for (const { grown } of this.#engines.values()) {
      for (const [owner, bytes] of grown) leaks.push(byteLeak(owner, bytes, rounds));
    }
    return leaks.sort((a, b) => b.count - a.count);
  }
}

function advance(suspects: Suspects, sample: Sample): void {
  const { last, grown } = suspects;
  const moreInFiles = sample.files > last.files || sample.tableBytes > last.tableBytes;
  for (const [owner, before] of grown) {
    const growth = (sample.bytes.get(owner) ?? 0) - (last.bytes.get(owner) ?? 0);
    const explained = growth <= 0 || (moreInFiles && BY_FILES.has(owner));
    if (explained) grown.delete(owner);
    else grown.set(owner, before + growth);
  }
  suspects.last = sample;
}

/** Undefined when the engine is gone. */
function sampleOf({ heap, host }: EngineView): Sample | undefined {
  if (heap === undefined || !(host instanceof Engine)) return undefined;
  const bytes = new Map<string, number>();
  const { tableBytes, ...capacities } = sizesOf(host);
  for (const [owner, held] of Object.entries(heap.owners())) bytes.set(owner, held.bytes);
  for (const [owner, capacity] of Object.entries(capacities)) {
    bytes.set(owner, Math.max(bytes.get(owner) ?? 0, capacity));
  }
  return { bytes, files: heap.handles('file').length, tableBytes };
}
