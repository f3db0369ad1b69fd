/**
 * wasi_snapshot_preview1 for wasm32, as far as the shim speaks it: error numbers, constants and the
 * layouts of structs in guest memory. Everything is little-endian.
 */

/** The one table of errno names. A name missing here reaches the guest as EIO. */
export const Errno = {
  ESUCCESS: 0,
  E2BIG: 1,
  EACCES: 2,
  EADDRINUSE: 3,
  EADDRNOTAVAIL: 4,
  EAFNOSUPPORT: 5,
  EAGAIN: 6,
  EALREADY: 7,
  EBADF: 8,
  EBADMSG: 9,
  EBUSY: 10,
  ECANCELED: 11,
  ECHILD: 12,
  ECONNABORTED: 13,
  ECONNREFUSED: 14,
  ECONNRESET: 15,
  EDEADLK: 16,
  EDESTADDRREQ: 17,
  EDOM: 18,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EHOSTUNREACH: 23,
  EIDRM: 24,
  EILSEQ: 25,
  EINPROGRESS: 26,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISCONN: 30,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  EMSGSIZE: 35,
  EMULTIHOP: 36,
  ENAMETOOLONG: 37,
  ENETDOWN: 38,
  ENETRESET: 39,
  ENETUNREACH: 40,
  ENFILE: 41,
  ENOBUFS: 42,
  ENODEV: 43,
  ENOENT: 44,
  ENOEXEC: 45,
  ENOLCK: 46,
  ENOLINK: 47,
  ENOMEM: 48,
  ENOMSG: 49,
  ENOPROTOOPT: 50,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTCONN: 53,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTRECOVERABLE: 56,
  ENOTSOCK: 57,
  ENOTSUP: 58,
  ENOTTY: 59,
  ENXIO: 60,
  EOVERFLOW: 61,
  EOWNERDEAD: 62,
  EPERM: 63,
  EPIPE: 64,
  EPROTO: 65,
  EPROTONOSUPPORT: 66,
  EPROTOTYPE: 67,
  ERANGE: 68,
  EROFS: 69,
  ESPIPE: 70,
  ESRCH: 71,
  ESTALE: 72,
  ETIMEDOUT: 73,
  ETXTBSY: 74,
  EXDEV: 75,
  ENOTCAPABLE: 76,
} as const;

export type ErrnoName = keyof typeof Errno;

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(Errno));
const NAMES: readonly string[] = Object.keys(Errno);

/** What hosts call an error that WASI knows by another name, by `code` or by `name`. */
const ALIASES: ReadonlyMap<string, ErrnoName> = new Map<string, ErrnoName>([
  ['EWOULDBLOCK', 'EAGAIN'],
  ['EOPNOTSUPP', 'ENOTSUP'],
  ['EDEADLOCK', 'EDEADLK'],
  // node:fs, and Bun after it, when they refuse before the system is asked.
  ['ERR_ACCESS_DENIED', 'EACCES'],
  ['ERR_FS_EISDIR', 'EISDIR'],
  ['ERR_FS_FILE_TOO_LARGE', 'EFBIG'],
  ['ERR_INVALID_ARG_TYPE', 'EINVAL'],
  ['ERR_INVALID_ARG_VALUE', 'EINVAL'],
  ['ERR_OUT_OF_RANGE', 'EINVAL'],
  // Deno's error classes: some of its node:fs lets them through without a code. A permission that
  // was not granted is "permission denied" to the guest: ENOTCAPABLE means a path outside its
  // folders.
  ['NotCapable', 'EACCES'],
  ['PermissionDenied', 'EACCES'],
  ['NotFound', 'ENOENT'],
  ['AlreadyExists', 'EEXIST'],
  ['IsADirectory', 'EISDIR'],
  ['NotADirectory', 'ENOTDIR'],
  ['FilesystemLoop', 'ELOOP'],
  ['BadResource', 'EBADF'],
  ['Busy', 'EBUSY'],
  ['Interrupted', 'EINTR'],
  ['InvalidData', 'EINVAL'],
  ['NotSupported', 'ENOTSUP'],
  ['BrokenPipe', 'EPIPE'],
  ['TimedOut', 'ETIMEDOUT'],
  ['WouldBlock', 'EAGAIN'],
]);

/** The WASI errno of whatever a host function threw. What says nothing of itself is EIO. */
export function errnoOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return Errno.EIO;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') {
    const number = numberOf(code);
    if (number !== undefined) return number;
  } else if (error instanceof RangeError) {
    // A DataView of guest memory was asked for what lies outside it.
    return Errno.EFAULT;
  }
  return (typeof name === 'string' ? numberOf(name) : undefined) ?? Errno.EIO;
}

/**
 * What a runtime says that was not given a permission: Deno, and Node with --permission. RocksDB's message has just the
 * errno. Undefined: it is another error.
 */
export function missingPermission(error: unknown): string | undefined {
  const { name, code, message } = (error ?? {}) as Partial<Error & { code: unknown }>;
  return name === 'NotCapable' || code === 'ERR_ACCESS_DENIED' ? message : undefined;
}

/** `ENOENT` for 44; `errno 200` for a number that WASI does not have. */
export function errnoName(errno: number): string {
  return NAMES[errno] ?? `errno ${errno}`;
}

function numberOf(name: string): number | undefined {
  return NUMBERS.get(ALIASES.get(name) ?? name);
}

export const FileType = {
  UNKNOWN: 0,
  CHARACTER_DEVICE: 2,
  DIRECTORY: 3,
  REGULAR_FILE: 4,
} as const;

export const OFlags = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 } as const;

export const FdFlags = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;

export const FstFlags = { ATIM: 1, ATIM_NOW: 2, MTIM: 4, MTIM_NOW: 8 } as const;

export const Whence = { SET: 0, CUR: 1, END: 2 } as const;

export const ClockId = {
  REALTIME: 0,
  MONOTONIC: 1,
  PROCESS_CPUTIME: 2,
  THREAD_CPUTIME: 3,
} as const;

export const EventType = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const;

/** Subscription flag: the time-out is a point in time, not a span. */
export const SUBSCRIPTION_CLOCK_ABSTIME = 1;

export const PREOPENTYPE_DIR = 0;

export const Rights = {
  FD_READ: 1n << 1n,
  FD_SEEK: 1n << 2n,
  FD_TELL: 1n << 5n,
  FD_WRITE: 1n << 6n,
  FD_ALLOCATE: 1n << 8n,
  FD_FILESTAT_SET_SIZE: 1n << 22n,
  ALL: (1n << 29n) - 1n,
} as const;

/** Offsets are bytes from the start of the struct; SIZE is that of the whole. */
export const Iovec = { SIZE: 8, BUFFER: 0, LENGTH: 4 } as const;

export const Prestat = { SIZE: 8, TAG: 0, NAME_LENGTH: 4 } as const;

export const Fdstat = {
  SIZE: 24,
  FILETYPE: 0,
  FLAGS: 2,
  RIGHTS: 8,
  RIGHTS_INHERITING: 16,
} as const;

export const Filestat = {
  SIZE: 64,
  DEVICE: 0,
  INODE: 8,
  FILETYPE: 16,
  LINKS: 24,
  FILE_SIZE: 32,
  ACCESSED: 40,
  MODIFIED: 48,
  CHANGED: 56,
} as const;

export const Dirent = { SIZE: 24, NEXT: 0, INODE: 8, NAME_LENGTH: 16, FILETYPE: 20 } as const;

export const Subscription = {
  SIZE: 48,
  USERDATA: 0,
  TAG: 8,
  CLOCK_ID: 16,
  CLOCK_TIMEOUT: 24,
  CLOCK_FLAGS: 40,
} as const;

export const Event = { SIZE: 32, USERDATA: 0, ERROR: 8, TYPE: 10 } as const;
