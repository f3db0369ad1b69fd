/** The doctor: looks at a database from outside, and says what is wrong with it, why, and what to do. */
import { HOST_FILES } from '../host-files.js';
import { databasePath } from '../paths.js';
import { bytesOf, type DiagnoseOptions, Examination } from './examination.js';
import { type Diagnosis, inOrder } from './findings.js';
import { examineDisk, examineFolder } from './folder.js';
import { examineListed } from './listed.js';
import { examineLogs } from './logs.js';
import { explainOpening, openToRead } from './opened.js';
import { examineSpace } from './space.js';
import { examineOptions } from './stored-options.js';
import { examineTables } from './tables.js';

/** A database that is written to meanwhile may look wrong for a moment: files come and go. */
const ATTEMPTS = 3;

/**
 * Examines the database in the folder `path`, whatever state it is in: files, checksums, options, and what retains
 * space. It takes no lock and writes nothing. What is wrong is in the result; thrown is only what keeps it from
 * looking at all (an aborted signal, a file system that fails).
 *
 * It opens the database for reading, as `RocksDB.open(path, { readOnly: true })` does: the log is replayed into memory.
 * Unless `shallow`, all tables are read once for their checksums, and all keys for what of them is still needed.
 */
export async function diagnose(path: string, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const resolved = databasePath(path);
  const fileSystem = options.fileSystem ?? options.options?.fileSystem ?? HOST_FILES;
  for (let attempt = 1; ; attempt++) {
    const exam = new Examination(resolved, fileSystem, options);
    await examine(exam);
    const moving = exam.holder !== undefined && exam.hasErrors;
    if (!moving || attempt === ATTEMPTS) return diagnosisOf(exam);
  }
}

async function examine(exam: Examination): Promise<void> {
  const goesOn = await examineFolder(exam);
  const { manifest } = exam;
  if (!goesOn || manifest === undefined) return;
  await examineOptions(exam);
  await examineLogs(exam, manifest);
  await examineListed(exam, manifest);
  const { db, error } = await openToRead(exam);
  try {
    if (!exam.options.shallow) await examineTables(exam, manifest, db);
    if (error !== undefined) explainOpening(exam, error);
    // What is damaged cannot be counted.
    const damaged = exam.findings.some(({ code }) => code === 'TABLE_DAMAGED');
    if (db !== undefined && !damaged) await examineSpace(exam, db);
    else if (db !== undefined) exam.skip('space', 'there are damaged tables');
  } finally {
    db?.close();
  }
  const sizes = [...manifest.families.values()].map(({ tables }) =>
    [...tables.values()].reduce((sum, { size }) => sum + size, 0),
  );
  examineDisk(exam, Math.max(0, ...sizes));
}

function diagnosisOf(exam: Examination): Diagnosis {
  const findings = inOrder(exam.findings);
  return {
    path: exam.path,
    healthy: findings.every(({ severity }) => severity === 'note'),
    findings,
    skipped: exam.skipped,
    facts: {
      rocksdbVersion: exam.rocksdbVersion,
      logs: exam.logs.length,
      logBytes: bytesOf(exam.logs),
      leftOverBytes: exam.leftOverBytes,
      totalBytes: bytesOf(exam.files),
      freeBytes: exam.freeBytes,
      columnFamilies: exam.columnFamilies,
    },
  };
}
