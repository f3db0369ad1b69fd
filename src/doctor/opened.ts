/** Opens the database for reading; what keeps it from that is a finding. */
import { CorruptionError, RocksDBError } from '../errors.js';
import { RocksDB } from '../rocksdb.js';
import { DBWithTTL } from '../ttl.js';
import type { Examination } from './examination.js';

export interface Opening {
  /** Undefined: it does not open. */
  readonly db?: RocksDB;
  readonly error?: RocksDBError;
}

export async function openToRead(exam: Examination): Promise<Opening> {
  try {
    return { db: await open(exam) };
  } catch (error) {
    if (!(error instanceof RocksDBError)) throw error;
    return { error };
  }
}

async function open({ path, openOptions }: Examination): Promise<RocksDB> {
  const options = { ...openOptions, readOnly: true };
  try {
    return await RocksDB.open(path, options);
  } catch (error) {
    // RocksDB cannot tell, but the stored options can.
    if (!/DBWithTTL/.test((error as Error).message)) throw error;
    return DBWithTTL.open(path, options);
  }
}

/** Adds why it does not open, unless what was found already says so. */
export function explainOpening(exam: Examination, error: RocksDBError): void {
  const { message } = error;
  const [, family] = /column family '?([^':]*)'?/.exec(message) ?? [];
  const where = family === undefined ? {} : { columnFamily: family };
  if (/comparator/.test(message)) {
    exam.add({
      code: 'COMPARATOR_MISSING',
      severity: 'error',
      what: "the order of the keys is a function of a program's, which was not given",
      evidence: [message],
      remedy:
        'open it in that program, or give the function: diagnose(path, { options: { comparator } })',
      ...where,
    });
  } else if (/merge operator|mergeOperator/.test(message)) {
    exam.add({
      code: 'MERGE_OPERATOR_MISSING',
      severity: 'error',
      what: "values are merged by a function of a program's, which was not given",
      evidence: [message],
      remedy:
        'open it in that program, or give the function: diagnose(path, { options: { mergeOperator } })',
      ...where,
    });
  } else if (!exam.hasErrors) {
    exam.add({
      code: 'DOES_NOT_OPEN',
      severity: 'error',
      what: 'RocksDB does not open the database',
      evidence: [`${error.code}: ${message}`],
      remedy:
        error instanceof CorruptionError
          ? "restore a backup; if there is none, copy the folder and run 'rocksdb-wasm repair'"
          : 'see the evidence',
    });
  }
}
