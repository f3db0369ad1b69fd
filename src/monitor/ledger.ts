/**
 * The ledger: a record for every object that the wrapper makes, from its creation to its free().
 * It holds no reference to the objects themselves.
 */

/** What a handle is. */
export type HandleKind =
  | 'engine'
  | 'db'
  | 'columnFamily'
  | 'iterator'
  | 'snapshot'
  | 'writeBatch'
  | 'cache';

/** Why a handle is no longer live. */
export type HandleState = 'live' | 'freed' | 'freedByOwner' | 'crashed';

export interface HandleRecord {
  /** Monotone within its engine, from 1. */
  readonly id: number;
  readonly kind: HandleKind;
  /** Says which one, where that helps: a path, a column family's name. */
  readonly name: string | undefined;
  /** Id of the handle that frees this one when it is closed; 0: none. */
  readonly owner: number;
  /** Where it was made, as stack text of the caller's frames; undefined when tracking was off. */
  readonly site: string | undefined;
  /** The engine's operation number at its creation. */
  readonly bornOperation: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly bornTime: number;
  state: HandleState;
}

/** `count`: records without stacks, always on. `track`: the creation stack of each handle. */
export type TrackingLevel = 'count' | 'track';

export interface KindTotals {
  created: number;
  freed: number;
}

/** Where the package's own frames come from, so that a site begins at the caller's. */
const OWN_FOLDER = ownFolder();

function ownFolder(): string {
  const frame =
    /((?:file:\/\/|\/)[^\s()]*?)(?:\/monitor\/ledger\.[jt]s|\/[^/\s()]+\.[jt]s)[:?]/.exec(
      new Error().stack ?? '',
    );
  return frame?.[1] ?? '\0';
}

/** The caller's frames of the present stack, innermost first, at most `depth`. */
function captureSite(depth: number): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth + 16;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  const frames = stack.split('\n').filter((line) => /(^\s*at |@)/.test(line));
  const own = OWN_FOLDER.replace('file://', '');
  const callers = frames.filter((line) => !line.includes(`${own}/`));
  // Frames of the runtime's own, on the way to the caller's: `Array.forEach (<anonymous>)`, `(native:1:11)`.
  while (callers.length > 1 && /<anonymous>|\bnative\b/.test(callers[0] ?? '')) callers.shift();
  return (callers.length > 0 ? callers : frames)
    .slice(0, depth)
    .map((line) => line.trim())
    .join('\n');
}

export class Ledger {
  level: TrackingLevel = 'count';
  /** Counts the calls that do something; the ledger's deterministic clock. */
  operations = 0;
  readonly #live = new Map<number, HandleRecord>();
  readonly #totals = new Map<HandleKind, KindTotals>();
  /** Equal sites share one string. */
  readonly #sites = new Map<string, string>();
  #lastId = 0;

  constructor(readonly now: () => number) {}

  add(kind: HandleKind, owner: number, name?: string): HandleRecord {
    const record: HandleRecord = {
      id: ++this.#lastId,
      kind,
      name,
      owner,
      site: this.level === 'track' ? this.#intern(captureSite(10)) : undefined,
      bornOperation: this.operations,
      bornTime: this.now(),
      state: 'live',
    };
    this.#live.set(record.id, record);
    this.#totalsOf(kind).created++;
    return record;
  }

  remove(record: HandleRecord, state: Exclude<HandleState, 'live'>): void {
    if (!this.#live.delete(record.id)) return;
    record.state = state;
    this.#totalsOf(record.kind).freed++;
  }

  /** Live handles, oldest first. */
  live(): HandleRecord[] {
    return [...this.#live.values()];
  }

  totals(): ReadonlyMap<HandleKind, Readonly<KindTotals>> {
    return this.#totals;
  }

  #totalsOf(kind: HandleKind): KindTotals {
    let totals = this.#totals.get(kind);
    if (totals === undefined) {
      totals = { created: 0, freed: 0 };
      this.#totals.set(kind, totals);
    }
    return totals;
  }

  #intern(site: string): string {
    const known = this.#sites.get(site);
    if (known !== undefined) return known;
    this.#sites.set(site, site);
    return site;
  }
}
