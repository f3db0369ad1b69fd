/** What a process can find out about itself and others: the facts that a lock is judged by. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import process from 'node:process';
import { type NativeHolder, nativeHolderOf } from './native-locks.js';
import { ifThere, readSystemFile } from './system-files.js';

/** A process or a thread. */
export interface TaskState {
  /** Clock ticks since boot when it started: tells it from a later one of the same number. */
  readonly startTime: string;
  /** It runs no more, though its number is still taken: nobody has waited for it. */
  readonly ended: boolean;
}

/** Each throws when a permission is missing, and only then. */
export interface ProcessProbe {
  readonly pid: number;
  readonly platform: string;
  /** Null: there is no such process or thread, or this system does not say. */
  state(pid: number, thread?: number): TaskState | null;
  /** The number of the calling thread. */
  thread(): number | null;
  bootId(): string | null;
  host(): string;
  /** Null: it has none yet, as in many images of containers. */
  machineId(): string | null;
  pidNamespace(): string | null;
  /** In another one, start times are others. */
  timeNamespace(): string | null;
  /** False only when there is certainly no such process. */
  exists(pid: number): boolean;
  /** Name of a process's program; undefined when it cannot be known. Never throws. */
  program(pid: number): string | undefined;
  /**
   * Who holds a native lock on the LOCK file, as far as that can be seen. Asked when our own
   * lock is already taken, so that of two openers that respect both kinds at most one goes on.
   * Never throws: what cannot be seen cannot be respected.
   */
  nativeHolder(lockPath: string): NativeHolder | undefined;
}

/** Unit of the times in /proc: USER_HZ, which is 100 on all systems that matter. */
const TICKS_PER_SECOND = 100;

export const systemProbe: ProcessProbe = {
  pid: process.pid,
  platform: process.platform,
  state(pid, thread) {
    if (!procIsOurs()) return null;
    const folder = thread === undefined ? `/proc/${pid}` : `/proc/${pid}/task/${thread}`;
    return parseState(readSystemFile(`${folder}/stat`));
  },
  thread() {
    const self = ifThere(() => fs.readlinkSync('/proc/thread-self'));
    const match = /^(\d+)\/task\/(\d+)$/.exec(self ?? '');
    return Number(match?.[1]) === process.pid ? Number(match?.[2]) : null;
  },
  bootId: () => readSystemFile('/proc/sys/kernel/random/boot_id'),
  host: () => os.hostname(),
  machineId: () => machineIdIn(readSystemFile('/etc/machine-id')),
  pidNamespace: () => ifThere(() => fs.readlinkSync('/proc/self/ns/pid')),
  timeNamespace: () => ifThere(() => fs.readlinkSync('/proc/self/ns/time')),
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
  program,
  nativeHolder(lockPath) {
    const holder = nativeHolderOf(lockPath);
    if (holder?.pid === undefined) return holder;
    const { pid } = holder;
    return { pid, program: program(pid), startedAt: startedAt(pid) };
  },
};

/** A /proc of another PID namespace than ours speaks of other processes. */
function procIsOurs(): boolean {
  return Number.parseInt(readSystemFile('/proc/self/stat') ?? '', 10) === process.pid;
}

/** From the text of machine-id(5), which may be empty or a word until the first boot is done. */
export function machineIdIn(text: string | null): string | null {
  return text !== null && /^[0-9a-f]{32}$/i.test(text) ? text : null;
}

/** From the `stat` of a process or thread, in the format of proc(5). */
export function parseState(stat: string | null): TaskState | null {
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state = '', threads, startTime] = [fields[0], fields[17], fields[19]];
  if (startTime === undefined) return null;
  // One that was killed may have threads that still write, though its first has ended.
  return { startTime, ended: /^[ZXx]$/.test(state) && Number(threads) <= 1 };
}

/** Of the file that it runs: what a program calls its first thread (Node: MainThread) says less. */
function program(pid: number): string | undefined {
  const path = quiet(() => fs.readlinkSync(`/proc/${pid}/exe`))?.replace(/ \(deleted\)$/, '');
  // Of another user's process only the name is told.
  return path?.slice(path.lastIndexOf('/') + 1) ?? quiet(() => readSystemFile(`/proc/${pid}/comm`));
}

/** Milliseconds since 1970. */
function startedAt(pid: number): number | undefined {
  const ticks = Number(quiet(() => systemProbe.state(pid))?.startTime);
  const stat = quiet(() => readSystemFile('/proc/stat')) ?? '';
  const boot = Number(/^btime (\d+)$/m.exec(stat)?.[1]);
  return Number.isFinite(ticks + boot) ? (boot + ticks / TICKS_PER_SECOND) * 1000 : undefined;
}

/** For what is told where it can be seen, and left out elsewhere. */
function quiet<T>(read: () => T | null): T | undefined {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
}
