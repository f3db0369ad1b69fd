import type { AnyColumnFamily } from './column-family.js';
import type { Engine } from './engine.js';
import { InvalidArgumentError } from './errors.js';
import { type LiveFileMetaData, readLiveFile, writeLiveFile } from './file-metadata.js';
import { withFolders } from './folders.js';
import type { ColumnFamilyPtr, DbPtr, ExportedFilesPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { RecordWriter, takeRecord } from './native/records.js';
import { type family, stageFamilies } from './open.js';
import { expected } from './option-errors.js';
import { databasePath } from './paths.js';
import { parentOf } from './wasi/paths.js';

/** RocksDB's ExportImportFilesMetaData as plain data: what must go along with exported files. */
export interface ExportImportFilesMetaData {
  /** The comparator of the column family that imports them must be of this name. */
  dbComparatorName: string;
  files: LiveFileMetaData[];
}

/**
 * A column family that was exported into a folder: `db.exportColumnFamily`. The files are the program's; this
 * handle says what they are, to `db.createColumnFamilyWithImport`. Free it.
 */
export class ExportedFiles extends NativeObject {
  readonly #engine: Engine;

  /** @internal */
  constructor(engine: Engine, pointer: ExportedFilesPtr) {
    super(engine.context, 'exportedFiles', engine, pointer, release);
    this.#engine = engine;
  }

  /**
   * The handle for files that were exported by another engine, process or machine: `metadata` as it was there,
   * with `directory` as it is here.
   */
  static from(engine: Engine, metadata: ExportImportFilesMetaData): ExportedFiles {
    engine.assertUsable();
    const packed = pack(metadata);
    const { native, staging, out } = engine;
    staging.begin();
    try {
      staging.push(packed, 'exported files', 0xffffffff);
      native.check(native.calls.rdb_exported_files_create(staging.address, out));
    } finally {
      staging.end();
    }
    return new ExportedFiles(engine, native.heap.getWord(out) as ExportedFilesPtr);
  }

  /** What the files are; as JSON it needs its bigints and bytes taken care of. */
  get metadata(): ExportImportFilesMetaData {
    const { native, out } = this.#use();
    native.check(native.calls.rdb_exported_files_read(this.#pointer, out));
    return takeRecord(native, out, (reader) => ({
      dbComparatorName: reader.text(),
      files: reader.list(readLiveFile),
    }));
  }

  /** @internal The pointer, when it is live and of this engine. */
  pointerFor(engine: Engine): ExportedFilesPtr {
    this.assertLive();
    if (engine !== this.#engine) {
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        'the exported files belong to another engine: ExportedFiles.from(db.engine, files.metadata)',
      );
    }
    this.touch();
    return this.#pointer;
  }

  get #pointer(): ExportedFilesPtr {
    return this.core.pointer as ExportedFilesPtr;
  }

  #use(): Engine {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine;
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_exported_files_free(pointer as ExportedFilesPtr);
}

function pack(metadata: ExportImportFilesMetaData): Uint8Array {
  const files = metadata?.files;
  if (typeof metadata?.dbComparatorName !== 'string' || !Array.isArray(files)) {
    throw expected('{ dbComparatorName, files }, as ExportedFiles has them', 'metadata', metadata);
  }
  const writer = new RecordWriter().bytes(metadata.dbComparatorName);
  writer.list(files, (file: LiveFileMetaData) => {
    try {
      writeLiveFile(writer, { ...file, directory: databasePath(file.directory) });
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw error;
      throw expected('LiveFileMetaData, with bigints and Uint8Arrays', 'metadata.files', file);
    }
  });
  return writer.finish();
}

export function exportColumnFamily(
  engine: Engine,
  db: DbPtr,
  exported: AnyColumnFamily,
  folder: string,
): ExportedFiles {
  const { native, staging, out } = engine;
  engine.context.assertRoom('exportedFiles');
  withFolders(engine, [parentOf(folder)], () => {
    staging.begin();
    try {
      staging.push(folder, 'path', 0xffff);
      const { address, length } = staging;
      const { calls } = native;
      native.check(calls.rdb_exported_files_export(db, exported.pointer, address, length, out));
    } finally {
      staging.end();
    }
  });
  return new ExportedFiles(engine, native.heap.getWord(out) as ExportedFilesPtr);
}

export function importColumnFamily(
  engine: Engine,
  db: DbPtr,
  plan: ReturnType<typeof family>,
  exports: readonly ExportedFiles[],
  moveFiles: boolean,
): ColumnFamilyPtr {
  const pointers = exports.map((each) => each.pointerFor(engine));
  const folders = exports.flatMap(({ metadata }) => metadata.files.map((file) => file.directory));
  const { native, staging, out } = engine;
  return withFolders(engine, folders, () => {
    staging.begin();
    try {
      const descriptor = stageFamilies(engine, [plan]);
      const list = staging.reserve(4 * pointers.length);
      pointers.forEach((pointer, index) => {
        native.heap.setWord(list + 4 * index, pointer);
      });
      const move = moveFiles ? 1 : 0;
      const { calls } = native;
      native.check(
        calls.rdb_exported_files_import(db, descriptor, list, pointers.length, move, out),
      );
      return native.heap.getWord(out) as ColumnFamilyPtr;
    } finally {
      staging.end();
    }
  });
}

export function clipColumnFamily(
  engine: Engine,
  db: DbPtr,
  clipped: AnyColumnFamily,
  begin: unknown,
  end: unknown,
): void {
  const first = clipped.keys.encode(begin);
  const last = clipped.keys.encode(end);
  const { native, staging } = engine;
  staging.begin();
  try {
    staging.push(first, 'begin', 0xffffffff);
    const { address, length } = staging;
    staging.push(last, 'end', 0xffffffff);
    clipped.assertOrder(address, length, staging.address, staging.length);
    native.check(
      native.calls.rdb_db_clip_column_family(
        db,
        clipped.pointer,
        address,
        length,
        staging.address,
        staging.length,
      ),
    );
  } finally {
    staging.end();
  }
}
