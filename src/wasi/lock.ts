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
 *   1. List the owner files. One whose process is not proven dead: the lock is held.
 *   2. Make an owner file of the generation after the highest; if that is taken, start again.
 *   3. List again. No other but dead ones: the lock is ours. A live one of a lower generation:
 *      withdraw, it is held. A live one of a higher generation: wait a little for it to withdraw,
 *      else withdraw.
 *   4. Remove the files of the dead.
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
 * Why a file that is removed was the right one: an owner removes its own, whose name nobody else
 * can have while it is there; those of the dead are removed by the holder alone, so that a name is
 * not given anew between the look and the removal. A crash leaves at worst a file whose process is
 * dead.
 */
import * as fs from 'node:fs';
import { systemClock } from './clock.js';
import { type HeldLock, LockHeldError, type LockManager, type LockOwner } from './file-system.js';
import {
  identify,
  type OwnerRecord,
  type ProcessProbe,
  parseRecord,
  type Self,
  systemProbe,
  whyHeld,
} from './lock-owner.js';
import { nameOf, parentOf } from './paths.js';

/**
 * How often, and how long each time, something that should pass within microseconds is waited for.
 */
const WAITS_MAX = 20;
const WAIT_NS = 5_000_000n;
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
    if (own !== undefined) throw heldHere(path, own);

    const self = identify(this.#probe);
    const token = globalThis.crypto.randomUUID();
    const record: OwnerRecord = { ...self.identity, token, since: Date.now() };
    const file = this.#take(path, lock, record, self);
    registry().set(lock, record);

    let held = true;
    return {
      path,
      release: () => {
        if (!held) return;
        held = false;
        registry().delete(lock);
        withdraw(file, record);
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

  /** Returns the owner file. */
  #take(path: string, lock: string, record: OwnerRecord, self: Self): string {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { found, highest } = this.#list(lock, self);
      const holder = found.find(({ heldBecause }) => heldBecause !== undefined);
      if (holder !== undefined) throw held(path, holder);

      const generation = highest + 1;
      const file = ownerFile(lock, generation);
      if (!publish(file, `${lock}.owner.new.${record.token}`, record)) continue;
      try {
        this.#confirm(path, lock, generation, self);
        // Gone: somebody removed it by hand.
        if (isOurs(file, record)) return file;
      } catch (error) {
        withdraw(file, record);
        throw error;
      }
    }
    throw new LockHeldError(path, undefined, `${path} is wanted by too many at once`);
  }

  /** Step 3, with the own file in place. Throws when the lock is another's. */
  #confirm(path: string, lock: string, generation: number, self: Self): void {
    for (let wait = 0; ; wait++) {
      const { found: others } = this.#list(lock, self, generation);
      const rivals = others.filter(({ heldBecause }) => heldBecause !== undefined);
      const [first] = rivals;
      if (first === undefined) {
        const native = this.#probe.nativeHolder?.(lock);
        if (native !== undefined) throw new LockHeldError(path, undefined, `${path} ${native}`);
        removeLeftovers(lock, others);
        return;
      }
      const senior = rivals.find((rival) => rival.generation < generation);
      if (senior !== undefined || wait === WAITS_MAX) throw held(path, senior ?? first);
      systemClock.sleep(WAIT_NS);
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
      const heldBecause =
        record === undefined ? 'it is not readable' : whyHeld(record, self, this.#probe);
      found.push({ generation, file, record, heldBecause });
    }
    // Those that went meanwhile count: whoever removed them has made the next one.
    return { found, highest: generations.at(-1) ?? 0 };
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

/** Makes an owner file; false when there is one of this name. */
function publish(file: string, draft: string, record: OwnerRecord): boolean {
  try {
    // Synced, since a power cut could otherwise leave a name without content, held for ever.
    writeNew(draft, record);
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    // A reply that was lost on the network: the link may be ours all the same.
    if (code === 'EEXIST') return isOurs(file, record);
    // A holder has cleaned up behind the draft.
    if (code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw error;
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
  try {
    writeNew(file, record);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}

function writeNew(file: string, record: OwnerRecord): void {
  const fd = fs.openSync(file, 'wx', 0o644);
  try {
    fs.writeFileSync(fd, `${JSON.stringify(record)}\n`);
    fs.fsyncSync(fd);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes our own owner file; marks it where it cannot be removed. */
function withdraw(file: string, record: OwnerRecord): void {
  if (!isOurs(file, record)) return;
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return;
    fs.writeFileSync(file, `${JSON.stringify({ ...record, released: true })}\n`);
  }
}

function isOurs(file: string, { token }: OwnerRecord): boolean {
  const found = readRecord(file);
  return found !== 'gone' && found?.token === token;
}

/**
 * By the holder only. What cannot be removed is of the dead, and found to be so again next time.
 */
function removeLeftovers(lock: string, dead: readonly Found[]): void {
  const drafts = `${nameOf(lock)}.owner.new.`;
  const folder = parentOf(lock);
  const names = fs.readdirSync(folder).filter((name) => name.startsWith(drafts));
  const files = [...dead.map(({ file }) => file), ...names.map((name) => `${folder}/${name}`)];
  for (const file of files) {
    try {
      fs.unlinkSync(file);
    } catch {
      // Nothing depends on it.
    }
  }
}

/** Undefined: it stays unreadable though its writer has had time to finish it. */
function readRecord(file: string): OwnerRecord | 'gone' | undefined {
  for (let wait = 0; ; wait++) {
    try {
      const record = parseRecord(fs.readFileSync(file, 'utf8'));
      if (record !== undefined) return record;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'ENOENT') return 'gone';
      if (code === 'EACCES' || code === 'EPERM') return undefined;
      throw error;
    }
    if (wait === WAITS_MAX) return undefined;
    systemClock.sleep(WAIT_NS);
  }
}

function registry(): Map<string, Registered> {
  const shared = globalThis as { [REGISTRY_KEY]?: Map<string, Registered> };
  shared[REGISTRY_KEY] ??= new Map();
  return shared[REGISTRY_KEY];
}

function heldHere(path: string, { since }: Registered): LockHeldError {
  const owner = { pid: systemProbe.pid, since, host: '', thisProcess: true };
  const text = `${path} is held by another engine of this process since ${timeOf(since)}`;
  return new LockHeldError(path, owner, text);
}

function held(path: string, { file, record, heldBecause }: Found): LockHeldError {
  const advice = `If nothing has this database open, remove ${file}`;
  if (record === undefined) {
    return new LockHeldError(path, undefined, `${path} is held, by whom is unreadable. ${advice}`);
  }
  const { pid, since, host, token } = record;
  const thisProcess = [...registry().values()].some((registered) => registered.token === token);
  const owner: LockOwner = { pid, since, host: host ?? '', thisProcess };
  const who = `process ${pid}${host === null ? '' : ` on ${host}`} since ${timeOf(since)}`;
  const text = `${path} is held by ${who} (${heldBecause}). ${advice}`;
  return new LockHeldError(path, owner, text);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
