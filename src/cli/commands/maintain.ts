/** list-column-families, flush, compact, checkpoint and repair. */
import type { AnyColumnFamily } from '../../column-family.js';
import type { ColumnFamilyMetaData } from '../../file-metadata.js';
import { databasePath } from '../../paths.js';
import { RocksDB } from '../../rocksdb.js';
import { NodeFileSystem } from '../../wasi/node-fs.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import type { Given } from '../given.js';
import { familyOf, fileSystemOf, openOptions, writing } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf } from '../text.js';
import { turns } from '../turns.js';

export async function listColumnFamilies({ given, out }: Context): Promise<number> {
  const names = await RocksDB.listColumnFamilies(given.database, openOptions(given));
  out.write(given.json ? `${jsonOf({ columnFamilies: names }, 2)}\n` : `${names.join('\n')}\n`);
  return EXIT.ok;
}

/** The one that is named, or all. */
function families(db: RocksDB, given: Given): AnyColumnFamily[] {
  const one = given.text('column-family');
  const names = one === undefined ? db.columnFamilyNames : [one];
  return names.map((name) => familyOf(db, name));
}

export function flush(context: Context): Promise<number> {
  const { given, out } = context;
  return writing(context, ({ db }) => {
    const columnFamilies = families(db, given);
    db.flush({ columnFamilies });
    const names = columnFamilies.map(({ name }) => name);
    if (given.json) out.write(`${jsonOf({ columnFamilies: names }, 2)}\n`);
    else context.note(`flushed ${names.join(', ')}`);
    return EXIT.ok;
  });
}

const BOTTOMMOST = ['skip', 'ifHaveCompactionFilter', 'force', 'forceOptimized'] as const;

function compactOptions(given: Given) {
  const how = given.text('bottommost');
  const bottommostLevelCompaction = BOTTOMMOST.find((each) => each === how);
  if (how !== undefined && bottommostLevelCompaction === undefined) {
    throw new UsageError(`--bottommost: expected one of ${BOTTOMMOST.join(', ')}, got '${how}'`);
  }
  const garbage = {
    blobGarbageCollectionPolicy: 'force' as const,
    blobGarbageCollectionAgeCutoff: 1,
    bottommostLevelCompaction: 'force' as const,
  };
  return {
    ...(given.flag('blob-garbage') ? garbage : {}),
    ...(bottommostLevelCompaction === undefined ? {} : { bottommostLevelCompaction }),
  };
}

interface Compacted {
  readonly columnFamily: string;
  readonly filesBefore: number;
  readonly bytesBefore: number;
  readonly filesAfter: number;
  readonly bytesAfter: number;
}

export function compact(context: Context): Promise<number> {
  const { given, out } = context;
  const options = compactOptions(given);
  const begin = given.keyOption('from');
  const end = given.keyOption('to');
  return writing(context, async ({ db }) => {
    const results: Compacted[] = [];
    for (const columnFamily of families(db, given)) {
      const size = () => sizeOf(db, columnFamily);
      const before = size();
      const slices = rangesOf(db, columnFamily, begin, end);
      const progress = context.progress(`compact ${columnFamily.name}`, 'ranges', slices.length);
      const turn = turns(context.signal);
      for (const [index, [from, to]] of slices.entries()) {
        progress.at(index);
        await turn();
        context.signal.throwIfAborted();
        db.compactRange({ columnFamily, begin: from, end: to, ...options });
      }
      progress.end();
      const after = size();
      results.push({
        columnFamily: columnFamily.name,
        filesBefore: before.files,
        bytesBefore: before.bytes,
        filesAfter: after.files,
        bytesAfter: after.bytes,
      });
    }
    if (given.json) out.write(`${jsonOf({ columnFamilies: results }, 2)}\n`);
    else for (const each of results) out.write(`${compactedText(each)}\n`);
    return EXIT.ok;
  });
}

function compactedText(each: Compacted): string {
  const state = (files: number, bytes: number) =>
    `${amount(files, 'files')} of ${amount(bytes, 'bytes')}`;
  const before = state(each.filesBefore, each.bytesBefore);
  return `${each.columnFamily}: ${before} -> ${state(each.filesAfter, each.bytesAfter)}`;
}

function sizeOf(db: RocksDB, columnFamily: AnyColumnFamily) {
  const { fileCount, size, blobFiles, blobFileSize } = db.getColumnFamilyMetaData({ columnFamily });
  return { files: fileCount + blobFiles.length, bytes: size + blobFileSize };
}

type Slice = readonly [begin: Uint8Array | undefined, end: Uint8Array | undefined];

/** About as much of the largest level is compacted between two turns for signals. */
const SLICE_BYTES = 128 * 1024 * 1024;

/** Other styles than level compaction rewrite everything each time, and a range of the user's is small: one piece. */
function rangesOf(
  db: RocksDB,
  columnFamily: AnyColumnFamily,
  begin: Uint8Array | undefined,
  end: Uint8Array | undefined,
): readonly Slice[] {
  const byLevels = (db.getOptions({ columnFamily }).compactionStyle ?? 'level') === 'level';
  if (begin !== undefined || end !== undefined || !byLevels) return [[begin, end]];
  return slicesOf(db.getColumnFamilyMetaData({ columnFamily }), SLICE_BYTES);
}

/**
 * Ranges that, compacted one after another, make what one compaction makes: they begin where tables of the largest level
 * do, after so many bytes.
 */
export function slicesOf({ levels }: ColumnFamilyMetaData, sliceBytes: number): Slice[] {
  // In level 0 each table may have any keys.
  const largest = levels.slice(1).sort((a, b) => b.size - a.size)[0];
  const bounds: Uint8Array[] = [];
  let bytes = 0;
  for (const { size, smallestKey } of largest?.files ?? []) {
    if (bytes >= sliceBytes) {
      bounds.push(smallestKey);
      bytes = 0;
    }
    bytes += size;
  }
  return [...bounds, undefined].map((bound, index) => [bounds[index - 1], bound]);
}

export function checkpoint(context: Context): Promise<number> {
  const { given, out } = context;
  const folder = databasePath(given.arguments[0] as string);
  const logSizeForFlush = given.integer('log-size-for-flush', 0) ?? 0;
  return writing(context, ({ db }) => {
    const sequence = db.checkpoint(folder, { logSizeForFlush });
    if (given.json) out.write(`${jsonOf({ folder, sequence })}\n`);
    else context.note(`checkpoint at sequence number ${sequence} in ${folder}`);
    return EXIT.ok;
  });
}

export async function repair(context: Context): Promise<number> {
  const { given, out } = context;
  const path = databasePath(given.database);
  const files = fileSystemOf(given) ?? new NodeFileSystem();
  const lost = () => {
    try {
      return files.readDirectory(`${path}/lost`).map(({ name }) => name);
    } catch {
      return []; // nothing was lost yet
    }
  };
  const before = new Set(lost());
  await RocksDB.repair(path, openOptions(given));
  const moved = lost().filter((name) => !before.has(name));
  if (given.json) out.write(`${jsonOf({ repaired: path, lost: moved }, 2)}\n`);
  else {
    const what = moved.length === 0 ? 'nothing' : moved.join(', ');
    out.write(`repaired; moved to ${path}/lost: ${what}\n`);
  }
  return EXIT.ok;
}
