/** Does to handles what the policies of their engine say. */
import { type Expiry, HandleExpiredError, HandleLimitError } from '../errors.js';
import type { HandleKind, LedgerRecord } from '../monitor/ledger.js';
import type { HandlePolicies, PolicyHost } from '../monitor/policies.js';
import { describeHandles, firstLine, grouped, labelOf } from '../monitor/text.js';
import { freeOrder, type HandleCore } from './handle-core.js';
import { warn } from './warning.js';

/** Handles that an error names. */
const NAMED_MAX = 1000;

/** @internal Of one engine. It leads to no wrapper. */
export class HandleExpiry implements PolicyHost {
  readonly #engine: HandleCore;
  /** Those that were made while there were policies; of others when they are asked for. */
  readonly #cores = new WeakMap<LedgerRecord, HandleCore>();
  /** Each with what depends on it. */
  #waiting: (readonly HandleCore[])[] = [];
  /** Set by who makes it. */
  policies: HandlePolicies | undefined;

  constructor(engine: HandleCore) {
    this.#engine = engine;
  }

  get busy(): boolean {
    const { native } = this.#engine.context;
    return native.busy || native.stopped;
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  begin(): void {
    const { context } = this.#engine;
    context.admit = (core) => this.#admit(core);
    context.refuses = (kind, more) => {
      const refusal = this.policies?.refuses(kind, more);
      return refusal === undefined ? undefined : this.#limitError(refusal, kind, undefined);
    };
  }

  forbid(records: readonly LedgerRecord[]): void {
    for (const record of records) this.#mark(this.#coreOf(record));
  }

  free(records: readonly LedgerRecord[]): void {
    for (const record of records) {
      const core = this.#coreOf(record);
      if (core === undefined) continue;
      const group = new Set<HandleCore>();
      addDependants(core, group);
      for (const each of group) this.#mark(each);
      this.#waiting.push([...group].sort(freeOrder));
    }
  }

  refresh(record: LedgerRecord): string | undefined {
    const core = this.#coreOf(record);
    const { context } = this.#engine;
    if (core?.refresh === undefined) return 'what it reads cannot be refreshed';
    try {
      context.events.suspend(() => {
        core.refresh?.(core);
        core.refreshes++;
        context.settleLater();
      });
      return undefined;
    } catch (error) {
      if (context.native.crashed) throw error;
      return (error as Error).message;
    }
  }

  /**
   * What the last operation used waits for the next: a call that consists of two may be at it. The handle that this
   * operation is on does not: the operation ends with an error.
   */
  release(used: LedgerRecord | undefined): void {
    const { context } = this.#engine;
    const recent = (core: HandleCore) =>
      used !== undefined &&
      core.record !== used &&
      core.record.lastUseOperation >= context.ledger.operations - 1;
    const groups = this.#waiting;
    this.#waiting = groups.filter((group) => group.some(recent));
    const now = groups.filter((group) => !group.some(recent)).flat();
    // Listeners may free what the operation is on: they are called later.
    context.events.suspend(() => {
      for (const core of now) reclaim(core, 'expired', 'ttl');
    });
  }

  #admit(core: HandleCore): void {
    const { context, record } = core;
    this.#cores.set(record, core);
    const refusal = this.policies?.refuses(record.kind);
    if (refusal === undefined) return;
    const error = this.#limitError(refusal, record.kind, record);
    try {
      context.events.suspend(() => core.releaseAs('freed'));
    } catch (failure) {
      context.background.keep(failure);
    }
    throw error;
  }

  #limitError(refusal: string, kind: HandleKind, refused: LedgerRecord | undefined) {
    const others = this.#engine.context.ledger
      .live()
      .filter((each) => each.kind === kind && each !== refused)
      .slice(0, NAMED_MAX);
    const advice = 'free some, or raise it by heap.setPolicy()';
    return new HandleLimitError(
      'ERR_ROCKSDB_HANDLE_LIMIT',
      `${refusal}: ${advice}. There are ${describeHandles(others)}`,
    );
  }

  #mark(core: HandleCore | undefined): void {
    if (core === undefined || !core.usable) return;
    const { record, context } = core;
    const { ledger } = context;
    core.usable = false;
    if (record.state === 'live' || record.state === 'orphaned') record.state = 'expired';
    core.expiry = {
      kind: record.kind,
      id: record.id,
      createdAt: record.site,
      lastUseOperation: record.lastUseOperation,
      lastUsedAt: record.accesses?.at(-1)?.site,
      expiredOperation: ledger.operations,
      expiredAt: ledger.site(),
    };
  }

  #coreOf(record: LedgerRecord): HandleCore | undefined {
    const known = this.#cores.get(record);
    if (known !== undefined) return known;
    for (const core of this.#engine.descendants()) this.#cores.set(core.record, core);
    return this.#cores.get(record);
  }
}

/** The handle, its descendants and borrowers, theirs, and so on. */
function addDependants(core: HandleCore, group: Set<HandleCore>): void {
  if (core.released || group.has(core)) return;
  group.add(core);
  for (const each of [...core.descendants(), ...(core.borrowers ?? [])]) addDependants(each, group);
}

/** Frees a handle that nobody has freed, and tells of it. Nobody called for it, so an error is a warning. */
export function reclaim(
  core: HandleCore,
  state: 'expired' | 'finalized',
  by: 'ttl' | 'finalizer',
): void {
  if (core.released) return;
  const { context, record } = core;
  try {
    core.releaseAs(state);
  } catch (error) {
    warn(`${record.kind} #${record.id} was not freed cleanly: ${String(error)}`);
  }
  context.reclaimed?.(record, by);
}

/** For a use of a handle whose time is over. */
export function expiredError(core: HandleCore, expiry: Expiry): HandleExpiredError {
  const { record, context, released } = core;
  const { createdAt, lastUsedAt, lastUseOperation, expiredAt, expiredOperation } = expiry;
  const ago = (operation: number) =>
    `${grouped(context.ledger.operations - operation)} operations ago`;
  const at = (site: string | undefined) => (site === undefined ? '' : ` ${firstLine(site)}`);
  const parts = [
    `the time to live of ${labelOf(record)} is over${released ? ', and it was freed' : ''}`,
    `made ${ago(record.bornOperation)}${at(createdAt)}`,
    `last used ${ago(lastUseOperation)}${at(lastUsedAt)}`,
    `expired ${ago(expiredOperation)}${at(expiredAt)}`,
  ];
  const more: string[] = [];
  if (createdAt === undefined) more.push("heap.tracking = 'track' takes where handles are made");
  if (lastUsedAt === undefined) more.push("'access' where they are used");
  const hint = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return new HandleExpiredError(`${parts.join('; ')}${hint}. Make a new one`, expiry);
}
