/**
 * The sync record: what of a file is known to be on disk. It says below which position nothing may be
 * missing or different; and it holds the descriptor of the page that was being appended to when the file
 * was synced, so that this page can be read as it was then, whatever a power cut leaves of later writes
 * to it.
 *
 * A record is written just before an fsync, to the place that does not hold the last record that one
 * completed. So it can only claim what the fsync before it completed.
 */
import { authenticate, equalBytes, IV_BYTES, randomBytes, TAG_BYTES } from './cipher.js';
import type { FileKeys } from './envelope.js';
import { DESCRIPTOR_BYTES, RECORDS_AT, SECTOR_BYTES } from './layout.js';
import { type Descriptor, decodeDescriptor, encodeDescriptor, NO_DESCRIPTOR } from './page.js';

export interface TailPage {
  readonly index: number;
  readonly descriptor: Descriptor;
}

export interface SyncRecord {
  readonly sequence: number;
  /** All bytes below it are on disk. */
  readonly synced: number;
  /** There may be pages that nobody wrote, which read as zeros. */
  readonly sparse: boolean;
  readonly tail: TailPage | undefined;
}

/** Of a file that was never synced. */
export const NO_RECORD: SyncRecord = { sequence: 0, synced: 0, sparse: false, tail: undefined };

/** Tells what is authenticated here from the regions of pages, which begin with 1 or 2. */
const KIND = 3;
const At = { KIND: 0, SPARSE: 4, SEQUENCE: 8, SYNCED: 16, TAIL: 24, DESCRIPTOR: 32 } as const;
const BODY_BYTES = At.DESCRIPTOR + DESCRIPTOR_BYTES;

/** Where the record of a sequence number stands in the file. */
export function recordAt(sequence: number): number {
  return RECORDS_AT + (sequence % 2) * SECTOR_BYTES;
}

export function encodeRecord(record: SyncRecord, { mac }: FileKeys): Uint8Array {
  const { sequence, synced, sparse, tail } = record;
  const bytes = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(At.KIND, KIND, true);
  view.setUint32(At.SPARSE, sparse ? 1 : 0, true);
  view.setBigUint64(At.SEQUENCE, BigInt(sequence), true);
  view.setBigUint64(At.SYNCED, BigInt(synced), true);
  view.setBigUint64(At.TAIL, BigInt(tail?.index ?? 0), true);
  encodeDescriptor(tail?.descriptor ?? NO_DESCRIPTOR, bytes.subarray(At.DESCRIPTOR));
  const nonce = randomBytes(IV_BYTES);
  bytes.set(nonce, BODY_BYTES);
  const tag = authenticate(mac, nonce, bytes.subarray(0, BODY_BYTES));
  bytes.set(tag, BODY_BYTES + IV_BYTES);
  return bytes;
}

/** The records that a header holds, the newest first. What is not genuine is none. */
export function decodeRecords(header: Uint8Array, keys: FileKeys): SyncRecord[] {
  return [0, 1]
    .map((sequence) => header.subarray(recordAt(sequence), recordAt(sequence) + SECTOR_BYTES))
    .map((bytes) => decodeRecord(bytes, keys))
    .filter((record) => record !== undefined)
    .sort((a, b) => b.sequence - a.sequence);
}

function decodeRecord(bytes: Uint8Array, { mac }: FileKeys): SyncRecord | undefined {
  if (bytes.length < SECTOR_BYTES) return undefined;
  const nonce = bytes.subarray(BODY_BYTES, BODY_BYTES + IV_BYTES);
  const tag = bytes.subarray(BODY_BYTES + IV_BYTES, BODY_BYTES + IV_BYTES + TAG_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, BODY_BYTES);
  if (view.getUint32(At.KIND, true) !== KIND) return undefined;
  if (!equalBytes(tag, authenticate(mac, nonce, bytes.subarray(0, BODY_BYTES)))) return undefined;
  const descriptor = decodeDescriptor(bytes.subarray(At.DESCRIPTOR, BODY_BYTES)) ?? NO_DESCRIPTOR;
  const index = Number(view.getBigUint64(At.TAIL, true));
  return {
    sequence: Number(view.getBigUint64(At.SEQUENCE, true)),
    synced: Number(view.getBigUint64(At.SYNCED, true)),
    sparse: view.getUint32(At.SPARSE, true) !== 0,
    tail: descriptor.regions.length === 0 ? undefined : { index, descriptor },
  };
}
