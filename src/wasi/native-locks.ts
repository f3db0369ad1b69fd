/**
 * Native locks on a LOCK file, as Linux lists them: RocksDB locks it with fcntl(F_SETLK). Seen are those of
 * this machine's processes, of other users too; not those of another PID namespace than that of /proc
 * (the kernel leaves them out), nor those that clients of a network file system have from other machines.
 */
import * as fs from 'node:fs';
import { readSystemFile } from './system-files.js';

export interface NativeHolder {
  /** Undefined: the lock belongs to an open file (OFD), or its process is in another namespace. */
  readonly pid: number | undefined;
  readonly program?: string | undefined;
  /** When its process started, in milliseconds since 1970; nothing tells since when it has the lock. */
  readonly startedAt?: number | undefined;
}

/** Device and inode of a file, as /proc/locks writes them. */
interface FileNumbers {
  /** `major:minor` in hex, each of at least two digits. */
  readonly devices: readonly string[];
  readonly inode: string;
}

/** Who holds a lock on a file; undefined: nobody that can be seen. Does not open the file. */
export function nativeHolderOf(path: string): NativeHolder | undefined {
  try {
    const locks = readSystemFile('/proc/locks');
    // Most often there are none, and a file that is not there has none.
    if (locks === null || locks === '') return undefined;
    const { dev, ino } = fs.statSync(path, { bigint: true });
    const ids = [deviceOfStat(dev)];
    const mounted = deviceOfMount(fs.realpathSync(path), readSystemFile('/proc/self/mountinfo'));
    if (mounted !== undefined) ids.push(mounted);
    return holderIn(locks, { devices: ids, inode: String(ino) });
  } catch {
    // Out of reach (a missing permission), or gone meanwhile.
    return undefined;
  }
}

/**
 * In the text of /proc/locks, a lock that fcntl() with F_SETLK would fail at. Lines: `1: POSIX  ADVISORY
 * WRITE 1234 08:01:5678 0 EOF`; after the number `->` when it is one that waits and holds nothing.
 */
export function holderIn(locks: string, { devices, inode }: FileNumbers): NativeHolder | undefined {
  for (const line of locks.split('\n')) {
    const match = /^\d+: +(?:POSIX|OFDLCK) +\S+ +\S+ +(-?\d+) +([0-9a-f]+:[0-9a-f]+):(\d+) /.exec(
      line,
    );
    if (match === null) continue;
    const [, pid, device, number] = match;
    if (number !== inode || !devices.includes(device as string)) continue;
    return { pid: Number(pid) > 0 ? Number(pid) : undefined };
  }
  return undefined;
}

/** A device number as stat() gives it: 12 and 20 bits of major and minor, interleaved. */
export function deviceOfStat(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return deviceText(Number(major), Number(minor));
}

/**
 * The device of the file system that a path is on, by the text of /proc/self/mountinfo. It is the one that
 * /proc/locks has also where stat() tells another: btrfs, which has one a subvolume, and overlayfs.
 */
export function deviceOfMount(path: string, mounts: string | null): string | undefined {
  let longest = -1;
  let device: string | undefined;
  for (const line of mounts?.split('\n') ?? []) {
    const [, , numbers = '', , escaped = ''] = line.split(' ');
    const point = escaped.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const inside = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of several at one point the last lies above the others.
    if (!inside || point.length < longest) continue;
    const [major, minor] = numbers.split(':').map(Number);
    if (major === undefined || minor === undefined || Number.isNaN(major + minor)) continue;
    longest = point.length;
    device = deviceText(major, minor);
  }
  return device;
}

function deviceText(major: number, minor: number): string {
  return [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':');
}
