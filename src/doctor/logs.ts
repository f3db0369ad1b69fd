/** Checks of the write-ahead logs: damaged, torn, or kept by a column family that is not flushed. */
import { CorruptionError } from '../errors.js';
import { dumpWal, type WalBatch } from '../tools.js';
import type { Examination } from './examination.js';
import { bytesOf, namesOf, sizeText } from './examination.js';
import { type DatabaseFile, readWholeFile } from './files.js';
import type { ManifestState } from './manifest.js';

export async function examineLogs(exam: Examination, manifest: ManifestState): Promise<void> {
  const live = exam.logs.filter(({ number }) => number >= manifest.minLogNumber);
  /** Numbers of the logs that have what is not flushed, by the name of the column family. */
  const unflushed = new Map<string, Set<number>>();
  const total = bytesOf(live);
  let done = 0;
  for (const log of live) {
    exam.options.signal?.throwIfAborted();
    exam.options.onProgress?.({ step: 'logs', done, total });
    const batches = await batchesOf(exam, log);
    if (batches !== undefined) {
      noteSequences(exam, batches);
      noteUnflushed(unflushed, log, batches, manifest);
      if (exam.holder === undefined) examineEnd(exam, log, batches.at(-1));
    }
    done += log.size;
  }
  examinePileUp(exam, live, unflushed);
}

async function batchesOf(
  exam: Examination,
  log: DatabaseFile,
): Promise<readonly WalBatch[] | undefined> {
  try {
    return await dumpWal(log.path, exam.toolOptions);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    exam.add({
      code: 'LOG_DAMAGED',
      severity: 'error',
      what: 'a log is damaged in the middle: opening ends there, and drops all that was written after, without a word',
      evidence: [`${log.name}, ${sizeText(log.size)}: ${error.message}`],
      remedy:
        "copy the folder first. Then: a backup; or \"rocksdb-wasm flush DATABASE --options='wal_recovery_mode=kSkipAnyCorruptedRecords'\", which drops the damaged records only; or 'rocksdb-wasm flush DATABASE', which keeps what is before the damage",
    });
    return undefined;
  }
}

function noteSequences(exam: Examination, batches: readonly WalBatch[]): void {
  const [first] = batches;
  const last = batches.at(-1);
  if (first === undefined || last === undefined) return;
  exam.logSequences = {
    first: exam.logSequences?.first ?? first.sequence,
    last: last.sequence + BigInt(Math.max(0, last.count - 1)),
  };
}

function noteUnflushed(
  unflushed: Map<string, Set<number>>,
  log: DatabaseFile,
  batches: readonly WalBatch[],
  { families }: ManifestState,
): void {
  for (const { operations } of batches) {
    for (const operation of operations) {
      if (!('columnFamilyId' in operation)) continue;
      const family = families.get(operation.columnFamilyId);
      if (family === undefined || family.logNumber > log.number) continue;
      const numbers = unflushed.get(family.name) ?? new Set();
      unflushed.set(family.name, numbers.add(log.number));
    }
  }
}

// The format of logs (db/log_format.h): blocks of 32 KiB; a record's parts have a header of 7 bytes, and one of more
// where files are recycled.
const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const TYPE_AT = 6;
/** The types from here on are those of recycled logs. */
const FIRST_RECYCLABLE_TYPE = 5;

/** Where a record ends that begins at `offset`. */
function endOf({ offset, byteLength }: WalBatch): number {
  let at = offset;
  let left = byteLength;
  do {
    const room = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (room < HEADER_BYTES) {
      at += room;
      continue;
    }
    const part = Math.min(left, room - HEADER_BYTES);
    at += HEADER_BYTES + part;
    left -= part;
  } while (left > 0);
  return at;
}

/** What follows the last whole record, when it is more than zeros: the beginning of one that was being written. */
function examineEnd(exam: Examination, log: DatabaseFile, last: WalBatch | undefined): void {
  const bytes = readWholeFile(exam.fileSystem, log.path);
  if (bytes === undefined || (bytes[(last?.offset ?? 0) + TYPE_AT] ?? 0) >= FIRST_RECYCLABLE_TYPE) {
    return; // recycled: old records follow the new ones
  }
  const rest = bytes.subarray(last === undefined ? 0 : endOf(last));
  if (rest.every((byte) => byte === 0)) return;
  exam.add({
    code: 'LOG_TORN',
    severity: 'note',
    what: 'a log ends in the middle of a record: the program or the machine died while writing, before the write returned',
    evidence: [`${log.name}: ${rest.length} bytes after the last whole record`],
    remedy: 'nothing: opening for writing drops them. Writes with sync that had returned are there',
  });
}

/** Logs beside the newest one are kept only for what is in them and not flushed. */
function examinePileUp(
  exam: Examination,
  live: readonly DatabaseFile[],
  unflushed: ReadonlyMap<string, ReadonlySet<number>>,
): void {
  const kept = live.slice(0, -1);
  if (kept.length < 2 || bytesOf(kept) < exam.minBytes) return;
  const oldest = kept[0]?.number ?? 0;
  const idle = [...unflushed]
    .filter(([, numbers]) => numbers.has(oldest))
    .map(([name, numbers]) => `'${name}' (in ${numbers.size} of ${live.length} logs)`);
  exam.add({
    code: 'LOG_PILEUP',
    severity: 'warning',
    what: 'old logs are kept by a column family that is rarely written to, and so rarely flushed',
    evidence: [
      `${kept.length} old logs of ${sizeText(bytesOf(kept))}: ${namesOf(kept)}`,
      `not flushed since ${kept[0]?.name}: ${idle.join(', ') || 'transactions that were prepared'}`,
    ],
    remedy:
      "'rocksdb-wasm flush DATABASE'; in the program set maxTotalWalSize, which flushes such column families",
  });
}
