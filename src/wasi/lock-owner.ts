/**
 * Who holds a lock, and whether that process can be proven dead. The proofs are few on purpose: a
 * lock that is wrongly kept costs a file to be removed by hand, one that is wrongly taken costs the
 * database.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import process from 'node:process';

/**
 * A process, so that it is known again. Null: this system has no such thing, or it was out of
 * reach.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot when it started: tells it from a later process of the same pid. */
  readonly startTime: string | null;
  /** Changes with every boot. */
  readonly bootId: string | null;
  readonly host: string | null;
  /** Tells apart hosts that share a name. */
  readonly machineId: string | null;
  /** Pids mean something within it only: containers have their own. */
  readonly pidNamespace: string | null;
}

/** What an owner file says. */
export interface OwnerRecord extends ProcessIdentity {
  /** Chosen at random for each acquisition. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Written when the file could not be removed. */
  readonly released?: boolean;
}

/** What a process can find out. Each throws when a permission is missing, and only then. */
export interface ProcessProbe {
  readonly pid: number;
  readonly platform: string;
  startTime(pid: number): string | null;
  bootId(): string | null;
  host(): string;
  machineId(): string | null;
  pidNamespace(): string | null;
  /** False only when there is certainly no such process. */
  exists(pid: number): boolean;
  /**
   * Says who holds a native lock on the LOCK file, as far as that can be seen. Asked when our own
   * lock is already taken, so that of two openers that respect both kinds at most one goes on.
   */
  nativeHolder?(lockPath: string): string | undefined;
}

export const systemProbe: ProcessProbe = {
  pid: process.pid,
  platform: process.platform,
  startTime(pid) {
    // A /proc of another PID namespace than ours would speak of other processes.
    if (Number.parseInt(readSystemFile('/proc/self/stat') ?? '', 10) !== process.pid) return null;
    const stat = readSystemFile(`/proc/${pid}/stat`);
    // The second field is the program's name in brackets and may hold anything, brackets too.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields?.[19] ?? null;
  },
  bootId: () => readSystemFile('/proc/sys/kernel/random/boot_id'),
  host: () => os.hostname(),
  machineId: () => readSystemFile('/etc/machine-id'),
  pidNamespace: () => ifThere(() => fs.readlinkSync('/proc/self/ns/pid')),
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'ESRCH') return false;
      if (code === 'EPERM') return true;
      throw error;
    }
  },
};

export interface Self {
  readonly identity: ProcessIdentity;
  /** What could not be found out, in the words of the runtime. */
  readonly outOfReach: readonly string[];
}

export function identify(probe: ProcessProbe): Self {
  const outOfReach: string[] = [];
  const ask = <T>(question: () => T): T | null => {
    try {
      return question();
    } catch (error) {
      outOfReach.push(textOf(error));
      return null;
    }
  };
  const identity = {
    pid: probe.pid,
    startTime: ask(() => probe.startTime(probe.pid)),
    bootId: ask(() => probe.bootId()),
    host: ask(() => probe.host()),
    machineId: ask(() => probe.machineId()),
    pidNamespace: ask(() => probe.pidNamespace()),
  };
  return { identity, outOfReach };
}

/**
 * Undefined: the process is gone. Otherwise why it counts as alive; age is no reason either way.
 */
export function whyHeld(
  record: OwnerRecord,
  { identity, outOfReach }: Self,
  probe: ProcessProbe,
): string | undefined {
  if (record.released === true) return undefined;
  const unknown = (what: string, recorded: string | null) =>
    recorded === null
      ? `its owner file does not say its ${what}`
      : [`its ${what} cannot be compared`, ...outOfReach].join('; ');

  if (record.host === null || identity.host === null) return unknown('host', record.host);
  if (record.host !== identity.host) return 'on another host';
  if (record.machineId !== identity.machineId) {
    const known = record.machineId !== null && identity.machineId !== null;
    return known ? 'on another machine of the same name' : unknown('machine id', record.machineId);
  }
  if (record.bootId !== identity.bootId) {
    const known = record.bootId !== null && identity.bootId !== null;
    return known ? undefined : unknown('boot id', record.bootId);
  }
  if (record.pidNamespace !== identity.pidNamespace) {
    const known = record.pidNamespace !== null && identity.pidNamespace !== null;
    if (known) return 'in another PID namespace (another container)';
    return unknown('PID namespace', record.pidNamespace);
  }
  // Elsewhere there is neither; here both are just unknown, and equal for that reason alone.
  if (probe.platform === 'linux') {
    if (record.bootId === null) return unknown('boot id', null);
    if (record.pidNamespace === null) return unknown('PID namespace', null);
  }
  return whyAlive(record, probe);
}

/** The same for a record of this host, boot and PID namespace. */
function whyAlive(record: OwnerRecord, probe: ProcessProbe): string | undefined {
  const own = record.pid === probe.pid;
  try {
    if (!own && !probe.exists(record.pid)) return undefined;
    const startTime = record.startTime === null ? null : probe.startTime(record.pid);
    if (startTime !== null && startTime !== record.startTime) return undefined;
  } catch (error) {
    return `whether it lives cannot be told; ${textOf(error)}`;
  }
  return own ? 'this process: another thread, or another copy of this package' : 'alive';
}

/** Undefined when the text is not a whole record. */
export function parseRecord(text: string): OwnerRecord | undefined {
  let record: Partial<Record<keyof OwnerRecord, unknown>> | null;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null) return undefined;
  const { pid, since, token, startTime, bootId, host, machineId = null, pidNamespace } = record;
  // Pids below 1 mean groups of processes to kill().
  if (!Number.isSafeInteger(pid) || (pid as number) < 1) return undefined;
  if (!Number.isFinite(since) || typeof token !== 'string') return undefined;
  const names = [startTime, bootId, host, machineId, pidNamespace];
  if (!names.every((name) => name === null || typeof name === 'string')) return undefined;
  return { ...(record as OwnerRecord), machineId: machineId as string | null };
}

function readSystemFile(path: string): string | null {
  return ifThere(() => fs.readFileSync(path, 'utf8').trim());
}

/** Null when what it reads is not there, as outside Linux. */
function ifThere(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return null;
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
