/** Changing the master key of files that exist. */
import type { FileHandle, FileSystem } from '../wasi/file-system.js';
import { normalizeAbsolute } from '../wasi/paths.js';
import { encodeEnvelope, openEnvelope } from './envelope.js';
import { readFully, writeFully } from './io.js';
import type { KeyRing } from './key-ring.js';
import { HEADER_BYTES, SECTOR_BYTES } from './layout.js';
import { databaseFiles } from './walk.js';

export interface RotateOptions {
  /** Called after each file with how many of how many are done. */
  onProgress?: (done: number, total: number) => void;
}

export interface RotationReport {
  /** Files that have keys; empty ones have none. */
  readonly files: number;
  /** Those that were under another key, or in the middle of a rotation. */
  readonly rotated: number;
}

export function keyIdOf(fileSystem: FileSystem, ring: KeyRing, path: string): string | undefined {
  return withFile(fileSystem, path, false, (io) => openHeader(io, ring, path)?.envelope.keyId);
}

export function rotateKeys(
  fileSystem: FileSystem,
  ring: KeyRing,
  folder: string,
  { onProgress }: RotateOptions,
): RotationReport {
  const database = normalizeAbsolute(folder);
  const lock = fileSystem.locks.acquire(`${database}/LOCK`);
  try {
    // Before anything is changed: whether all of them can be.
    const paths = databaseFiles(fileSystem, database).filter(
      (path) => keyIdOf(fileSystem, ring, path) !== undefined,
    );
    let rotated = 0;
    paths.forEach((path, index) => {
      if (withFile(fileSystem, path, true, (io) => rotateFile(io, ring, path))) rotated++;
      onProgress?.(index + 1, paths.length);
    });
    return { files: paths.length, rotated };
  } finally {
    lock.release();
  }
}

/**
 * Writes the new envelope to the place that is not in use, and syncs; then wipes the old one, and syncs.
 * So one of the two is whole at every moment, and the data does not move: hard links stay.
 */
function rotateFile(io: FileHandle, ring: KeyRing, path: string): boolean {
  const opened = openHeader(io, ring, path);
  if (opened === undefined) return false;
  const { envelope } = opened;
  let { place } = envelope;
  if (envelope.keyId !== ring.currentId) {
    place = 1 - place;
    const bytes = encodeEnvelope(envelope.keys, ring, envelope.generation + 1);
    writeFully(io, bytes, place * SECTOR_BYTES);
    io.sync();
  }
  if (isWiped(io, 1 - place)) return false;
  writeFully(io, new Uint8Array(SECTOR_BYTES), (1 - place) * SECTOR_BYTES);
  io.sync();
  return true;
}

function isWiped(io: FileHandle, place: number): boolean {
  const bytes = new Uint8Array(SECTOR_BYTES);
  readFully(io, bytes, place * SECTOR_BYTES);
  return bytes.every((byte) => byte === 0);
}

function openHeader(io: FileHandle, ring: KeyRing, path: string) {
  const header = new Uint8Array(HEADER_BYTES);
  return openEnvelope(header.subarray(0, readFully(io, header, 0)), ring, path);
}

function withFile<T>(
  fileSystem: FileSystem,
  path: string,
  write: boolean,
  use: (io: FileHandle) => T,
): T {
  const flags = { read: true, write, create: false, exclusive: false, truncate: false };
  const io = fileSystem.open(path, flags);
  try {
    return use(io);
  } finally {
    io.close();
  }
}
