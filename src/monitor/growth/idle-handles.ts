/** Follows the handles of an engine that are not used. */
import { type HandleKind, isInternal, type Ledger, type LedgerRecord } from '../ledger.js';
import { firstLine } from '../text.js';
import type { GrowthSettings } from './options.js';
import { Population, type Stay, type Window } from './population.js';

/** Stays that are followed; more than these are counted only. */
const STAYS_MAX = 20_000;
/** Places, and ways that lead to them, that are followed of each kind. */
const PLACES_MAX = 128;
/** A handle made so soon after its owner is part of it: a column family of its database. */
const PART_OPERATIONS = 1_000;

/** A part of a look: how far back. */
export interface Look {
  readonly operations: number;
  readonly time: number;
  /** What was not used since this operation is idle. */
  readonly idleBefore: number;
  /** What was not used since this one may become so. */
  readonly ripeBefore: number;
}

/** How many births of handles that may become idle there were, and how many lie well apart. */
export interface Ripening {
  epochs: number;
  lastBorn: number;
}

export class IdleHandles {
  readonly #ledger: Ledger;
  readonly #settings: GrowthSettings;
  readonly #kinds = new Map<HandleKind, Population>();
  readonly #places = new Map<HandleKind, Map<string, Population>>();
  /** What populations are like before their first handle. */
  readonly #empty = new Population('engine', undefined);
  readonly #stays = new Map<LedgerRecord, Stay>();
  /** Of the last look, by kind. */
  readonly ripening = new Map<HandleKind, Ripening>();
  /** Records that the last look read. */
  visited = 0;
  #looks = 0;

  constructor(ledger: Ledger, settings: GrowthSettings) {
    this.#ledger = ledger;
    this.#settings = settings;
  }

  /** By kind. */
  get kinds(): ReadonlyMap<HandleKind, Population> {
    return this.#kinds;
  }

  /** Of one kind by the places that made its handles, and by whole stacks; of those whose stacks were taken. */
  places(kind: HandleKind): Iterable<Population> {
    return this.#places.get(kind)?.values() ?? [];
  }

  /** Reads the live handles that are old enough. Returns the windows that have new points. */
  look(look: Look): Map<Population, Window[]> {
    this.#looks++;
    this.visited = 0;
    this.ripening.clear();
    for (const population of this.#all()) population.idle = population.old = 0;
    const idleOwners = new Map<number, number>();
    // Oldest first: what follows the first that is too young is younger still.
    this.#ledger.each((record) => {
      if (record.bornOperation > look.ripeBefore) return false;
      this.visited++;
      if (!isInternal(record.kind) && record.kind !== 'engine') {
        this.#visit(record, look, idleOwners);
      }
      return true;
    });
    for (const stay of this.#stays.values()) {
      if (stay.look !== this.#looks) this.#leave(stay, look.operations);
    }
    const changed = new Map<Population, Window[]>();
    for (const population of this.#all()) {
      changed.set(population, population.record(look.operations, look.time));
    }
    this.#empty.record(look.operations, look.time);
    return changed;
  }

  #visit(record: LedgerRecord, look: Look, idleOwners: Map<number, number>): void {
    const lastUse = lastUseOf(record);
    if (lastUse <= look.ripeBefore) this.#ripen(record);
    if (record.bornOperation > look.idleBefore) return;
    let stay = this.#stays.get(record);
    if (stay !== undefined && stay.lastUse !== lastUse) {
      this.#leave(stay, look.operations);
      stay = undefined;
    }
    const idle = lastUse <= look.idleBefore;
    if (idle) {
      idleOwners.set(record.id, record.bornOperation);
      const owner = idleOwners.get(record.owner);
      if (owner !== undefined && record.bornOperation - owner <= PART_OPERATIONS) return;
    }
    const populations = stay?.populations ?? this.#populationsOf(record);
    for (const population of populations) {
      population.old++;
      if (idle) population.idle++;
    }
    if (!idle) return;
    if (stay === undefined) this.#enter(record, lastUse, look.operations, populations);
    else this.#remain(stay, look.operations);
  }

  #ripen({ kind, bornOperation }: LedgerRecord): void {
    const apart = this.#settings.idleOperations / 4;
    const known = this.ripening.get(kind);
    if (known === undefined) this.ripening.set(kind, { epochs: 1, lastBorn: bornOperation });
    else if (bornOperation - known.lastBorn >= apart) {
      known.epochs++;
      known.lastBorn = bornOperation;
    }
  }

  #enter(
    record: LedgerRecord,
    lastUse: number,
    operations: number,
    populations: readonly Population[],
  ): void {
    if (this.#stays.size >= STAYS_MAX) return;
    const stay: Stay = {
      record,
      lastUse,
      since: operations,
      judged: false,
      look: this.#looks,
      populations,
    };
    this.#stays.set(record, stay);
    for (const population of populations) population.enter(stay);
  }

  #remain(stay: Stay, operations: number): void {
    stay.look = this.#looks;
    if (stay.judged || operations - stay.since < this.#settings.idleOperations) return;
    stay.judged = true;
    for (const population of stay.populations) population.judge();
  }

  #leave(stay: Stay, operations: number): void {
    this.#stays.delete(stay.record);
    for (const population of stay.populations) population.leave(stay, operations);
  }

  /** Its kind, the place that made it, and the way there: one helper may be called well and badly. */
  #populationsOf({ kind, site }: LedgerRecord): Population[] {
    let all = this.#kinds.get(kind);
    if (all === undefined) {
      all = new Population(kind, undefined, this.#empty);
      this.#kinds.set(kind, all);
    }
    if (site === undefined) return [all];
    const made = this.#madeAt(kind, firstLine(site), site);
    return [all, ...made];
  }

  #madeAt(kind: HandleKind, place: string, site: string): Population[] {
    let known = this.#places.get(kind);
    if (known === undefined) {
      known = new Map();
      this.#places.set(kind, known);
    }
    const found: Population[] = [];
    for (const key of new Set([place, site])) {
      let population = known.get(key);
      if (population === undefined) {
        if (known.size >= PLACES_MAX) continue;
        population = new Population(kind, place, this.#empty);
        known.set(key, population);
      }
      found.push(population);
    }
    return found;
  }

  *#all(): Generator<Population> {
    yield* this.#kinds.values();
    for (const places of this.#places.values()) yield* places.values();
  }
}

/** Who uses an iterator uses its snapshot. */
function lastUseOf({ lastUseOperation, borrowers }: LedgerRecord): number {
  let last = lastUseOperation;
  for (const borrower of borrowers ?? []) last = Math.max(last, borrower.lastUseOperation);
  return last;
}
