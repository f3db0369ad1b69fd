/**
 * Reads and writes between a file and the guest's buffers, with no copy in between. Each buffer
 * costs one view, and one more for each time that the file system does only a part.
 */
import { Iovec } from './abi.js';
import { type FileHandle, FileSystemError } from './file-system.js';
import { checkRange, type MemoryViews } from './guest-memory.js';

/**
 * A file offset of the guest. Beyond 2^53 - 1 a number is no longer exact: EINVAL, as for negative
 * ones.
 */
export function toPosition(offset: bigint): number {
  const position = Number(offset);
  if (position >= 0 && position <= Number.MAX_SAFE_INTEGER) return position;
  throw new FileSystemError('EINVAL', `file offset ${offset}`);
}

/**
 * Fills the buffers from `position` on; less only at the end of the file. Returns the bytes read.
 */
export function readBuffers(
  file: FileHandle,
  { u8, view }: MemoryViews,
  iovecs: number,
  count: number,
  position: number,
): number {
  let total = 0;
  for (let index = 0; index < count; index++) {
    const iovec = iovecs + index * Iovec.SIZE;
    const buffer = view.getUint32(iovec + Iovec.BUFFER, true);
    const length = view.getUint32(iovec + Iovec.LENGTH, true);
    checkRange(u8, buffer, length);
    for (let done = 0; done < length; ) {
      const read = file.read(u8.subarray(buffer + done, buffer + length), position + total);
      if (read === 0) return total;
      done += read;
      total += read;
    }
  }
  return total;
}

/**
 * Writes all of the buffers from `position` on, or throws. An error after a part was written is not
 * hidden behind a short count as POSIX would have it: a guest that overlooks the count loses data.
 */
export function writeBuffers(
  file: FileHandle,
  { u8, view }: MemoryViews,
  iovecs: number,
  count: number,
  position: number,
): number {
  let total = 0;
  for (let index = 0; index < count; index++) {
    const iovec = iovecs + index * Iovec.SIZE;
    const buffer = view.getUint32(iovec + Iovec.BUFFER, true);
    const length = view.getUint32(iovec + Iovec.LENGTH, true);
    checkRange(u8, buffer, length);
    for (let done = 0; done < length; ) {
      const written = file.write(u8.subarray(buffer + done, buffer + length), position + total);
      if (written === 0) throw new FileSystemError('EIO', 'the file system writes nothing');
      done += written;
      total += written;
    }
  }
  return total;
}
