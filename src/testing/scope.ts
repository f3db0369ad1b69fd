/** What a check looks at: engines, or one database of an engine; and how it comes to a quiescent point. */
import type { Engine } from '../engine.js';
import {
  type HandleRecord,
  isInternal,
  type Ledger,
  type TrackingLevel,
} from '../monitor/ledger.js';
import {
  type EngineDefaults,
  type EngineView,
  engineDefaults,
  engines,
  type FinalizerMode,
  keepLost,
  setDefaults,
} from '../monitor/registry.js';
import type { RocksDB } from '../rocksdb.js';

// biome-ignore lint/suspicious/noExplicitAny: a database of whatever encodings
export type AnyRocksDB = RocksDB<any, any>;

// Taken at the start: a test may put a clock of its own in their place.
const { setTimeout: startTimer, setImmediate: startTurn } = globalThis;

/** Turns of the event loop after which what was only waiting for its turn has had it. */
const TURNS = 3;
/** How long what looks like a leak is waited for, in turns of at least a millisecond. */
const PATIENCE_TURNS = 100;

const nextTurn = () =>
  new Promise<void>((resolve) => {
    if (startTurn === undefined) startTimer(resolve, 0);
    else startTurn(resolve);
  });

/** Engines, those made later included; or what belongs to one database. */
export class Scope {
  readonly #engines: readonly Engine[] | undefined;
  readonly #db: AnyRocksDB | undefined;

  constructor(options: { engines?: readonly Engine[] | undefined; db?: AnyRocksDB | undefined }) {
    this.#db = options.db;
    this.#engines = options.db === undefined ? options.engines : [options.db.engine];
  }

  views(): EngineView[] {
    const chosen = this.#engines?.map((engine) => engine.ledger);
    return engines().filter(({ ledger }) => chosen === undefined || chosen.includes(ledger));
  }

  /** Whether it is whole engines, whose bytes are then its own. */
  get wholeEngines(): boolean {
    return this.#db === undefined;
  }

  /** Live handles that the user frees, oldest first within an engine. */
  handles(): HandleRecord[] {
    return this.views().flatMap(({ ledger }) => {
      const live = ledger.live();
      return (this.#db === undefined ? live : subtree(live, this.#db.id)).filter(isUsers);
    });
  }

  /** Comes to where no call is under way and all background work is done. */
  async quiesce(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      await nextTurn();
      for (const { host } of this.views()) host?.drain();
    }
  }

  /** Lets what is under way come to its end, until `done` or patience is over. */
  async waitFor(done: () => boolean): Promise<void> {
    for (let turn = 0; turn < PATIENCE_TURNS && !done(); turn++) {
      await new Promise((resolve) => startTimer(resolve, 1));
    }
    await this.quiesce();
  }
}

/** Checks under way, and what ends the watch of the first of them. */
let watches = 0;
let endWatch = () => {};

/**
 * Every creation stack is taken from now on, also in engines made later, and no leak is hidden by the garbage
 * collector's freeing it. Returns what restores all that, once no other check is under way.
 */
export function watchClosely(): () => void {
  if (watches++ === 0) endWatch = startWatch();
  return () => {
    if (--watches === 0) endWatch();
  };
}

function startWatch(): () => void {
  const before = new Map<Ledger, EngineDefaults>();
  for (const { ledger, heap } of engines()) {
    if (heap === undefined) continue;
    const { tracking, finalizer } = heap;
    before.set(ledger, { tracking, finalizer });
    heap.tracking = atLeastTrack(tracking);
    heap.finalizer = notFree(finalizer);
  }
  const defaults = engineDefaults();
  const during = {
    tracking: atLeastTrack(defaults.tracking),
    finalizer: notFree(defaults.finalizer),
  };
  const restoreDefaults = setDefaults(during);
  const endKeeping = keepLost();
  return () => {
    endKeeping();
    restoreDefaults();
    for (const { ledger, heap } of engines()) {
      if (heap === undefined) continue;
      const earlier = before.get(ledger);
      // An engine made meanwhile has the defaults, unless its maker chose otherwise.
      if (earlier !== undefined || heap.tracking === during.tracking) {
        heap.tracking = (earlier ?? defaults).tracking;
      }
      if (earlier !== undefined || heap.finalizer === during.finalizer) {
        heap.finalizer = (earlier ?? defaults).finalizer;
      }
    }
  };
}

const atLeastTrack = (level: TrackingLevel): TrackingLevel =>
  level === 'count' || level === 'sample' ? 'track' : level;
const notFree = (mode: FinalizerMode): FinalizerMode => (mode === 'free' ? 'report' : mode);

/** Whether the user frees it: RocksDB opens and closes its files, and the wrapper its buffers. */
export const isUsers = ({ kind }: HandleRecord): boolean => !isInternal(kind);

/** The handle `root` and what belongs to it, at any depth. Owners are older than what they own. */
export function subtree(live: readonly HandleRecord[], root: number): HandleRecord[] {
  const ids = new Set([root]);
  return live.filter(({ id, owner }) => {
    if (id !== root && !ids.has(owner)) return false;
    ids.add(id);
    return true;
  });
}
