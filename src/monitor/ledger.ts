/**
 * The ledger: a record for every object that the wrapper makes, from its creation to its free().
 * It holds no reference to the objects themselves.
 */
import { callerSite } from './sites.js';
import { steady } from './steady-clock.js';

/** What a handle can be. */
export const HANDLE_KINDS = [
  'engine',
  'db',
  'columnFamily',
  'iterator',
  'snapshot',
  'writeBatch',
  'cache',
  'pinnedSlice',
  'transaction',
  'transactionLogIterator',
  'sstFileWriter',
  'sstFileReader',
  'backupEngine',
  'statistics',
  'rateLimiter',
  'sstFileManager',
  'writeBufferManager',
  /** What an export of a column family listed, for its import. */
  'exportedFiles',
  /** Something of a database that is held up: its log, file deletions, background work. */
  'databaseHold',
  /** What `snapshot.retain()` made: a release() is due. */
  'snapshotHold',
  /** One caller's hold on a database of `RocksDB.shared`: a release() is due. */
  'databaseLease',
  'iteratorPool',
  /** What `pool.acquire()` gave: it is due back. */
  'iteratorLease',
  'bulkWriter',
  /** An iterator of a pool, lent or not: the pool opens and frees those. */
  'pooledIterator',
  /** An open descriptor of the engine: RocksDB opens and closes those. */
  'file',
  /** A block on the wasm heap that the wrapper holds for its own use. */
  'buffer',
] as const;

export type HandleKind = (typeof HANDLE_KINDS)[number];

/**
 * `live`, or how it ended. Three also mark handles that still hold their memory and stand among the live ones.
 * `finalized`: the garbage collector found it forgotten, with the finalizer at `report`. `expired`: its time to
 * live is over, and any use throws. `orphaned`: its column family was dropped, whose data it keeps.
 */
export type HandleState =
  | 'live'
  | 'freed'
  | 'freedByOwner'
  | 'expired'
  | 'finalized'
  | 'orphaned'
  | 'crashed';

/** One use of a handle, at level `access`. */
export interface Access {
  readonly operation: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly time: number;
  readonly site: string;
}

export interface HandleRecord {
  /** Monotone within its engine, from 1. */
  readonly id: number;
  readonly kind: HandleKind;
  /** Says which one, where that helps: a path, a column family's name. */
  readonly name: string | undefined;
  /** Id of the handle that frees this one when it is closed; 0: none. */
  readonly owner: number;
  /** Where it was made, as stack text of the caller's frames; undefined when that was not taken. */
  readonly site: string | undefined;
  /** The engine's operation number at its creation. */
  readonly bornOperation: number;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly bornTime: number;
  /** The operation that used it last; at first that of its creation. */
  readonly lastUseOperation: number;
  /** From level `track` on. */
  readonly lastUseTime: number | undefined;
  readonly state: HandleState;
  /** Ids of the handles that must outlive it: an iterator's snapshot. */
  readonly borrows: readonly number[];
  /** At level `access`: the first use and the newest, and a fair choice of those between. */
  readonly accesses: readonly Access[] | undefined;
  /** Uses that `accesses` was chosen from. */
  readonly accessCount: number;
}

/**
 * What is recorded of a handle beside its existence, which always is. `count`: nothing more. `sample`: the
 * creation stack of some, one in 128 of the common kinds. `track`: of each. `access`: also where it
 * was used. `exact`: also each allocation.
 */
export type TrackingLevel = 'count' | 'sample' | 'track' | 'access' | 'exact';

export const TRACKING_LEVELS = ['count', 'sample', 'track', 'access', 'exact'] as const;

export interface KindTotals {
  created: number;
  freed: number;
  /** Sum over the freed ones of their lifetimes, in operations. */
  lifetimeOperations: number;
  /** The longest of those lifetimes. */
  longestOperations: number;
  /** Those of `freed` that ended otherwise than by `free()`, by state. */
  readonly otherwise: Map<EndState, number>;
}

/** How a handle ended. */
export type EndState = Exclude<HandleState, 'live'>;

/** Kinds that nobody has to free: RocksDB and the wrapper do that. */
export function isInternal(kind: HandleKind): boolean {
  return kind === 'file' || kind === 'buffer' || kind === 'pooledIterator';
}

/** Called as each operation begins, with the handle that it is on. What it throws ends the operation. */
export type OperationHook = (record: LedgerRecord) => void;

/** Decides whether the creation stack of a new handle is taken that the level does not ask for. */
export type SiteChooser = (kind: HandleKind) => boolean;

/** Called with each record that is made. It must not throw. */
export type CreationHook = (record: LedgerRecord) => void;

/** Told when the level changes. */
export interface LevelObserver {
  levelChanged(level: TrackingLevel): void;
}

const NO_BORROWS: readonly number[] = Object.freeze([]);
/** Of each kind, so many are sampled before the rate falls; it ends at one in SAMPLE_INTERVAL. */
const SAMPLED_FIRST = 4;
const SAMPLE_INTERVAL = 128;
const ACCESSES_MAX = 16;
/** What is not made by a call of its own may be below many frames of the wasm. */
const DEEP_SITE_FRAMES = 100;

/** Totals by kind of an engine, or of one database in it. */
type Totals = Map<HandleKind, KindTotals>;

/** A record that is still written to. All fields are there from the start, in one order. */
export class LedgerRecord implements HandleRecord {
  readonly id: number;
  readonly kind: HandleKind;
  readonly name: string | undefined;
  owner: number;
  readonly site: string | undefined;
  readonly bornOperation: number;
  readonly bornTime: number;
  lastUseOperation: number;
  /** Not a number until it is known; always of one type, so that a write allocates nothing. */
  usedAt = Number.NaN;
  state: HandleState = 'live';
  borrows: readonly number[] = NO_BORROWS;
  /** Live handles that it must outlive: who uses them uses it. */
  borrowers: Set<LedgerRecord> | undefined = undefined;
  accesses: Access[] | undefined = undefined;
  accessCount = 0;
  /** Neighbours among the live ones; undefined at the ends and once it is removed. */
  #previous: LedgerRecord | undefined = undefined;
  #next: LedgerRecord | undefined = undefined;
  /** Where it is counted: with its database, or with the engine. */
  #totals: Totals;

  constructor(
    id: number,
    kind: HandleKind,
    name: string | undefined,
    owner: number,
    site: string | undefined,
    operation: number,
    time: number,
    totals: Totals,
  ) {
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.owner = owner;
    this.site = site;
    this.bornOperation = operation;
    this.bornTime = time;
    this.lastUseOperation = operation;
    this.#totals = totals;
  }

  get lastUseTime(): number | undefined {
    return Number.isNaN(this.usedAt) ? undefined : this.usedAt;
  }

  static totalsOf(record: LedgerRecord): Totals {
    return record.#totals;
  }

  static moveTo(record: LedgerRecord, totals: Totals): void {
    record.#totals = totals;
  }

  static next(record: LedgerRecord): LedgerRecord | undefined {
    return record.#next;
  }

  static append(last: LedgerRecord | undefined, record: LedgerRecord): void {
    record.#previous = last;
    if (last !== undefined) last.#next = record;
  }

  /** Takes a record out of the list; returns its neighbours. */
  static unlink(record: LedgerRecord): void {
    const previous = record.#previous;
    const next = record.#next;
    if (previous !== undefined) previous.#next = next;
    if (next !== undefined) next.#previous = previous;
    record.#previous = undefined;
    record.#next = undefined;
  }

  static previous(record: LedgerRecord): LedgerRecord | undefined {
    return record.#previous;
  }
}

export class Ledger {
  /** Counts the calls that do something; the ledger's deterministic clock. */
  operations = 0;
  /** Milliseconds since 1970, by the engine's clock; it goes on when that is set back. */
  readonly now: () => number;
  /** What the engine's clock says, RocksDB's time. */
  readonly clock: () => number;
  /** Set while something is made that was asked for here, before an await cut the stack. */
  origin: string | undefined;
  #level: TrackingLevel = 'count';
  #observer: WeakRef<LevelObserver> | undefined;
  /** Something is called at each operation, or uses are more than a number. */
  #watching = false;
  /** Uses are noted with their times. */
  #timing = false;
  /** Called at each operation; by name, so that nobody has two. */
  readonly #hooks = new Map<string, OperationHook>();
  #hookList: readonly OperationHook[] = [];
  #creationHook: CreationHook | undefined;
  /** Kinds of which each creation stack is taken, whatever the level. */
  readonly #focus = new Map<HandleKind, number>();
  /** Who else wants creation stacks. */
  #choosers: readonly SiteChooser[] = [];
  #first: LedgerRecord | undefined;
  #last: LedgerRecord | undefined;
  /** Of the engine: what belongs to no database, or to one that is gone. */
  readonly #totals: Totals = new Map();
  /** By the id of their database. */
  readonly #databases = new Map<number, Totals>();
  readonly #created = new Map<HandleKind, number>();
  #lastId = 0;
  #atCrash: readonly LedgerRecord[] = [];
  #random: number;

  /** `seed` decides what is sampled; not 0. */
  constructor(clock: () => number, seed = 0x9e3779b9) {
    this.clock = clock;
    this.now = steady(clock);
    this.#random = seed;
  }

  /** May be changed at any time; holds for what happens from then on. */
  get level(): TrackingLevel {
    return this.#level;
  }

  set level(level: TrackingLevel) {
    if (level === this.#level) return;
    this.#level = level;
    this.#timing = level !== 'count' && level !== 'sample';
    this.#watching = this.#timing || this.#hooks.size > 0;
    this.#observer?.deref()?.levelChanged(level);
  }

  /** The one that is told of changes of the level. It is held weakly. */
  set observer(observer: LevelObserver) {
    this.#observer = new WeakRef(observer);
  }

  /**
   * Has `hook` called at each operation from now on, or no longer. It is called before the operation, when no
   * other is under way, but not for what the operation uses beside its handle.
   */
  onOperation(name: string, hook: OperationHook | undefined): void {
    if (hook === undefined) this.#hooks.delete(name);
    else this.#hooks.set(name, hook);
    this.#hookList = [...this.#hooks.values()];
    this.#watching = this.#timing || this.#hooks.size > 0;
  }

  /** Has `hook`, and no other, called with each record that is made. */
  onCreation(hook: CreationHook | undefined): void {
    this.#creationHook = hook;
  }

  /** Takes the creation stack of each handle of this kind, until the returned function is called. */
  focus(kind: HandleKind): () => void {
    this.#focus.set(kind, (this.#focus.get(kind) ?? 0) + 1);
    let on = true;
    return () => {
      if (!on) return;
      on = false;
      const others = (this.#focus.get(kind) ?? 0) - 1;
      if (others > 0) this.#focus.set(kind, others);
      else this.#focus.delete(kind);
    };
  }

  /** Asks `chooser` of each new handle whose creation stack nobody else wants, until the returned function is called. */
  chooseSites(chooser: SiteChooser): () => void {
    const own: SiteChooser = (kind) => chooser(kind);
    this.#choosers = [...this.#choosers, own];
    return () => {
      this.#choosers = this.#choosers.filter((each) => each !== own);
    };
  }

  /** Whether somebody chooses whose creation stacks to take. */
  get choosing(): boolean {
    return this.#choosers.length > 0;
  }

  /** `above`: the function of ours on the stack, if any, below which a creation site is looked for. */
  add(
    kind: HandleKind,
    owner: LedgerRecord | undefined,
    name?: string,
    above?: unknown,
  ): LedgerRecord {
    const id = ++this.#lastId;
    const wanted = this.#level !== 'count' || this.#focus.size > 0 || this.#choosers.length > 0;
    const site = wanted ? this.#creationSite(kind, above) : undefined;
    const totals = this.#totalsFor(kind, owner, id);
    const record = new LedgerRecord(
      id,
      kind,
      name,
      owner === undefined ? 0 : owner.id,
      site,
      this.operations,
      this.now(),
      totals,
    );
    LedgerRecord.append(this.#last, record);
    this.#last = record;
    this.#first ??= record;
    countOf(totals, kind).created++;
    this.#creationHook?.(record);
    return record;
  }

  /** Whether a record has not been taken out. */
  holds(record: LedgerRecord): boolean {
    return record === this.#first || LedgerRecord.previous(record) !== undefined;
  }

  /** Takes a record out; does nothing when it is out already. */
  remove(record: LedgerRecord, state: EndState): void {
    if (!this.holds(record)) return;
    if (record === this.#first) this.#first = LedgerRecord.next(record);
    if (record === this.#last) this.#last = LedgerRecord.previous(record);
    LedgerRecord.unlink(record);
    record.state = state;
    const totals = LedgerRecord.totalsOf(record);
    const count = countOf(totals, record.kind);
    count.freed++;
    const lifetime = this.operations - record.bornOperation;
    count.lifetimeOperations += lifetime;
    if (lifetime > count.longestOperations) count.longestOperations = lifetime;
    if (state !== 'freed') count.otherwise.set(state, (count.otherwise.get(state) ?? 0) + 1);
    if (record.kind === 'db') this.#close(record, totals);
  }

  /** The engine has crashed: what is live now is remembered for the reports. */
  crash(): void {
    this.#atCrash = this.live();
  }

  /** What was live when the engine crashed, oldest first; empty when it has not. */
  get atCrash(): readonly LedgerRecord[] {
    return this.#atCrash;
  }

  /** Takes out all that is left: the engine is gone. */
  end(state: EndState): void {
    for (const record of this.live()) this.remove(record, state);
  }

  /** A call that uses a handle: the operation clock goes on. */
  use(record: LedgerRecord): void {
    const operation = ++this.operations;
    if (this.#watching) this.#begin(record);
    record.lastUseOperation = operation;
  }

  /** A use as part of an operation that is counted already. */
  touch(record: LedgerRecord): void {
    record.lastUseOperation = this.operations;
    if (this.#timing) this.#note(record);
  }

  /** Gives a record another owner: for what is made before its owner. */
  own(record: LedgerRecord, owner: LedgerRecord): void {
    const from = countOf(LedgerRecord.totalsOf(record), record.kind);
    const totals = LedgerRecord.totalsOf(owner);
    const to = countOf(totals, record.kind);
    from.created--;
    to.created++;
    LedgerRecord.moveTo(record, totals);
    record.owner = owner.id;
  }

  /** The caller's frames, when the level wants them of everything. */
  site(): string | undefined {
    return this.#timing ? callerSite() : undefined;
  }

  /** Live handles, oldest first. */
  live(): LedgerRecord[] {
    const records: LedgerRecord[] = [];
    for (let at = this.#first; at !== undefined; at = LedgerRecord.next(at)) records.push(at);
    return records;
  }

  /** Calls `visit` with the live handles, oldest first, until it returns false. It makes and frees none. */
  each(visit: (record: LedgerRecord) => boolean): void {
    let at = this.#first;
    while (at !== undefined && visit(at)) at = LedgerRecord.next(at);
  }

  /** A handle that is live, or was when the engine crashed. */
  find(id: number): LedgerRecord | undefined {
    for (let at = this.#first; at !== undefined; at = LedgerRecord.next(at)) {
      if (at.id === id) return at;
    }
    return this.#atCrash.find((record) => record.id === id);
  }

  /** Live handles of a kind. */
  liveCount(kind: HandleKind): number {
    let count = liveOf(this.#totals, kind);
    for (const part of this.#databases.values()) count += liveOf(part, kind);
    return count;
  }

  /** Created and freed so far, by kind: of the engine, or of the database with that id. */
  totals(database?: number): Map<HandleKind, KindTotals> {
    const sum: Totals = new Map();
    const parts =
      database === undefined
        ? [this.#totals, ...this.#databases.values()]
        : [this.#databases.get(database) ?? new Map<HandleKind, KindTotals>()];
    for (const part of parts) addTo(sum, part);
    return sum;
  }

  /** A number from 0 to 2^32 - 1; Marsaglia's xorshift32. */
  #next(): number {
    let state = this.#random;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#random = state;
    return state >>> 0;
  }

  #creationSite(kind: HandleKind, above: unknown): string | undefined {
    if (this.origin !== undefined) return this.origin;
    if (!this.#timing && !this.#focus.has(kind) && !this.#chosen(kind)) return undefined;
    if (above !== undefined) return callerSite(above);
    return callerSite(callerSite, DEEP_SITE_FRAMES);
  }

  #chosen(kind: HandleKind): boolean {
    if (this.#level === 'sample' && this.#sampled(kind)) return true;
    for (const chooser of this.#choosers) if (chooser(kind)) return true;
    return false;
  }

  /** The rarer a kind, the more of it: after n creations one in n / SAMPLED_FIRST, at least one in 128. */
  #sampled(kind: HandleKind): boolean {
    const created = (this.#created.get(kind) ?? 0) + 1;
    this.#created.set(kind, created);
    const interval = Math.min(created / SAMPLED_FIRST, SAMPLE_INTERVAL);
    return interval <= 1 || this.#next() * interval < 0x1_0000_0000;
  }

  #begin(record: LedgerRecord): void {
    for (const hook of this.#hookList) hook(record);
    if (this.#timing) this.#note(record);
  }

  /** The use and its time, as the level says. */
  #note(record: LedgerRecord): void {
    const time = this.now();
    record.usedAt = time;
    if (this.#level === 'track') return;
    const accesses = record.accesses ?? [];
    record.accesses = accesses;
    record.accessCount++;
    if (accesses.length === ACCESSES_MAX) this.#thin(accesses, record.accessCount);
    accesses.push({ operation: this.operations, time, site: callerSite() });
  }

  /**
   * Makes room for the newest. The one before it joins the middle, which is a reservoir sample: each of
   * the middle uses so far is in it with the same chance.
   */
  #thin(accesses: Access[], count: number): void {
    const kept = ACCESSES_MAX - 2;
    const middle = count - 2;
    const at = this.#next() % middle;
    accesses.splice(at < kept ? 1 + at : ACCESSES_MAX - 1, 1);
  }

  #totalsFor(kind: HandleKind, owner: LedgerRecord | undefined, id: number): Totals {
    if (kind !== 'db') return owner === undefined ? this.#totals : LedgerRecord.totalsOf(owner);
    const totals: Totals = new Map();
    this.#databases.set(id, totals);
    return totals;
  }

  /** What a database had made goes to the engine's account. */
  #close(record: LedgerRecord, totals: Totals): void {
    addTo(this.#totals, totals);
    this.#databases.delete(record.id);
    for (let at = this.#first; at !== undefined; at = LedgerRecord.next(at)) {
      if (LedgerRecord.totalsOf(at) === totals) LedgerRecord.moveTo(at, this.#totals);
    }
  }
}

function countOf(totals: Totals, kind: HandleKind): KindTotals {
  let count = totals.get(kind);
  if (count === undefined) {
    count = {
      created: 0,
      freed: 0,
      lifetimeOperations: 0,
      longestOperations: 0,
      otherwise: new Map(),
    };
    totals.set(kind, count);
  }
  return count;
}

function liveOf(totals: Totals, kind: HandleKind): number {
  const count = totals.get(kind);
  return count === undefined ? 0 : count.created - count.freed;
}

function addTo(sum: Totals, part: Totals): void {
  for (const [kind, each] of part) {
    const count = countOf(sum, kind);
    count.created += each.created;
    count.freed += each.freed;
    count.lifetimeOperations += each.lifetimeOperations;
    count.longestOperations = Math.max(count.longestOperations, each.longestOperations);
    for (const [state, ended] of each.otherwise) {
      count.otherwise.set(state, (count.otherwise.get(state) ?? 0) + ended);
    }
  }
}
