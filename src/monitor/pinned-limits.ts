/** The policies' maxPinnedBytes, which are looked at with each sample. */
import type { LedgerRecord } from './ledger.js';
import { type PinReport, pinnedBytes } from './pins.js';
import type { PolicyParts } from './policies.js';
import type { MaxPinnedBytes, PolicyKind } from './policy-rules.js';
import { copyOf } from './report.js';

interface Kept {
  readonly limit: MaxPinnedBytes;
  /** Handles that were told of; empty again of those that keep it. */
  over: ReadonlySet<number>;
  overKind: boolean;
}

/** Of one engine. It has samples taken while there is a limit. */
export class PinnedLimits {
  readonly #parts: PolicyParts;
  readonly #kinds = new Map<PolicyKind, Kept>();
  #end: (() => void) | undefined;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
  }

  set(kind: PolicyKind, limit: MaxPinnedBytes | undefined): void {
    if (limit === undefined) this.#kinds.delete(kind);
    else this.#kinds.set(kind, { limit, over: new Set(), overKind: false });
    if (this.#kinds.size === 0) {
      this.#end?.();
      this.#end = undefined;
    } else this.#end ??= this.#parts.sampler.observe(() => this.#check());
  }

  #check(): void {
    const { host, ledger } = this.#parts;
    if (host.busy) return;
    const live = ledger.live();
    const limited = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    const reading = limited.some(([kind]) => reads(kind)) ? this.#parts.pins.allPins() : undefined;
    for (const [kind, kept] of limited) {
      const records = live.filter((record) => record.kind === kind);
      const reports = new Map<LedgerRecord, PinReport>();
      for (const record of records) {
        const report = reads(kind) ? reading?.get(record.id) : this.#parts.pins.pins(record.id);
        if (report !== undefined) reports.set(record, report);
      }
      this.#checkHandles(kind, kept, reports);
      this.#checkKind(kind, kept, reports);
    }
  }

  #checkHandles(kind: PolicyKind, kept: Kept, reports: ReadonlyMap<LedgerRecord, PinReport>): void {
    const max = kept.limit.perHandle;
    if (max === undefined) return;
    const over = new Set<number>();
    for (const [record, report] of reports) {
      const value = pinnedBytes(report);
      if (value <= max) continue;
      over.add(record.id);
      if (kept.over.has(record.id)) continue;
      const handle = copyOf(record);
      this.#parts.events.emit('limit', { limit: 'maxPinnedBytes', kind, handle, value, max });
    }
    kept.over = over;
  }

  #checkKind(kind: PolicyKind, kept: Kept, reports: ReadonlyMap<LedgerRecord, PinReport>): void {
    const max = kept.limit.perKind;
    if (max === undefined) return;
    const value = this.#together(kind, reports);
    const before = kept.overKind;
    kept.overKind = value > max;
    if (before || !kept.overKind) return;
    this.#parts.events.emit('limit', { limit: 'maxPinnedBytes', kind, value, max });
  }

  /** What iterators share is nobody's alone, and goes with all of them. */
  #together(kind: PolicyKind, reports: ReadonlyMap<LedgerRecord, PinReport>): number {
    if (reports.size === 0) return 0;
    if (!reads(kind)) {
      return [...reports.values()].reduce((sum, report) => sum + pinnedBytes(report), 0);
    }
    const ids = [...reports.keys()].map(({ id }) => id);
    const together = this.#parts.pins.pinsTogether(ids);
    return together === undefined ? 0 : pinnedBytes(together);
  }
}

/** Kinds that `allPins` tells of. */
function reads(kind: PolicyKind): boolean {
  return kind === 'iterator' || kind === 'pinnedSlice';
}
