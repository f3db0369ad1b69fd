/** Checks on the folder: is it a database, who has it open, is it encrypted, do CURRENT and MANIFEST lead anywhere. */
import { statfsSync } from 'node:fs';
import { keyNameIn } from '../encryption/envelope.js';
import {
  CorruptionError,
  EncryptionError,
  InvalidArgumentError,
  NotSupportedError,
} from '../errors.js';
import { dumpManifest } from '../tools.js';
import type { Examination } from './examination.js';
import { bytesOf, namesOf, sizeText } from './examination.js';
import { type DatabaseFile, filesIn, ifThere, readWholeFile } from './files.js';
import type { FindingCode } from './findings.js';
import { manifestState } from './manifest.js';

const ENVELOPE_BYTES = 512;

/** Returns whether there is something to go on with. */
export async function examineFolder(exam: Examination): Promise<boolean> {
  try {
    listFiles(exam);
  } catch (error) {
    exam.add(unreadable(error as Error, exam.path));
    return false;
  }
  lookForHolder(exam);
  lookForLost(exam);
  if (!isDatabase(exam)) return false;
  if (!readable(exam)) return false;
  const manifest = manifestFile(exam);
  return manifest !== undefined && readManifest(exam, manifest);
}

function listFiles(exam: Examination): void {
  const { path, fileSystem } = exam;
  exam.files = filesIn(fileSystem, path);
  const logFolder = exam.options.options?.walDir;
  const folders = (exam.options.options?.dbPaths ?? []).map((each) => each.path);
  const others = folders.filter((folder) => folder !== path);
  exam.dataFiles = [...exam.files, ...others.flatMap((folder) => filesIn(fileSystem, folder))];
  const inLogFolder = logFolder ? filesIn(fileSystem, logFolder) : exam.files;
  exam.logs = inLogFolder.filter(({ kind }) => kind === 'log').sort((a, b) => a.number - b.number);
}

function isDatabase(exam: Examination): boolean {
  const has = (kind: string) => exam.files.some((file) => file.kind === kind);
  const current = exam.files.some(({ name }) => name === 'CURRENT');
  if (current || has('manifest') || has('table')) return true;
  exam.add({
    code: 'NOT_A_DATABASE',
    severity: 'error',
    what: 'there is no RocksDB database in this folder',
    evidence: [
      exam.files.length === 0
        ? `${exam.path} is empty or not there`
        : `neither CURRENT, MANIFEST nor tables, but ${namesOf(exam.files)}`,
    ],
    remedy: 'give the folder in which the file CURRENT is',
  });
  return false;
}

function lookForHolder(exam: Examination): void {
  const { path, fileSystem } = exam;
  if (fileSystem.locks.look === undefined) {
    exam.skip('lock', 'the file system cannot tell who holds it');
    return;
  }
  // No LOCK file, no folder: nobody has it.
  exam.holder = ifThere(() => fileSystem.locks.look?.(`${path}/LOCK`));
  if (exam.holder === undefined) return;
  exam.add({
    code: 'IN_USE',
    severity: 'note',
    what: 'a program has the database open: others can read it, and cannot write',
    evidence: [exam.holder.message],
    remedy: 'close it there before you write to it with another program',
  });
}

/** What a repair left, and files that wait for their deletion. */
function lookForLost(exam: Examination): void {
  const lost = filesIn(exam.fileSystem, `${exam.path}/lost`);
  if (lost.length === 0) return;
  exam.add({
    code: 'REPAIRED_BEFORE',
    severity: 'note',
    what: 'the database was repaired once; what could not be read, and the old logs and MANIFEST, was moved to lost/',
    evidence: [`${lost.length} files of ${sizeText(bytesOf(lost))} in ${exam.path}/lost`],
    remedy: 'delete that folder once nothing in it is missed',
  });
}

const ENCRYPTION_CODES: Readonly<Record<string, FindingCode>> = {
  ERR_ROCKSDB_ENCRYPTION_KEY_MISSING: 'ENCRYPTION_KEY_MISSING',
  ERR_ROCKSDB_ENCRYPTION_WRONG_KEY: 'ENCRYPTION_KEY_WRONG',
  ERR_ROCKSDB_NOT_ENCRYPTED: 'NOT_ENCRYPTED',
};

/** Whether its small files can be read: encryption and permissions. */
function readable(exam: Examination): boolean {
  const probes = exam.files.filter(({ name, kind }) => name === 'CURRENT' || kind === 'manifest');
  for (const { path } of probes) {
    try {
      const header = readWholeFile(exam.fileSystem, path, ENVELOPE_BYTES) ?? new Uint8Array(0);
      const key = keyNameIn(header);
      if (key === undefined) continue;
      exam.add({
        code: 'ENCRYPTED',
        severity: 'error',
        what: 'the database is encrypted, and was opened without its key',
        evidence: [`${path} is encrypted with the key '${key}'`],
        remedy: `give the key: --key-file=${key}=FILE, or an EncryptedFileSystem with it`,
      });
      return false;
    } catch (error) {
      exam.add(unreadable(error as Error, path));
      return false;
    }
  }
  return true;
}

function unreadable(error: Error & { code?: string }, path: string) {
  if (error instanceof EncryptionError) {
    return {
      code: ENCRYPTION_CODES[error.code] ?? ('ENCRYPTION_DAMAGED' as const),
      severity: 'error' as const,
      what: 'a file of the encrypted database cannot be decrypted with the keys that were given',
      evidence: [error.message],
      remedy:
        error.code === 'ERR_ROCKSDB_NOT_ENCRYPTED'
          ? 'open it without keys, or make an encrypted copy: copyDatabase()'
          : 'give the right key under the name that the file tells; if the header is damaged, restore the file',
    };
  }
  if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
  return {
    code: 'ACCESS_DENIED' as const,
    severity: 'error' as const,
    what: 'this user may not read the files of the database',
    evidence: [`${path}: ${error.message}`],
    remedy: 'run as the user that the files belong to, or give this one the right to read them',
  };
}

/** The MANIFEST that CURRENT names. */
function manifestFile(exam: Examination): DatabaseFile | undefined {
  const manifests = exam.files
    .filter(({ kind }) => kind === 'manifest')
    .sort((a, b) => b.number - a.number);
  const bytes = readWholeFile(exam.fileSystem, `${exam.path}/CURRENT`);
  const newest = manifests[0];
  const restore =
    newest === undefined
      ? "no MANIFEST is left: restore a backup, or 'rocksdb-wasm repair' what the tables still have"
      : `write the line ${newest.name} into ${exam.path}/CURRENT`;
  if (bytes === undefined) {
    exam.add({
      code: 'CURRENT_MISSING',
      severity: 'error',
      what: 'the file CURRENT, which says which MANIFEST counts, is missing',
      evidence: [manifests.length === 0 ? 'no MANIFEST' : `there are ${namesOf(manifests)}`],
      remedy: restore,
    });
    return undefined;
  }
  const text = new TextDecoder().decode(bytes);
  if (!/^MANIFEST-\d+\n$/.test(text)) {
    exam.add({
      code: 'CURRENT_DAMAGED',
      severity: 'error',
      what: 'the file CURRENT does not name a MANIFEST',
      evidence: [`it has ${bytes.length} bytes: ${JSON.stringify(text.slice(0, 60))}`],
      remedy: restore,
    });
    return undefined;
  }
  const named = manifests.find(({ name }) => `${name}\n` === text);
  if (named !== undefined) return named;
  exam.add({
    code: 'MANIFEST_MISSING',
    severity: 'error',
    what: `CURRENT names ${text.trim()}, which is not there`,
    evidence: [manifests.length === 0 ? 'no MANIFEST' : `there are ${namesOf(manifests)}`],
    remedy: restore,
  });
  return undefined;
}

async function readManifest(exam: Examination, { path, name, size }: DatabaseFile) {
  try {
    exam.manifest = manifestState(await dumpManifest(path, exam.toolOptions));
    return true;
  } catch (error) {
    if (error instanceof InvalidArgumentError && /comparator/.test(error.message)) {
      exam.add({
        code: 'COMPARATOR_MISSING',
        severity: 'error',
        what: "the order of the keys is a function of a program's, which was not given",
        evidence: [error.message],
        remedy:
          'open it in that program, or give the function: diagnose(path, { options: { comparator } })',
      });
      return false;
    }
    if (error instanceof NotSupportedError) {
      exam.skip('all that the MANIFEST leads to', error.message);
      return false;
    }
    if (!(error instanceof CorruptionError)) throw error;
    exam.add({
      code: 'MANIFEST_DAMAGED',
      severity: 'error',
      what: `${name}, which says which files make up the database, is damaged`,
      evidence: [`${size} bytes: ${error.message}`],
      remedy:
        "restore a backup; if there is none, copy the folder, then 'rocksdb-wasm repair' rebuilds it from the tables and logs",
    });
    return false;
  }
}

/** Room on the disk: compaction writes new tables before it deletes the old ones. */
export function examineDisk(exam: Examination, largestFamilyBytes: number): void {
  try {
    const { bavail, bsize } = statfsSync(exam.path);
    exam.freeBytes = bavail * bsize;
  } catch (error) {
    exam.skip('disk space', (error as Error).message);
    return;
  }
  const least = exam.options.minFreeBytes ?? Math.max(64 * 1024 * 1024, largestFamilyBytes);
  if (exam.freeBytes >= least) return;
  exam.add({
    code: 'DISK_NEARLY_FULL',
    severity: 'warning',
    what: 'the disk has little room: flushes and compactions write new files before the old ones go, and fail without',
    evidence: [`${sizeText(exam.freeBytes)} free, ${sizeText(least)} wanted`],
    remedy:
      'make room; a database that has stopped for lack of it goes on after resume() or the next opening',
  });
}
