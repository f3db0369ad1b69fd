/** Metadata of files, from the host's terms to WASI's and back. */
import { Filestat, FileType, FstFlags } from './abi.js';
import type { Clock } from './clock.js';
import { type FileStat, FileSystemError } from './file-system.js';
import { checkRange, type MemoryViews } from './guest-memory.js';

export function fileTypeOf(type: FileStat['type']): number {
  if (type === 'file') return FileType.REGULAR_FILE;
  return type === 'directory' ? FileType.DIRECTORY : FileType.UNKNOWN;
}

/** The one time that is kept stands for all three. */
export function writeFilestat(memory: MemoryViews, at: number, stat: FileStat): void {
  const view = clear(memory, at);
  view.setBigUint64(at + Filestat.DEVICE, stat.device, true);
  view.setBigUint64(at + Filestat.INODE, stat.inode, true);
  view.setUint8(at + Filestat.FILETYPE, fileTypeOf(stat.type));
  view.setBigUint64(at + Filestat.LINKS, BigInt(stat.links), true);
  view.setBigUint64(at + Filestat.FILE_SIZE, BigInt(stat.size), true);
  view.setBigUint64(at + Filestat.ACCESSED, stat.modifiedNs, true);
  view.setBigUint64(at + Filestat.MODIFIED, stat.modifiedNs, true);
  view.setBigUint64(at + Filestat.CHANGED, stat.modifiedNs, true);
}

export function writeStdioFilestat(memory: MemoryViews, at: number): void {
  clear(memory, at).setUint8(at + Filestat.FILETYPE, FileType.CHARACTER_DEVICE);
}

/**
 * The modification time that the flags ask for; undefined when they leave it. Access times are not
 * kept.
 */
export function timeToSet(clock: Clock, modified: bigint, flags: number): bigint | undefined {
  const given = (flags & FstFlags.MTIM) !== 0;
  const now = (flags & FstFlags.MTIM_NOW) !== 0;
  const accessTwice = FstFlags.ATIM | FstFlags.ATIM_NOW;
  if ((given && now) || (flags & accessTwice) === accessTwice) {
    throw new FileSystemError('EINVAL', 'a time both given and now');
  }
  if (now) return clock.realtimeNs();
  return given ? BigInt.asUintN(64, modified) : undefined;
}

function clear({ u8, view }: MemoryViews, at: number): DataView {
  checkRange(u8, at, Filestat.SIZE);
  u8.fill(0, at, at + Filestat.SIZE);
  return view;
}
