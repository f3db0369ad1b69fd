/**
 * One writer per database, on this host and on those that share its disk.
 *
 * RocksDB's LOCK file is never touched: removed and made again, it would be another file to whoever
 * has it open. Beside it an owner file `LOCK.owner.<generation>` says who holds the lock. It
 * appears whole, by link(2) from a file that is complete and synced, and link fails where the name
 * is taken. (On file systems without links it is made with O_EXCL and then written; read half-
 * written, it counts as held.)
 *
 * To acquire:
 *   1. List the owner files. One whose process (or thread) is not proven dead: the lock is held; or,
 *      while its draft is there still, contended: wait until that is settled.
 *   2. Make an owner file of the generation after the highest; if that is taken, start again.
 *   3. List again. No other but dead ones: the lock is ours. A live one of a lower generation:
 *      withdraw and start again. A live one of a higher generation: wait for it to withdraw, else
 *      withdraw and start again.
 *   4. Refused after all when a native process has the LOCK file locked. Otherwise remove the files of
 *      the dead, and our own draft: the lock is held.
 * To release: remove the own file, if it still bears our token.
 *
 * Why two never hold it at once: each has its file from step 2 until it releases, and lists after
 * that. Of two that hold it, one made its file later; it listed later still, while the other's file
 * was there (a listing shows every file that is there throughout it), found its process alive, and
 * withdrew. This needs no trust in the numbers, which begin at 1 again when all files are gone, and
 * holds however long a process sleeps between steps.
 *
 * Why one of several that take over from a dead owner gets it: they saw the same highest
 * generation, so one link succeeds and the others find a live file of it. A straggler that had
 * listed before files were removed may make a higher number than one that came after it: the higher
 * withdraws, the lower waits.
 *
 * Why somebody gets it: of those that contend, the lowest waits for the others, and they withdraw, or hold
 * it since they had listed before its file was there. Nobody is refused for the sake of one that withdraws
 * in the end, since all wait for what is not settled (a contender that is stopped in the middle is
 * waited for SETTLING_WAITS_MAX times, and then taken for the holder).
 *
 * Why a file that is removed was the right one: an owner removes its own, whose name nobody else
 * can have while it is there; those of the dead are removed by the holder alone, so that a name is
 * not given anew between the look and the removal. A crash leaves at worst a file whose process is
 * dead.
 */
import * as fs from 'node:fs';
import { systemClock } from './clock.js';
import { type HeldLock, LockHeldError, type LockManager } from './file-system.js';
import { ALIVE, identify, type OwnerRecord, type Self, whyHeld } from './lock-owner.js';
import type { NativeHolder } from './native-locks.js';
import { isContended, isOurs, publish, readOnce, readRecord, withdraw } from './owner-file.js';
import { nameOf, parentOf } from './paths.js';
import { type ProcessProbe, systemProbe } from './process-probe.js';

/** Waits for other processes last 1, 2, 4, 8, then 16 ms each. */
const PAUSE_NS = 1_000_000n;
const PAUSE_DOUBLINGS_MAX = 4;
/** For what should pass within microseconds: some 100 ms in all. */
const WAITS_MAX = 10;
/** For what another process must be given processor time for: some two seconds. */
const SETTLING_WAITS_MAX = 128;
/** So that each has one name. No lock is taken that often; a file of that name was made by hand. */
const GENERATION_MAX = 999_999_999_999_999;
/** Each attempt that fails means that another process got further. */
const ATTEMPTS_MAX = 100;

/**
 * Locks that this process holds, by canonical path: of all engines, and of all copies of this
 * package.
 */
const REGISTRY_KEY = Symbol.for('rocksdb-wasm.held-locks');

interface Registered {
  readonly token: string;
  readonly since: number;
}

/**
 * Tokens that were released here though their file is still there: it could not be removed, or was moved
 * away with its folder.
 */
const left = new Set<string>();

/** An owner file as it was found. */
interface Found {
  readonly generation: number;
  readonly file: string;
  /** Undefined: nothing that can be read. */
  readonly record: OwnerRecord | undefined;
  /** Undefined: its process is dead, or has released it. */
  readonly heldBecause: string | undefined;
}

export class FileLocks implements LockManager {
  readonly #probe: ProcessProbe;

  constructor(probe: ProcessProbe = systemProbe) {
    this.#probe = probe;
  }

  acquire(path: string): HeldLock {
    const lock = canonical(path);
    const own = registry().get(lock);
    if (own !== undefined) throw heldHere(path, own, this.#probe.pid);

    const self = identify(this.#probe);
    const token = globalThis.crypto.randomUUID();
    const record: OwnerRecord = { ...self.identity, token, since: Date.now() };
    const file = this.#take(path, lock, record, self);
    registry().set(lock, record);

    let held = true;
    return {
      path,
      token,
      release: () => {
        if (!held) return;
        held = false;
        registry().delete(lock);
        // Whatever comes of it: we do not hold it any more.
        left.add(token);
        if (withdraw(file, record)) left.delete(token);
      },
    };
  }

  /** Removes the owner files of the dead; a lock that is held stays as it is. */
  forget(path: string): void {
    try {
      this.acquire(path).release();
    } catch (error) {
      const folderIsGone = (error as { code?: unknown }).code === 'ENOENT';
      if (!folderIsGone && !(error instanceof LockHeldError)) throw error;
    }
  }

  look(path: string): LockHeldError | undefined {
    const lock = canonical(path);
    const own = registry().get(lock);
    if (own !== undefined) return heldHere(path, own, this.#probe.pid);
    const { found } = this.#list(lock, identify(this.#probe));
    const holder = found.find(({ heldBecause }) => heldBecause !== undefined);
    if (holder !== undefined) return held(path, holder, this.#probe);
    const native = this.#probe.nativeHolder(lock);
    return native && heldNatively(path, native, this.#probe.pid);
  }

  /** Returns the owner file. */
  #take(path: string, lock: string, record: OwnerRecord, self: Self): string {
    const draft = `${lock}.owner.new.${record.token}`;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const generation = this.#settle(path, lock, self) + 1;
      const file = ownerFile(lock, generation);
      try {
        if (!publish(file, draft, record)) continue;
        if (this.#confirm(path, lock, generation, self) && isOurs(file, record)) return file;
        // Gone: somebody removed it by hand.
        withdraw(file, record);
      } catch (error) {
        withdraw(file, record);
        throw error;
      } finally {
        fs.rmSync(draft, { force: true });
      }
    }
    throw new LockHeldError(path, undefined, `${path} is wanted by too many at once`);
  }

  /** Step 1. Returns the highest generation, all of which are dead. Throws when the lock is held. */
  #settle(path: string, lock: string, self: Self): number {
    for (let wait = 0; ; wait++) {
      const { found, highest } = this.#list(lock, self);
      const live = found.filter(({ heldBecause }) => heldBecause !== undefined);
      const [first] = live;
      if (first === undefined) {
        if (highest < GENERATION_MAX) return highest;
        const last = ownerFile(lock, highest);
        throw new LockHeldError(path, undefined, `${path} has no higher number: remove ${last}`);
      }
      const holder = live.find(({ file }) => !isContended(file));
      if (holder !== undefined) throw held(path, holder, this.#probe);
      if (wait === SETTLING_WAITS_MAX) throw held(path, first, this.#probe);
      pause(wait);
    }
  }

  /**
   * Steps 3 and 4, with the own file in place: whether the lock is ours. Throws when a native process
   * has it.
   */
  #confirm(path: string, lock: string, generation: number, self: Self): boolean {
    for (let wait = 0; ; wait++) {
      const { found: others } = this.#list(lock, self, generation);
      const rivals = others.filter(({ heldBecause }) => heldBecause !== undefined);
      if (rivals.length === 0) {
        const native = this.#probe.nativeHolder(lock);
        if (native !== undefined) throw heldNatively(path, native, this.#probe.pid);
        this.#removeLeftovers(lock, others, self);
        return true;
      }
      if (rivals.some((rival) => rival.generation < generation)) return false;
      const most = rivals.some(({ file }) => isContended(file)) ? SETTLING_WAITS_MAX : WAITS_MAX;
      if (wait >= most) return false;
      pause(wait);
    }
  }

  /** By the holder only. What cannot be removed is of the dead, and found to be so again next time. */
  #removeLeftovers(lock: string, dead: readonly Found[], self: Self): void {
    const folder = parentOf(lock);
    const prefix = `${nameOf(lock)}.owner.new.`;
    const drafts = fs
      .readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => `${folder}/${name}`)
      .filter((draft) => {
        // Those of the living say that they contend.
        const record = readOnce(draft);
        return typeof record !== 'object' || whyHeld(record, self, this.#probe) === undefined;
      });
    for (const file of [...dead.map((each) => each.file), ...drafts]) {
      try {
        fs.unlinkSync(file);
      } catch {
        // Nothing depends on it.
      }
    }
  }

  #list(lock: string, self: Self, except?: number): { found: Found[]; highest: number } {
    const prefix = `${nameOf(lock)}.owner.`;
    const generations = fs
      .readdirSync(parentOf(lock))
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .filter((number) => /^[1-9]\d{0,14}$/.test(number))
      .map(Number)
      .sort((a, b) => a - b);
    const found: Found[] = [];
    for (const generation of generations) {
      if (generation === except) continue;
      const file = ownerFile(lock, generation);
      const record = readRecord(file);
      if (record === 'gone') continue;
      found.push({ generation, file, record, heldBecause: this.#whyHeld(record, self) });
    }
    // Those that went meanwhile count: whoever removed them has made the next one.
    return { found, highest: generations.at(-1) ?? 0 };
  }

  #whyHeld(record: OwnerRecord | undefined, self: Self): string | undefined {
    if (record === undefined) return 'it is not readable';
    return left.has(record.token) ? undefined : whyHeld(record, self, this.#probe);
  }
}

/** One name for all paths to a LOCK file. Its folder must be there. */
function canonical(path: string): string {
  const folder = fs.realpathSync(parentOf(path)).replaceAll('\\', '/');
  return folder.endsWith('/') ? folder + nameOf(path) : `${folder}/${nameOf(path)}`;
}

function ownerFile(lock: string, generation: number): string {
  return `${lock}.owner.${generation}`;
}

/** Waits for other processes: the longer, the longer it takes them. */
function pause(wait: number): void {
  systemClock.sleep(PAUSE_NS << BigInt(Math.min(wait, PAUSE_DOUBLINGS_MAX)));
}

function registry(): Map<string, Registered> {
  const shared = globalThis as { [REGISTRY_KEY]?: Map<string, Registered> };
  shared[REGISTRY_KEY] ??= new Map();
  return shared[REGISTRY_KEY];
}

function heldHere(path: string, { since, token }: Registered, pid: number): LockHeldError {
  const owner = { pid, since, host: '', thisProcess: true, native: false, token };
  return new LockHeldError(path, owner, `${path} is held by this process since ${timeOf(since)}`);
}

function held(
  path: string,
  { file, record, heldBecause }: Found,
  probe: ProcessProbe,
): LockHeldError {
  const advice = `If nothing has this database open, remove ${file}`;
  if (record === undefined) {
    return new LockHeldError(path, undefined, `${path} is held, by whom is unreadable. ${advice}`);
  }
  const { pid, since, host, token } = record;
  const thisProcess = [...registry().values()].some((registered) => registered.token === token);
  // Elsewhere the number is another process's.
  const here = heldBecause === ALIVE || pid === probe.pid;
  const program = here ? probe.program(pid) : undefined;
  const owner = { pid, program, since, host: host ?? '', thisProcess, native: false, token };
  const where = host === null ? '' : ` on ${host}`;
  const who = `process ${pid}${inBrackets(program)}${where} since ${timeOf(since)}`;
  const text = `${path} is held by ${who} (${heldBecause}). ${advice}`;
  return new LockHeldError(path, owner, text);
}

function heldNatively(path: string, holder: NativeHolder, self: number): LockHeldError {
  const { pid, program, startedAt } = holder;
  const owner = {
    pid,
    program,
    since: undefined,
    host: systemProbe.host(),
    thisProcess: false,
    native: true,
  };
  const whose = pid === self ? 'this process itself' : `process ${pid}${inBrackets(program)}`;
  const age = startedAt === undefined ? '' : `, which runs since ${timeOf(startedAt)}`;
  const who = pid === undefined ? 'a process that the system does not name' : `${whose}${age}`;
  const text = `${path} is locked natively by ${who}: close the database there`;
  return new LockHeldError(path, owner, text);
}

function inBrackets(program: string | undefined): string {
  return program === undefined ? '' : ` (${program})`;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
