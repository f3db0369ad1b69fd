/**
 * Where things are in an encrypted file.
 *
 *     0      envelope, first place    512 bytes: the file's keys, wrapped by a master key
 *     512    envelope, second place   for the moment that the master key changes
 *     1024   sync record, first place   what was synced, see record.ts
 *     1536   sync record, second place
 *     2048   zeros
 *     4096   page 0, page 1, ...      8,192 bytes each, the last one as long as it needs
 *
 * A page is a descriptor of 192 bytes, then up to 8,000 bytes of ciphertext. So the plain size follows
 * from the physical one, and any position is found without an index. Every place begins at a multiple of
 * 512 bytes: a disk writes such a sector whole or not at all.
 *
 * An empty file has no header: it is empty on disk, too (RocksDB's LOCK is one).
 */
export const SECTOR_BYTES = 512;
export const HEADER_BYTES = 4096;
export const RECORDS_AT = 1024;
export const PAGE_STRIDE = 8192;
export const DESCRIPTOR_BYTES = 192;
/** Plain bytes of a page. */
export const PAGE_BYTES = PAGE_STRIDE - DESCRIPTOR_BYTES;

/** Where a page begins in the file on disk. */
export function pageAt(index: number): number {
  return HEADER_BYTES + index * PAGE_STRIDE;
}

export function pageOf(position: number): number {
  return Math.floor(position / PAGE_BYTES);
}

/** Bytes that a file of `size` plain bytes, more than 0, has on disk. */
export function physicalSize(size: number): number {
  const rest = size % PAGE_BYTES;
  return pageAt(pageOf(size)) + (rest === 0 ? 0 : DESCRIPTOR_BYTES + rest);
}

export function plainSize(physical: number): number {
  if (physical <= HEADER_BYTES) return 0;
  const pages = Math.floor((physical - HEADER_BYTES) / PAGE_STRIDE);
  const rest = (physical - HEADER_BYTES) % PAGE_STRIDE;
  return pages * PAGE_BYTES + Math.max(rest - DESCRIPTOR_BYTES, 0);
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
