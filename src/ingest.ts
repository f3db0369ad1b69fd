import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { TEMPERATURE_NAMES, type Temperature, temperatureNumber } from './file-metadata.js';
import { parentsOf, withFolders } from './folders.js';
import type { DbPtr } from './native/exports.gen.js';
import { RecordWriter } from './native/records.js';
import { expected } from './option-errors.js';
import { fieldsOf, flag, integer, oneOf, paths, texts } from './option-values.js';

/** RocksDB's IngestExternalFileOptions, and what belongs to one group of files. */
export interface IngestExternalFileOptions {
  /** Default: the default column family. */
  columnFamily?: AnyColumnFamily;
  /** Link the files into the database and delete the originals, instead of copying. Default: false. */
  moveFiles?: boolean;
  /** Link the files, and leave the originals. Not together with `moveFiles`. Default: false. */
  linkFiles?: boolean;
  /** Copy where files cannot be linked. Default: true. */
  failedMoveFallBackToCopy?: boolean;
  /** Snapshots do not see what is ingested after them. Default: true. */
  snapshotConsistency?: boolean;
  /** Fail instead of giving the files a sequence number, which overlapping keys need. Default: true. */
  allowGlobalSeqno?: boolean;
  /** Fail instead of flushing memtables with overlapping keys. Default: true. */
  allowBlockingFlush?: boolean;
  /** Below all that is there; needs the option `allowIngestBehind`. Default: false. */
  ingestBehind?: boolean;
  /** Write the sequence number into the file, for RocksDB before 5.16. Default: false. */
  writeGlobalSeqno?: boolean;
  /** Read all of the files first. Default: false. */
  verifyChecksumsBeforeIngest?: boolean;
  /** Bytes to read ahead for that. Default: 0, as RocksDB chooses. */
  verifyChecksumsReadaheadSize?: number;
  /** Compare with `filesChecksums`, where the database makes checksums of files. Default: true. */
  verifyFileChecksum?: boolean;
  /** Fail (BusyError, TryAgain) when a file does not fit into the last level. Default: false. */
  failIfNotBottommostLevel?: boolean;
  /** Take files that a database wrote; all sequence numbers in them must be 0. Default: false. */
  allowDbGeneratedFiles?: boolean;
  /** Put the blocks that are read into the block cache. Default: true. */
  fillCache?: boolean;
  /** Checksums of the files, in their order. */
  filesChecksums?: readonly Uint8Array[];
  /** Names of the functions of the checksums, in the same order. */
  filesChecksumFuncNames?: readonly string[];
  /** For reading the files. Default: `unknown`. */
  fileTemperature?: Temperature;
}

/** Files for one column family, of several that are ingested together. */
export interface IngestExternalFileArg extends IngestExternalFileOptions {
  /** Paths. */
  externalFiles: readonly string[];
}

const FLAGS = {
  moveFiles: false,
  linkFiles: false,
  failedMoveFallBackToCopy: true,
  snapshotConsistency: true,
  allowGlobalSeqno: true,
  allowBlockingFlush: true,
  ingestBehind: false,
  writeGlobalSeqno: false,
  verifyChecksumsBeforeIngest: false,
} as const;
const LATER_FLAGS = {
  verifyFileChecksum: true,
  failIfNotBottommostLevel: false,
  allowDbGeneratedFiles: false,
  fillCache: true,
} as const;
const OPTIONS = [
  'columnFamily',
  ...(Object.keys(FLAGS) as (keyof typeof FLAGS)[]),
  'verifyChecksumsReadaheadSize',
  ...(Object.keys(LATER_FLAGS) as (keyof typeof LATER_FLAGS)[]),
  'filesChecksums',
  'filesChecksumFuncNames',
  'fileTemperature',
  'externalFiles',
] as const;

/** All of the groups, or nothing. `families` are theirs, in order. */
export function ingest(
  engine: Engine,
  db: DbPtr,
  groups: readonly IngestExternalFileArg[],
  families: readonly AnyColumnFamily[],
): void {
  const request = new RecordWriter().word(groups.length);
  const all = groups.map((group, index) =>
    addGroup(request, group, families[index] as AnyColumnFamily),
  );
  const { native, staging } = engine;
  withFolders(engine, parentsOf(all.flat()), () => {
    staging.begin();
    try {
      staging.push(request.finish(), 'ingested files', 0xffffffff);
      native.check(native.calls.rdb_db_ingest(db, staging.address));
    } finally {
      staging.end();
    }
  });
}

/** Returns the paths of its files. */
function addGroup(
  request: RecordWriter,
  group: IngestExternalFileArg,
  family: AnyColumnFamily,
): string[] {
  fieldsOf('ingestExternalFile', group, OPTIONS);
  const files = paths('externalFiles', group.externalFiles);
  const checksums = group.filesChecksums ?? [];
  const names = texts('filesChecksumFuncNames', group.filesChecksumFuncNames ?? []);
  if (!Array.isArray(checksums) || checksums.some((each) => !(each instanceof Uint8Array))) {
    throw expected('an array of Uint8Array', 'filesChecksums', checksums);
  }
  if (checksums.length !== names.length || ![0, files.length].includes(names.length)) {
    throw expected(
      'a checksum and the name of its function for each file',
      'filesChecksums',
      checksums,
    );
  }
  const { fileTemperature } = group;
  oneOf('fileTemperature', fileTemperature, TEMPERATURE_NAMES, 'unknown');
  request.word(family.pointer).texts(files);
  request.list(checksums as readonly Uint8Array[], (checksum) => request.bytes(checksum));
  request.texts(names).word(temperatureNumber(fileTemperature ?? 'unknown'));
  const addFlags = (defaults: Readonly<Record<string, boolean>>) => {
    for (const [name, byDefault] of Object.entries(defaults)) {
      request.flag(flag(name, group[name as keyof typeof FLAGS], byDefault));
    }
  };
  addFlags(FLAGS);
  const readahead = group.verifyChecksumsReadaheadSize;
  request.word(integer('verifyChecksumsReadaheadSize', readahead, 0, 0xffffffff, 0));
  addFlags(LATER_FLAGS);
  return files;
}
