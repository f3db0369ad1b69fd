/** Opens the database for reading; what keeps it from that is a finding. */
import { CorruptionError, RocksDBError } from '../errors.js';
import { RocksDB } from '../rocksdb.js';
import { DBWithTTL } from '../ttl.js';
import type { Examination } from './examination.js';

/** Undefined: it does not open, and why is among the findings. */
export async function openToRead(exam: Examination): Promise<RocksDB | undefined> {
  try {
    return await open(exam);
  } catch (error) {
    if (!(error instanceof RocksDBError)) throw error;
    explain(exam, error);
    return undefined;
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

function explain(exam: Examination, error: RocksDBError): void {
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
