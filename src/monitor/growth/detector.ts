/** Looks at the live handles now and then, and says which of them grow without end. */
import type { HandleKind, Ledger } from '../ledger.js';
import type { HeapSample } from '../sampler.js';
import { type Criterion, isWorthwhile, judge } from './criteria.js';
import { type HeldHandle, heldHandles } from './held.js';
import { IdleHandles } from './idle-handles.js';
import type { GrowthSettings } from './options.js';
import type { Population, Window } from './population.js';
import { SiteBudget } from './site-budget.js';
import { type GrowthSuspect, growthSuspect } from './suspect.js';

/** Looks in the time after which a handle is idle. */
const LOOKS_PER_IDLE = 4;
/** A look at many handles makes the next one later, so that the share of the time stays small. */
const OPERATIONS_PER_VISIT = 2;
/** Births, this far apart, of handles that are not used: their creation stacks are wanted. */
const RIPE_EPOCHS = 3;
/** So long a suspect without a creation site waits for one before it is told of. */
const WAIT_OPERATIONS = 60_000;

/** What is known of one suspect from look to look. */
interface Case {
  suspect: GrowthSuspect;
  readonly population: Population;
  /** The most that there were. */
  most: number;
}

export class GrowthDetector {
  readonly idle: IdleHandles;
  readonly budget: SiteBudget;
  readonly settings: GrowthSettings;
  /** Of the last look. */
  held: readonly HeldHandle[] = [];
  readonly #ledger: Ledger;
  readonly #tell: (suspect: GrowthSuspect) => void;
  readonly #cases = new Map<string, Case>();
  /** When a kind without a site was found to grow. */
  readonly #waiting = new Map<HandleKind, number>();
  /** Operations and times of the looks that limits in milliseconds still need. */
  #times: { operations: number; time: number }[] = [];
  #due: number;
  #operations: number;

  constructor(ledger: Ledger, settings: GrowthSettings, tell: (suspect: GrowthSuspect) => void) {
    this.#ledger = ledger;
    this.settings = settings;
    this.#tell = tell;
    this.idle = new IdleHandles(ledger, settings);
    this.budget = new SiteBudget(ledger, settings.siteOperations);
    this.#operations = ledger.operations;
    this.#due = ledger.operations;
  }

  /** Of the engine, at the last look. */
  get operations(): number {
    return this.#operations;
  }

  get suspects(): GrowthSuspect[] {
    return [...this.#cases.values()].map(({ suspect }) => suspect);
  }

  /** Takes a look when one is due. */
  readonly observe = ({ operations, time }: HeapSample): void => {
    if (operations < this.#due) return;
    this.#look(operations, time);
    const step = Math.ceil(this.settings.idleOperations / LOOKS_PER_IDLE);
    this.#due = operations + Math.max(step, OPERATIONS_PER_VISIT * this.idle.visited);
  };

  #look(operations: number, time: number): void {
    const { idleOperations, idleMs, heldMs, heldOperations } = this.settings;
    this.#operations = operations;
    this.#times.push({ operations, time });
    const ago = (count: number, ms: number) =>
      Math.min(operations - count, this.#operationAt(time - ms));
    const ripeBefore = operations - Math.ceil(idleOperations / LOOKS_PER_IDLE);
    const idleBefore = Math.min(ripeBefore, ago(idleOperations, idleMs));
    const changed = this.idle.look({ operations, time, idleBefore, ripeBefore });
    this.#focus();
    this.#close();
    for (const kind of this.idle.kinds.keys()) this.#judge(kind, changed);
    const heldBefore = ago(heldOperations, heldMs);
    this.held = heldHandles(heldBefore, this.idle, this.#ledger, this.settings);
    this.#forget(time - Math.max(idleMs, heldMs));
  }

  /** The newest operation known to have been before that time; -1: none. */
  #operationAt(time: number): number {
    let found = -1;
    for (const known of this.#times) {
      if (known.time > time) break;
      found = known.operations;
    }
    return found;
  }

  /** Keeps one look from before that time. */
  #forget(time: number): void {
    const first = this.#times.findIndex((known) => known.time > time);
    if (first > 1) this.#times = this.#times.slice(first - 1);
  }

  /** Takes more creation stacks of kinds that come near. */
  #focus(): void {
    for (const [kind, { epochs }] of this.idle.ripening) {
      if (epochs >= RIPE_EPOCHS && !this.#isNamed(kind)) this.budget.focus(kind);
    }
  }

  #isNamed(kind: HandleKind): boolean {
    return this.suspects.some((suspect) => suspect.kind === kind && suspect.site !== undefined);
  }

  /** Ends cases whose handles are used again or freed. */
  #close(): void {
    for (const [key, known] of this.#cases) {
      const left = known.population.idle;
      known.most = Math.max(known.most, left);
      if (left < known.most / 2 || left === 0) this.#cases.delete(key);
      else if (left !== known.suspect.count) known.suspect = { ...known.suspect, count: left };
    }
  }

  #judge(kind: HandleKind, changed: ReadonlyMap<Population, Window[]>): void {
    for (const population of this.idle.places(kind)) {
      const criteria = this.#verdict(population, changed.get(population) ?? []);
      if (criteria !== undefined) this.#raise(population, population, criteria);
    }
    const all = this.idle.kinds.get(kind);
    if (all === undefined || this.suspects.some((suspect) => suspect.kind === kind)) return;
    const criteria = this.#verdict(all, changed.get(all) ?? []);
    if (criteria === undefined) return;
    const place = this.#voted(kind);
    const since = this.#waiting.get(kind) ?? this.#operations;
    this.#waiting.set(kind, since);
    if (place === undefined && this.#operations - since < WAIT_OPERATIONS) {
      this.budget.focus(kind);
      return;
    }
    this.#raise(all, place, criteria);
  }

  /** The criteria of the first window in which all hold. */
  #verdict(population: Population, windows: readonly Window[]): Criterion[] | undefined {
    for (const window of windows) {
      if (!isWorthwhile(window, this.settings)) continue;
      const criteria = judge(population, window, this.settings);
      if (criteria.every(({ holds }) => holds)) return criteria;
    }
    return undefined;
  }

  /** The place that most of those are of that stay: which did not leave while others of their place did. */
  #voted(kind: HandleKind): Population | undefined {
    let best: Population | undefined;
    let most = 0;
    for (const population of this.idle.places(kind)) {
      const votes = population.stays.size - (population.windows[0]?.points.at(-1)?.left ?? 0);
      if (votes > most) {
        best = population;
        most = votes;
      }
    }
    return best;
  }

  #raise(all: Population, place: Population | undefined, criteria: readonly Criterion[]): void {
    const key = `${all.kind} ${place?.place ?? ''}`;
    if (this.#cases.has(key)) return;
    const suspect = growthSuspect(all, place, criteria, this.#ledger);
    this.#cases.set(key, { suspect, population: all, most: suspect.count });
    this.budget.relax(all.kind);
    this.#tell(suspect);
  }
}
