/** Keeps the policies of an engine: how old its handles get, how many there are, what they hold. */
import type { Invalid } from './checks.js';
import { type AgeBase, DueQueue } from './due-queue.js';
import type { AgeEvent, MonitorEvents } from './events.js';
import type { HeapBytes } from './heap-bytes.js';
import type { CreationHook, HandleKind, Ledger, LedgerRecord, OperationHook } from './ledger.js';
import { PinnedLimits } from './pinned-limits.js';
import type { PinSource } from './pins.js';
import {
  type CheckedPolicy,
  checkHeapPolicy,
  checkPolicy,
  type HandlePolicy,
  type HeapPolicy,
  type OnExpire,
  type Policies,
  type PolicyKind,
} from './policy-rules.js';
import { copyOf } from './report.js';
import { whyText } from './report-text.js';
import type { Sampler } from './sampler.js';

/** Does to handles what policies say. */
export interface PolicyHost {
  /** The wasm waits for the host: nothing may be done now. */
  readonly busy: boolean;
  /** Handles wait for their release. */
  readonly waiting: boolean;
  /** Something has a policy now: from now on the host is to know each handle that is made. */
  begin(): void;
  /** From now on, a use of these throws. */
  forbid(records: readonly LedgerRecord[]): void;
  /** Likewise, and they are released with what depends on them, as soon as nothing uses them. */
  free(records: readonly LedgerRecord[]): void;
  /** Why it could not be; undefined: it was. */
  refresh(record: LedgerRecord): string | undefined;
  /** Releases those that wait. `used`: by this handle's operation, which has not begun; undefined: there is none. */
  release(used: LedgerRecord | undefined): void;
}

/** What the policies of an engine are kept with. */
export interface PolicyParts {
  readonly ledger: Ledger;
  readonly bytes: HeapBytes;
  readonly events: MonitorEvents;
  readonly sampler: Sampler;
  readonly pins: PinSource;
  readonly host: PolicyHost;
  /** The host's timers go with the engine's clock. */
  readonly timers: boolean;
  readonly invalid: Invalid;
}

/** Of one kind. */
interface Kept {
  readonly given: HandlePolicy;
  readonly checked: CheckedPolicy;
  readonly leaks: DueQueue | undefined;
  readonly ends: DueQueue | undefined;
  /** The limit of live ones is passed, and that was told. */
  overLive: boolean;
}

/** A soft limit is told of again when the bytes have been below this part of it. */
const SOFT_CLEAR = 0.9;
/** Bounds of the time until the next look at the clock, when no operation comes. */
const TIMER_MS_MIN = 20;
const TIMER_MS_MAX = 60_000;

/** Of one engine. Without policies nothing of it is called. */
export class HandlePolicies {
  readonly #parts: PolicyParts;
  readonly #ledger: Ledger;
  readonly #kinds = new Map<PolicyKind, Kept>();
  #heap: HeapPolicy = {};
  #overHeap = false;
  readonly #pinned: PinnedLimits;
  /** What the `leak` event was told of. */
  readonly #suspected = new WeakSet<LedgerRecord>();
  /** How the time of a handle ended. */
  readonly #ended = new WeakMap<LedgerRecord, OnExpire>();
  /** From where the time of a refreshed one is counted. */
  readonly #anew = new WeakMap<LedgerRecord, AgeBase>();
  #dueOperation = Number.POSITIVE_INFINITY;
  #dueTime = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
    this.#ledger = parts.ledger;
    this.#pinned = new PinnedLimits(parts);
  }

  /** Those in force. */
  get all(): Policies {
    const kinds = [...this.#kinds].map(([kind, { given }]) => [kind, structuredClone(given)]);
    const heap = this.#heap.softMaxBytes === undefined ? {} : { heap: { ...this.#heap } };
    return { ...Object.fromEntries(kinds), ...heap };
  }

  /** From the next operation on, the policy of a kind is this one; undefined: there is none. */
  set(kind: PolicyKind | 'heap', policy: HandlePolicy | HeapPolicy | undefined): void {
    const { invalid } = this.#parts;
    if (kind === 'heap') {
      this.#heap = checkHeapPolicy(invalid, (policy ?? {}) as HeapPolicy);
      this.#overHeap = false;
    } else {
      const given = (policy ?? {}) as HandlePolicy;
      const checked = checkPolicy(invalid, kind, given);
      const { leak, ttl, maxLive, maxPinned } = checked;
      if (leak ?? ttl ?? maxLive ?? maxPinned) this.#keep(kind, structuredClone(given), checked);
      else this.#kinds.delete(kind);
      this.#pinned.set(kind, maxPinned);
    }
    this.#begin();
  }

  /**
   * What forbids the handle of this kind that was made last, or, of `more`, so many more; in words. Undefined: nothing
   * does.
   */
  refuses(kind: HandleKind, more = 0): string | undefined {
    const kept = this.#kinds.get(kind as PolicyKind);
    const limit = kept?.checked.maxLive;
    if (kept === undefined || limit === undefined) return undefined;
    const value = this.#ledger.liveCount(kind) + more;
    const before = kept.overLive;
    const { max, onLimit } = limit;
    kept.overLive = value > max;
    if (!kept.overLive) return undefined;
    if (!before) this.#parts.events.emit('limit', { limit: 'maxLive', kind, value, max });
    if (onLimit === 'event') return undefined;
    // It is not made: so the limit is kept.
    const beside = value - Math.max(more, 1);
    return `${beside} of kind ${kind} are live, policies.${kind}.maxLive allows ${max}`;
  }

  /** Does what is due; when no operation is under way. */
  poll(): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#tick(undefined);
    this.#schedule();
  }

  /** The engine is gone. */
  end(): void {
    this.#over = true;
    this.#ledger.onOperation('policies', undefined);
    this.#ledger.onCreation(undefined);
    clearTimeout(this.#timer);
  }

  /** `given` in force; the handles that there are wait in it, the oldest first. */
  #keep(kind: PolicyKind, given: HandlePolicy, checked: CheckedPolicy): void {
    const { leak, ttl } = checked;
    const ledger = this.#ledger;
    const leaks = leak && new DueQueue(ledger, leak);
    const ends = ttl && new DueQueue(ledger, ttl);
    const live = ledger.live().filter((record) => record.kind === kind);
    for (const record of live) {
      if (!this.#suspected.has(record)) leaks?.push(record, bornAt(record));
    }
    const bases = live.map((record) => ({
      record,
      base: this.#anew.get(record) ?? bornAt(record),
    }));
    bases.sort((a, b) => a.base.operation - b.base.operation || a.base.time - b.base.time);
    for (const { record, base } of bases) {
      if (ttl !== undefined && !this.#isOver(record, ttl.onExpire)) ends?.push(record, base);
    }
    this.#kinds.set(kind, { given, checked, leaks, ends, overLive: false });
  }

  /** Whether the end of a handle's time has had this outcome, or one that cannot be undone. */
  #isOver(record: LedgerRecord, outcome: OnExpire): boolean {
    const before = this.#ended.get(record);
    if (before === undefined) return false;
    if (before === 'throwOnUse') return outcome !== 'free';
    return before === 'free' || before === outcome;
  }

  /** Has operations, creations and timers watched that matter, and no others. */
  #begin(): void {
    if (this.#over) return;
    const queues = [...this.#kinds.values()].some(({ leaks, ends }) => leaks ?? ends);
    const watching = queues || this.#heap.softMaxBytes !== undefined || this.#parts.host.waiting;
    // Weak: an engine that nobody holds any more leaves its ledger behind, and nothing else.
    const held = new WeakRef(this);
    const tick: OperationHook = (record) => {
      const present = held.deref();
      if (present !== undefined) present.#tick(record);
    };
    const created: CreationHook = (record) => {
      const present = held.deref();
      if (present !== undefined) present.#created(record);
    };
    this.#ledger.onOperation('policies', watching ? tick : undefined);
    this.#ledger.onCreation(queues ? created : undefined);
    if (this.#kinds.size > 0) this.#parts.host.begin();
    this.#reschedule();
  }

  #created(record: LedgerRecord): void {
    const kept = this.#kinds.get(record.kind as PolicyKind);
    if (kept === undefined) return;
    const base = bornAt(record);
    for (const [queue, threshold] of [
      [kept.leaks, kept.checked.leak],
      [kept.ends, kept.checked.ttl],
    ] as const) {
      if (queue === undefined || threshold === undefined) continue;
      queue.push(record, base);
      const { operations, ms } = threshold;
      if (operations !== undefined) {
        this.#dueOperation = Math.min(this.#dueOperation, base.operation + operations);
      }
      if (ms !== undefined && base.time + ms < this.#dueTime) {
        this.#dueTime = base.time + ms;
        this.#schedule();
      }
    }
  }

  #tick(used: LedgerRecord | undefined): void {
    const { host } = this.#parts;
    if (host.busy) return;
    if (this.#heap.softMaxBytes !== undefined) this.#checkHeap(this.#heap.softMaxBytes);
    const due = this.#ledger.operations >= this.#dueOperation;
    if (due || (this.#dueTime < Number.POSITIVE_INFINITY && this.#ledger.now() >= this.#dueTime)) {
      this.#takeDue();
    }
    if (!host.waiting) return;
    host.release(used);
    if (!host.waiting) this.#begin();
  }

  #takeDue(): void {
    const kinds = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, { leaks }] of kinds)
      for (const record of leaks?.take() ?? []) this.#suspect(record);
    for (const [, { ends, checked }] of kinds) {
      const due = ends?.take() ?? [];
      if (ends !== undefined && checked.ttl !== undefined && due.length > 0) {
        this.#expire(due, checked.ttl.onExpire, ends);
      }
    }
    this.#reschedule();
  }

  #suspect(record: LedgerRecord): void {
    this.#suspected.add(record);
    const { events } = this.#parts;
    if (!events.heard('leak')) return;
    const event = this.#ageOf(record);
    const why = whyText(event.handle, [], this.#ledger.operations, undefined);
    events.emit('leak', { ...event, why });
  }

  #expire(records: readonly LedgerRecord[], onExpire: OnExpire, queue: DueQueue): void {
    const { host, events } = this.#parts;
    // As they were when their time ended.
    const told = records.map((record) => this.#ageOf(record));
    const problems = new Map<LedgerRecord, string>();
    if (onExpire === 'throwOnUse') host.forbid(records);
    if (onExpire === 'free') host.free(records);
    for (const record of records) {
      this.#ended.set(record, onExpire);
      if (onExpire !== 'refresh') continue;
      const problem = host.refresh(record);
      if (problem !== undefined) problems.set(record, problem);
      else this.#beginAnew(record, queue);
    }
    records.forEach((record, index) => {
      const problem = problems.get(record);
      const event = told[index] as AgeEvent;
      if (problem === undefined) events.emit('expired', { ...event, outcome: onExpire });
      else events.emit('expired', { ...event, outcome: 'event', problem });
    });
  }

  #beginAnew(record: LedgerRecord, queue: DueQueue): void {
    const base = { operation: this.#ledger.operations, time: this.#ledger.now() };
    this.#ended.delete(record);
    this.#anew.set(record, base);
    queue.push(record, base);
  }

  #checkHeap(max: number): void {
    const value = this.#parts.bytes.inUseBytes;
    if (this.#overHeap) {
      if (value <= max * SOFT_CLEAR) this.#overHeap = false;
    } else if (value > max) {
      this.#overHeap = true;
      const event = { limit: 'softMaxBytes', kind: undefined, value, max } as const;
      this.#parts.events.emit('limit', event);
    }
  }

  #ageOf(record: LedgerRecord): AgeEvent {
    return {
      handle: copyOf(record),
      ageOperations: this.#ledger.operations - record.bornOperation,
      ageMs: this.#ledger.now() - record.bornTime,
    };
  }

  #reschedule(): void {
    this.#dueOperation = this.#dueTime = Number.POSITIVE_INFINITY;
    for (const { leaks, ends } of this.#kinds.values()) {
      for (const queue of [leaks, ends]) {
        if (queue === undefined) continue;
        this.#dueOperation = Math.min(this.#dueOperation, queue.dueOperation);
        this.#dueTime = Math.min(this.#dueTime, queue.dueTime);
      }
    }
    this.#schedule();
  }

  /** For when no operation comes. */
  #schedule(): void {
    if (!this.#parts.timers || this.#over || this.#dueTime >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = this.#dueTime;
    const wait = this.#dueTime - this.#ledger.now();
    this.#timer = pollAfter(Math.min(Math.max(wait, TIMER_MS_MIN), TIMER_MS_MAX), this);
  }
}

/** It keeps neither the process nor the engine alive. */
function pollAfter(ms: number, policies: HandlePolicies): ReturnType<typeof setTimeout> {
  const held = new WeakRef(policies);
  const timer = setTimeout(() => held.deref()?.poll(), ms);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

function bornAt({ bornOperation, bornTime }: LedgerRecord): AgeBase {
  return { operation: bornOperation, time: bornTime };
}
