/**
 * Damage that keeps the checksums right, so that the parser behind them is reached. Table files have no checksums in
 * the first place where they are damaged like this (`checksum: 'noChecksum'`); logs and blob files have these.
 */
import { crc32c, masked } from './crc32c.js';
import { mutate } from './mutate.js';
import type { Choice } from './random.js';

const BLOCK_BYTES = 32 * 1024;
/** Checksum, length and type; a recyclable record has the number of its log, too. */
const HEADER_BYTES = 7;
const RECYCLABLE_HEADER_BYTES = 11;
const FULL = 1;
const RECYCLABLE_FULL = 5;
const SET_COMPRESSION = 9;
const RECYCLABLE_TIMESTAMPS = 11;

interface LogRecord {
  /** Of a full record. */
  readonly type: number;
  readonly logNumber: Uint8Array;
  payload: Uint8Array;
}

const headerBytes = (type: number) =>
  (type >= RECYCLABLE_FULL && type < SET_COMPRESSION) || type === RECYCLABLE_TIMESTAMPS
    ? RECYCLABLE_HEADER_BYTES
    : HEADER_BYTES;

/** The physical records of a log (MANIFEST or WAL), up to where they make no sense. */
function logRecords(file: Uint8Array): LogRecord[] {
  const records: LogRecord[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 0; at + HEADER_BYTES <= file.length; ) {
    if (BLOCK_BYTES - (at % BLOCK_BYTES) < HEADER_BYTES) {
      at += BLOCK_BYTES - (at % BLOCK_BYTES);
      continue;
    }
    const length = view.getUint16(at + 4, true);
    const type = file[at + 6] as number;
    const header = headerBytes(type);
    if (at + header + length > file.length || (type === 0 && length === 0)) break;
    records.push({
      type,
      logNumber: file.slice(at + HEADER_BYTES, at + header),
      payload: file.slice(at + header, at + header + length),
    });
    at += header + length;
  }
  return records;
}

function writeLog(records: readonly LogRecord[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { type, logNumber, payload } of records) {
    const header = HEADER_BYTES + logNumber.length;
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    // Fragments are kept as they were, so one that grew may not fit: the rest of the block stays empty.
    if (left < header + payload.length) {
      parts.push(new Uint8Array(left));
      at += left;
    }
    const record = new Uint8Array(header + payload.length);
    const view = new DataView(record.buffer);
    view.setUint16(4, payload.length, true);
    record[6] = type;
    record.set(logNumber, HEADER_BYTES);
    record.set(payload, header);
    view.setUint32(0, masked(crc32c(record.subarray(6))), true);
    parts.push(record);
    at += record.length;
  }
  const file = new Uint8Array(at);
  let to = 0;
  for (const part of parts) {
    file.set(part, to);
    to += part.length;
  }
  return file;
}

/** Records of a MANIFEST or WAL damaged, dropped, doubled, swapped or taken from another file. */
export function mutateLog(file: Uint8Array, choice: Choice, other: Uint8Array): Uint8Array {
  const records = logRecords(file);
  const others = logRecords(other);
  if (records.length === 0) return mutate(file, choice, other);
  for (let n = choice.pick([1, 1, 2, 3]); n > 0 && records.length > 0; n--) {
    const at = choice.below(records.length);
    const record = records[at] as LogRecord;
    const damage = () => {
      const from = others.length > 0 ? choice.pick(others).payload : record.payload;
      const payload = mutate(record.payload, choice, from).slice(0, BLOCK_BYTES - 16);
      records[at] = { ...record, payload };
    };
    choice.weighted<() => unknown>([
      [12, damage],
      [1, () => records.splice(at, 1)],
      [1, () => records.splice(at, 0, record)],
      [1, () => records.splice(at, 1, ...records.splice(choice.below(records.length), 1))],
      [1, () => others.length > 0 && records.splice(at, 0, choice.pick(others))],
      [
        1,
        () => (records[at] = { ...record, type: choice.between(FULL, RECYCLABLE_TIMESTAMPS + 1) }),
      ],
      [1, () => records.splice(at)],
    ])();
  }
  return writeLog(records);
}

const BLOB_HEADER_BYTES = 30;
const BLOB_RECORD_BYTES = 32;
const BLOB_FOOTER_BYTES = 32;

/** A blob file whose footer and records have the checksums of what they say now. */
export function mutateBlob(file: Uint8Array, choice: Choice, other: Uint8Array): Uint8Array {
  const bytes = mutate(file, choice, other).slice();
  const view = new DataView(bytes.buffer);
  const seal = (start: number, length: number) => {
    if (start < 0 || start + length > bytes.length) return;
    const end = start + length - 4;
    view.setUint32(end, masked(crc32c(bytes.subarray(start, end))), true);
  };
  seal(bytes.length - BLOB_FOOTER_BYTES, BLOB_FOOTER_BYTES);
  for (let at = BLOB_HEADER_BYTES; at + BLOB_RECORD_BYTES <= bytes.length; ) {
    const content = view.getBigUint64(at, true) + view.getBigUint64(at + 8, true);
    const end = BigInt(at + BLOB_RECORD_BYTES) + content;
    if (end > BigInt(bytes.length)) break;
    const next = Number(end);
    view.setUint32(at + 24, masked(crc32c(bytes.subarray(at, at + 24))), true);
    view.setUint32(at + 28, masked(crc32c(bytes.subarray(at + BLOB_RECORD_BYTES, next))), true);
    at = next;
  }
  return bytes;
}
