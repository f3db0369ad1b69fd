/**
 * Who holds a lock, and whether that process can be proven dead. The proofs are few on purpose: a
 * lock that is wrongly kept costs a file to be removed by hand, one that is wrongly taken costs the
 * database.
 */
import type { ProcessProbe } from './process-probe.js';

/**
 * A process and its thread, so that they are known again. Null: this system has no such thing, or it was out of
 * reach.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot when it started: tells it from a later process of the same pid. */
  readonly startTime: string | null;
  /** The thread that the engine lives in, which may end before its process: a worker. */
  readonly threadId: number | null;
  readonly threadStartTime: string | null;
  /** Changes with every boot. */
  readonly bootId: string | null;
  readonly host: string | null;
  /** Tells apart hosts that share a name. */
  readonly machineId: string | null;
  /** Pids mean something within it only: containers have their own. */
  readonly pidNamespace: string | null;
  /** Start times are counted by its clock. */
  readonly timeNamespace: string | null;
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
      const text = textOf(error);
      if (!outOfReach.includes(text)) outOfReach.push(text);
      return null;
    }
  };
  const threadId = ask(() => probe.thread());
  const threadOf = (id: number) => ask(() => probe.state(probe.pid, id)?.startTime ?? null);
  const identity = {
    pid: probe.pid,
    startTime: ask(() => probe.state(probe.pid)?.startTime ?? null),
    threadId,
    threadStartTime: threadId === null ? null : threadOf(threadId),
    bootId: ask(() => probe.bootId()),
    host: ask(() => probe.host()),
    machineId: ask(() => probe.machineId()),
    pidNamespace: ask(() => probe.pidNamespace()),
    timeNamespace: ask(() => probe.timeNamespace()),
  };
  return { identity, outOfReach };
}

/**
 * Undefined: the process is gone, or the thread. Otherwise why it counts as alive; age is no reason either way.
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
    return known ? whyAnotherMachine(record, identity) : unknown('boot id', record.bootId);
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
  return whyAlive(record, identity, probe);
}

/** The PID namespace that a machine begins with: the kernel gives it this number since Linux 3.8. */
export const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * The boot is another one. Undefined: of this machine for certain, so that nothing of it runs any more. Containers have
 * host names and machine ids of their own making, which those on other machines may share (replicas do).
 */
function whyAnotherMachine(record: OwnerRecord, { pidNamespace }: ProcessIdentity) {
  const outside = [record.pidNamespace, pidNamespace].every((id) => id === INITIAL_PID_NAMESPACE);
  if (!outside) return 'in a container of another boot, perhaps on another machine';
  return record.machineId === null ? 'of another boot, perhaps of another machine' : undefined;
}

/** Why: it is a process of this system that runs. */
export const ALIVE = 'alive';

/** The same for a record of this host, boot and PID namespace. */
function whyAlive(
  record: OwnerRecord,
  self: ProcessIdentity,
  probe: ProcessProbe,
): string | undefined {
  const own = record.pid === probe.pid;
  try {
    if (!own && !probe.exists(record.pid)) return undefined;
    if (hasEnded(record, self, probe)) return undefined;
  } catch (error) {
    return `whether it lives cannot be told; ${textOf(error)}`;
  }
  if (!own) return ALIVE;
  return record.threadId !== null && record.threadId === self.threadId
    ? 'this process and thread: another copy of this package'
    : 'this process: another thread, or another copy of this package';
}

/** Whether a process of that number is another one by now, has ended, or goes on without the thread. */
function hasEnded(record: OwnerRecord, self: ProcessIdentity, probe: ProcessProbe): boolean {
  const state = probe.state(record.pid);
  // Where nothing is told of the process, nothing is told of its threads either.
  if (state === null) return false;
  if (state.ended) return true;
  const { startTime, threadId, threadStartTime } = record;
  if (startTime === null || record.timeNamespace !== self.timeNamespace) return false;
  if (startTime !== state.startTime) return true;
  if (threadId === null || threadStartTime === null) return false;
  return probe.state(record.pid, threadId)?.startTime !== threadStartTime;
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
  const { pid, since, token, threadId = null } = record;
  // Pids below 1 mean groups of processes to kill().
  if (!isNumber(pid) || typeof token !== 'string' || !isTime(since)) return undefined;
  if (threadId !== null && !isNumber(threadId)) return undefined;
  const { startTime, bootId, host, pidNamespace } = record;
  const { threadStartTime = null, machineId = null, timeNamespace = null } = record;
  const texts = {
    startTime,
    threadStartTime,
    bootId,
    host,
    machineId,
    pidNamespace,
    timeNamespace,
  };
  const isText = (text: unknown) => text === null || typeof text === 'string';
  if (!Object.values(texts).every(isText)) return undefined;
  return { ...record, threadId, ...texts } as OwnerRecord;
}

function isNumber(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 1;
}

/** Within what a Date can say. */
function isTime(ms: unknown): boolean {
  return typeof ms === 'number' && !Number.isNaN(new Date(ms).getTime());
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
