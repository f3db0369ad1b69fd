/** Checks of an open database: what takes space and is not needed, and what compaction is behind with. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { AnyColumnFamily } from '../column-family.js';
import { CorruptionError, RocksDBError } from '../errors.js';
import type { ColumnFamilyMetaData } from '../file-metadata.js';
import type { RocksDB } from '../rocksdb.js';
import type { Examination } from './examination.js';
import { sizeText } from './examination.js';
import type { ColumnFamilyFacts } from './findings.js';

/** From which share on garbage is a finding. */
const GARBAGE_SHARE = 0.5;
/** Deletions that a shallow look finds: each hides an entry, so this is about the same. */
const DELETION_SHARE = 0.3;
/** Entries between two turns of the event loop. */
const TURN_ENTRIES = 4096;

export async function examineSpace(exam: Examination, db: RocksDB): Promise<void> {
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name) as AnyColumnFamily;
    const meta = db.getColumnFamilyMetaData({ columnFamily });
    const visible = exam.options.shallow
      ? undefined
      : await countVisible(exam, db, columnFamily, meta);
    const facts = factsOf(meta, visible);
    exam.columnFamilies.push(facts);
    examineVersions(exam, db, columnFamily, meta, facts);
    examineBlobs(exam, meta);
    examineLevels(exam, db, columnFamily, meta);
  }
}

function factsOf(meta: ColumnFamilyMetaData, visible: number | undefined): ColumnFamilyFacts {
  const files = meta.levels.flatMap((level) => level.files);
  return {
    name: meta.name,
    tables: meta.fileCount,
    tableBytes: meta.size,
    blobFiles: meta.blobFiles.length,
    blobBytes: meta.blobFileSize,
    entries: files.reduce((sum, { numEntries }) => sum + numEntries, 0),
    deletions: files.reduce((sum, { numDeletions }) => sum + numDeletions, 0),
    visible,
  };
}

/** By a scan, which reads the values too where they are in blob files: that checks those. */
async function countVisible(
  exam: Examination,
  db: RocksDB,
  columnFamily: AnyColumnFamily,
  meta: ColumnFamilyMetaData,
): Promise<number | undefined> {
  // Of timestamps a scan would need one, and old versions are what they are for.
  if (columnFamily.timestampSize > 0) return undefined;
  const values = meta.blobFiles.length > 0;
  const total = Number(db.getIntProperty('rocksdb.estimate-num-keys', { columnFamily }) ?? 0);
  const iterator = db.iterator({ columnFamily, values, fillCache: false });
  let count = 0;
  try {
    while (iterator.next() !== undefined) {
      if (++count % TURN_ENTRIES !== 0) continue;
      exam.options.onProgress?.({ step: `entries of ${meta.name}`, done: count, total });
      await immediate();
      exam.options.signal?.throwIfAborted();
    }
    return count;
  } catch (error) {
    if (!(error instanceof RocksDBError)) throw error;
    if (error instanceof CorruptionError && /blob/i.test(error.message)) {
      exam.add({
        code: 'BLOB_DAMAGED',
        severity: 'error',
        what: 'a blob file, which has large values, is damaged',
        evidence: [error.message],
        remedy:
          "restore a backup; 'rocksdb-wasm dump' with --to and --from around the damage saves the rest",
        columnFamily: meta.name,
      });
    } else exam.skip(`entries of ${meta.name}`, error.message);
    return undefined;
  } finally {
    iterator.free();
  }
}

function examineVersions(
  exam: Examination,
  db: RocksDB,
  columnFamily: AnyColumnFamily,
  meta: ColumnFamilyMetaData,
  { name, entries, deletions, visible }: ColumnFamilyFacts,
): void {
  const inMemory =
    Number(db.getIntProperty('rocksdb.num-entries-active-mem-table', { columnFamily }) ?? 0) +
    Number(db.getIntProperty('rocksdb.num-entries-imm-mem-tables', { columnFamily }) ?? 0);
  const all = entries + inMemory;
  if (entries < exam.minEntries || all === 0) return;
  const obsolete = visible === undefined ? undefined : all - visible;
  const share = obsolete === undefined ? deletions / entries : obsolete / all;
  if (share < (obsolete === undefined ? DELETION_SHARE : GARBAGE_SHARE)) return;

  const percent = `${Math.round(share * 100)} %`;
  const evidence = [
    obsolete === undefined
      ? `${percent} of ${entries.toLocaleString('en')} entries in its tables are deletions`
      : `${percent} of ${all.toLocaleString('en')} entries are deletions, or what they and newer values hide; ` +
        `a scan shows ${visible?.toLocaleString('en')}`,
    `${deletions.toLocaleString('en')} deletions, in tables of ${sizeText(meta.size)}`,
  ];
  const last = meta.levels.filter(({ level, files }) => level > 0 && files.length > 0).at(-1);
  const bottom = last?.files ?? [];
  const kept = bottom.reduce((sum, { numDeletions }) => sum + numDeletions, 0);
  // The last level has one version of a key, and no deletions, unless a snapshot needed them at the compaction.
  const protectedThere = bottom.reduce((sum, { numEntries }) => sum + numEntries, 0);
  const sequences = bottom.some(({ largestSequenceNumber }) => largestSequenceNumber > 0n);
  if (kept * 2 >= Math.max(1, deletions) && protectedThere * 2 >= entries && sequences) {
    exam.add({
      code: 'SNAPSHOT_RETAINED',
      severity: 'warning',
      what: 'old versions went through compaction and were kept, since a snapshot or an old iterator was open',
      evidence: [
        ...evidence,
        `${kept.toLocaleString('en')} deletions are in the last level (${last?.level}), where none are kept otherwise`,
      ],
      remedy:
        "find and free what holds the snapshot (db.heap.report(), db.heap.pins()), then 'rocksdb-wasm compact DATABASE --bottommost=force'",
      columnFamily: name,
    });
    return;
  }
  const byDeletions = deletions * 4 >= (obsolete ?? deletions);
  exam.add({
    code: byDeletions ? 'DELETIONS_RETAINED' : 'VERSIONS_RETAINED',
    severity: 'warning',
    what: byDeletions
      ? 'most of the tables is deleted entries, and the deletions of them, that no compaction has dropped yet: scans are slow and space is not given back'
      : 'most of the tables is values that were overwritten, and that no compaction has dropped yet',
    evidence: [...evidence, ...automatic(db, columnFamily)],
    remedy: "'rocksdb-wasm compact DATABASE', or db.compactRange() in the program",
    columnFamily: name,
  });
}

/** A cause that stands in the options. */
function automatic(db: RocksDB, columnFamily: AnyColumnFamily): string[] {
  const { disableAutoCompactions } = db.getOptions({ columnFamily });
  return disableAutoCompactions === true
    ? ['disableAutoCompactions is set: nothing is compacted unless the program asks for it']
    : [];
}

function examineBlobs(exam: Examination, { name, blobFiles }: ColumnFamilyMetaData): void {
  const total = blobFiles.reduce((sum, { totalBlobBytes }) => sum + totalBlobBytes, 0);
  const garbage = blobFiles.reduce((sum, { garbageBlobBytes }) => sum + garbageBlobBytes, 0);
  if (garbage < exam.minBytes || garbage < GARBAGE_SHARE * total) return;
  exam.add({
    code: 'BLOB_GARBAGE',
    severity: 'warning',
    what: 'most of the blob files is values that nothing refers to any more; a blob file goes as a whole, when none is left',
    evidence: [
      `${sizeText(garbage)} of ${sizeText(total)} in ${blobFiles.length} blob files are garbage`,
    ],
    remedy:
      "'rocksdb-wasm compact DATABASE --blob-garbage'; in the program enableBlobGarbageCollection",
    columnFamily: name,
  });
}

const DEFAULT_SLOWDOWN_FILES = 20;
const DEFAULT_STOP_FILES = 36;
const DEFAULT_SOFT_LIMIT = 64n * 1024n ** 3n;

function examineLevels(
  exam: Examination,
  db: RocksDB,
  columnFamily: AnyColumnFamily,
  { name, levels }: ColumnFamilyMetaData,
): void {
  const options = db.getOptions({ columnFamily });
  // With FIFO all tables are in level 0.
  if (options.compactionStyle === 'fifo') return;
  const slowdown = options.level0SlowdownWritesTrigger ?? DEFAULT_SLOWDOWN_FILES;
  const stop = options.level0StopWritesTrigger ?? DEFAULT_STOP_FILES;
  const files = levels[0]?.files ?? [];
  if (files.length >= slowdown) {
    exam.add({
      code: 'LEVEL0_PILEUP',
      severity: 'warning',
      what: 'compaction is behind: level 0 has so many tables that writes are slowed down, and each read looks into all of them',
      evidence: [
        `${files.length} tables in level 0; writes are slowed down from ${slowdown} on, and stop at ${stop}`,
        ...automatic(db, columnFamily),
      ],
      remedy:
        "'rocksdb-wasm compact DATABASE'; in the program give background work time, or write less at once",
      columnFamily: name,
    });
  }
  const pending =
    db.getIntProperty('rocksdb.estimate-pending-compaction-bytes', { columnFamily }) ?? 0n;
  const limit = BigInt(options.softPendingCompactionBytesLimit ?? DEFAULT_SOFT_LIMIT);
  if (limit === 0n || pending < limit) return;
  exam.add({
    code: 'COMPACTION_DEBT',
    severity: 'warning',
    what: 'compaction is behind: so much is to be rewritten that writes are slowed down',
    evidence: [
      `${sizeText(Number(pending))} to be compacted; writes are slowed down from ${sizeText(Number(limit))} on`,
      ...automatic(db, columnFamily),
    ],
    remedy: "'rocksdb-wasm compact DATABASE'",
    columnFamily: name,
  });
}
