/** Checks of the MANIFEST against the folder: what is missing, of the wrong size, left over, or has two names. */
import { Engine } from '../engine.js';
import { RocksDBError } from '../errors.js';
import { SstFileReader } from '../sst-file-reader.js';
import type { Examination } from './examination.js';
import { bytesOf, namesOf, sizeText } from './examination.js';
import type { DatabaseFile } from './files.js';
import type { ManifestFamily, ManifestState } from './manifest.js';

const RESTORE = "restore a backup; 'rocksdb-wasm repair' saves what the other tables have";

export async function examineListed(exam: Examination, manifest: ManifestState): Promise<void> {
  const tables = new Map(numbered(exam.dataFiles, 'table'));
  const blobs = new Map(numbered(exam.dataFiles, 'blob'));
  for (const family of manifest.families.values()) {
    examineTables(exam, family, tables);
    const gone = [...family.blobs.keys()].filter((number) => !blobs.has(number));
    if (gone.length > 0) {
      exam.add({
        code: 'BLOB_MISSING',
        severity: 'error',
        what: 'blob files, which have the large values, are missing',
        evidence: [gone.map((number) => `${digits(number)}.blob`).join(', ')],
        remedy: RESTORE,
        columnFamily: family.name,
      });
    }
  }
  await examineLeftOver(exam, manifest);
  examineNames(exam, manifest, tables);
}

function numbered(files: readonly DatabaseFile[], kind: string) {
  return files.filter((file) => file.kind === kind).map((file) => [file.number, file] as const);
}

const digits = (number: number) => String(number).padStart(6, '0');

function examineTables(
  exam: Examination,
  family: ManifestFamily,
  tables: ReadonlyMap<number, DatabaseFile>,
): void {
  const listed = [...family.tables.values()];
  const missing = listed.filter(({ number }) => !tables.has(number));
  if (missing.length > 0) {
    exam.add({
      code: 'TABLE_MISSING',
      severity: 'error',
      what: 'tables that the MANIFEST names are not there',
      evidence: missing.map(
        ({ number, level, size }) => `${digits(number)}.sst, level ${level}, ${sizeText(size)}`,
      ),
      remedy: `${RESTORE}. If the tables are in another folder (dbPaths), give it`,
      columnFamily: family.name,
    });
  }
  const wrong = listed.filter(({ number, size }) => (tables.get(number)?.size ?? size) !== size);
  if (wrong.length > 0) {
    exam.add({
      code: 'TABLE_SIZE_WRONG',
      severity: 'error',
      what: 'tables have another size than the MANIFEST says: cut off, or another file of that name',
      evidence: wrong.map(
        ({ number, size }) =>
          `${digits(number)}.sst has ${tables.get(number)?.size} bytes instead of ${size}`,
      ),
      remedy: RESTORE,
      columnFamily: family.name,
    });
  }
}

/** Tables, blob files and logs that nothing names: they take space and do no harm, unless the MANIFEST is an old one. */
async function examineLeftOver(exam: Examination, manifest: ManifestState): Promise<void> {
  const families = [...manifest.families.values()];
  const unnamed = exam.dataFiles.filter(
    ({ kind, number }) =>
      (kind === 'table' && !families.some(({ tables }) => tables.has(number))) ||
      (kind === 'blob' && !families.some(({ blobs }) => blobs.has(number))) ||
      kind === 'temporary' ||
      kind === 'trash',
  );
  const newer = unnamed.filter(
    ({ kind, number }) => kind === 'table' && number >= manifest.nextFileNumber,
  );
  const lost = exam.holder === undefined ? await onlyThere(exam, manifest, newer) : [];
  if (lost.length > 0) {
    exam.add({
      code: 'MANIFEST_BEHIND',
      severity: 'error',
      what: 'tables have data that is newer than the MANIFEST, and that no log has: the MANIFEST lost its end, or is an older copy',
      evidence: [
        `${lost.length} tables of ${sizeText(bytesOf(lost))}: ${namesOf(lost)}`,
        `the MANIFEST ends at sequence number ${manifest.lastSequence}`,
      ],
      remedy:
        "do not open it for writing, which deletes these tables. Copy the folder; then a backup, or 'rocksdb-wasm repair', which takes them in",
    });
  }
  const left = [
    ...unnamed.filter((file) => !lost.includes(file)),
    ...exam.logs.filter(({ number }) => number < manifest.minLogNumber),
  ];
  exam.leftOverBytes = bytesOf(left);
  if (left.length === 0) return;
  const free = exam.holder === undefined;
  exam.add({
    code: 'FILES_LEFT_OVER',
    // A program that has it open may be making them, or holding their deletion back.
    severity: free ? 'warning' : 'note',
    what: free
      ? 'files that the database does not need were not deleted: file deletions were disabled, or the program died in between'
      : 'files that the MANIFEST does not name: the program is making them, reads them still, or has disabled file deletions',
    evidence: [`${left.length} files of ${sizeText(exam.leftOverBytes)}: ${namesOf(left)}`],
    remedy: free
      ? "open it for writing once, which deletes them: 'rocksdb-wasm flush DATABASE'"
      : 'enableFileDeletions() in that program, and free its iterators',
  });
}

/** Of these tables those that have what neither the MANIFEST's own tables nor the logs can have. */
async function onlyThere(
  exam: Examination,
  { lastSequence }: ManifestState,
  tables: readonly DatabaseFile[],
): Promise<DatabaseFile[]> {
  if (tables.length === 0) return [];
  const engine = await Engine.create(exam.engineOptions);
  try {
    return tables.filter(({ path }) => {
      const newest = newestSequence(engine, path);
      const logged = exam.logSequences !== undefined && newest <= exam.logSequences.last;
      return newest > BigInt(lastSequence) && !logged;
    });
  } finally {
    engine.free();
  }
}

/** 0n for a table that is not whole: a flush was cut short, and the log still has what was in it. */
function newestSequence(engine: Engine, path: string): bigint {
  let reader: SstFileReader | undefined;
  try {
    reader = new SstFileReader(engine, path);
    let newest = 0n;
    for (const { sequenceNumber } of reader.rawIterator()) {
      if (sequenceNumber > newest) newest = sequenceNumber;
    }
    return newest;
  } catch (error) {
    if (error instanceof RocksDBError) return 0n;
    throw error;
  } finally {
    reader?.free();
  }
}

/** A table with two names is one file: whoever writes to the other name changes the database. */
function examineNames(
  exam: Examination,
  manifest: ManifestState,
  tables: ReadonlyMap<number, DatabaseFile>,
): void {
  const live = [...manifest.families.values()].flatMap((family) => [...family.tables.keys()]);
  const linked = live
    .map((number) => tables.get(number))
    .filter((file): file is DatabaseFile => file !== undefined && file.links > 1);
  if (linked.length === 0) return;
  const others = exam.files.filter(
    (file) => linked.some((each) => each.identity === file.identity) && !linked.includes(file),
  );
  exam.add({
    code: 'TABLE_TWO_NAMES',
    severity: others.length > 0 ? 'warning' : 'note',
    what: 'tables have more than one name: of a checkpoint or backup, or of an ingestion by link or move that was cut short',
    evidence: [
      `${namesOf(linked)}: ${linked[0]?.links} names`,
      ...(others.length === 0 ? [] : [`in this folder also as ${namesOf(others)}`]),
    ],
    remedy:
      'of a checkpoint nothing; otherwise remove the other name before a file of that name is written, which would change the table',
  });
}
