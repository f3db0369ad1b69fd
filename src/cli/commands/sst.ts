/** sst: table files, of a database or by themselves. */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { Engine } from '../../engine.js';
import { CorruptionError, RocksDBError } from '../../errors.js';
import type { LiveFileMetaData } from '../../file-metadata.js';
import { getOptionsFromString } from '../../option-strings.js';
import { databasePath } from '../../paths.js';
import { SstFileReader } from '../../sst-file-reader.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { fileSystemOf, reading, type Work } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf, shown } from '../text.js';
import { turns } from '../turns.js';

export function sst(context: Context): Promise<number> {
  const { given } = context;
  if (isFile(given.database)) return ofFile(context);
  return reading(context, (work) => {
    const [file] = given.arguments;
    const tables = work.db.getLiveFilesMetaData();
    if (file === undefined) return list(context, work, tables);
    const path =
      file.includes('/') || isAbsolute(file) ? file : `${databasePath(given.database)}/${file}`;
    const table = tables.find(({ relativeFilename }) => path.endsWith(`/${relativeFilename}`));
    const columnFamily = work.db.columnFamily(table?.columnFamilyName ?? '') ?? work.columnFamily;
    const reader = new SstFileReader(work.db.engine, path, { columnFamily });
    return examine(context, reader);
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function ofFile(context: Context): Promise<number> {
  const { given } = context;
  if (given.arguments.length > 0) throw new UsageError(`sst: ${given.database} is a file itself`);
  const fileSystem = fileSystemOf(given);
  const engine = await Engine.create(fileSystem === undefined ? {} : { fileSystem });
  try {
    const options = getOptionsFromString(given.text('options') ?? '');
    return await examine(context, new SstFileReader(engine, given.database, options));
  } finally {
    engine.free();
  }
}

async function list(
  context: Context,
  { db }: Work,
  tables: readonly LiveFileMetaData[],
): Promise<number> {
  const { given, out } = context;
  const verify = given.flag('verify');
  const bytes = tables.reduce((sum, { size }) => sum + size, 0);
  const progress = context.progress('verify', 'bytes', bytes);
  const turn = turns(context.signal);
  let damaged = 0;
  let done = 0;
  const rows = [];
  for (const table of tables) {
    const columnFamily = db.columnFamily(table.columnFamilyName);
    const path = `${table.directory}/${table.relativeFilename.replace(/^\//, '')}`;
    const damage =
      verify && columnFamily !== undefined
        ? damageOf(() => new SstFileReader(db.engine, path, { columnFamily }))
        : undefined;
    if (damage !== undefined) damaged++;
    done += table.size;
    progress.at(done);
    await turn();
    rows.push({ ...rowOf(table, path), ...(verify ? { damage: damage ?? null } : {}) });
  }
  progress.end();
  if (given.json) out.write(`${jsonOf({ tables: rows }, 2)}\n`);
  else for (const row of rows) out.write(`${rowText(row, given.keyHex)}\n`);
  return damaged > 0 ? EXIT.corruption : EXIT.ok;
}

/** What is wrong with a table; undefined: nothing. Other errors than of the file are thrown. */
function damageOf(open: () => SstFileReader): string | undefined {
  let reader: SstFileReader | undefined;
  try {
    reader = open();
    reader.verifyChecksum();
    return undefined;
  } catch (error) {
    if (error instanceof CorruptionError) return error.message;
    if (error instanceof RocksDBError && error.code === 'ERR_ROCKSDB_PATH_NOT_FOUND') {
      return error.message;
    }
    throw error;
  } finally {
    reader?.free();
  }
}

function rowOf(table: LiveFileMetaData, path: string) {
  return {
    file: path,
    columnFamily: table.columnFamilyName,
    level: table.level,
    bytes: table.size,
    entries: table.numEntries,
    deletions: table.numDeletions,
    smallestKey: table.smallestKey,
    largestKey: table.largestKey,
    smallestSequence: table.smallestSequenceNumber,
    largestSequence: table.largestSequenceNumber,
  };
}

function rowText(row: ReturnType<typeof rowOf> & { damage?: string | null }, hex: boolean): string {
  const name = row.file.slice(row.file.lastIndexOf('/') + 1);
  const keys = `${shown(row.smallestKey, hex)} .. ${shown(row.largestKey, hex)}`;
  const state =
    row.damage === undefined ? '' : ` ${row.damage === null ? 'ok' : `DAMAGED: ${row.damage}`}`;
  return (
    `${name} ${row.columnFamily} level ${row.level} ${amount(row.bytes, 'bytes')} ` +
    `${amount(row.entries, 'entries')} ${amount(row.deletions, 'deletions')} ${keys}${state}`
  );
}

/** A single file; frees the reader. */
async function examine(context: Context, reader: SstFileReader): Promise<number> {
  const { given, out } = context;
  try {
    if (given.flag('verify')) reader.verifyChecksum();
    if (given.flag('entries')) await entries(context, reader);
    else if (given.json) out.write(`${jsonOf({ file: reader.path, ...reader.properties }, 2)}\n`);
    else {
      for (const [name, value] of Object.entries(reader.properties)) {
        out.write(`${name}: ${typeof value === 'object' ? jsonOf(value) : value}\n`);
      }
    }
    return EXIT.ok;
  } finally {
    reader.free();
  }
}

async function entries({ given, out, signal }: Context, reader: SstFileReader): Promise<void> {
  const turn = turns(signal);
  let left = given.integer('limit', 0) ?? Number.POSITIVE_INFINITY;
  const iterator = reader.rawIterator();
  try {
    for (let entry = iterator.next(); entry !== undefined && left > 0; entry = iterator.next()) {
      left--;
      const { key, value, type, sequenceNumber: sequence } = entry;
      const line = given.json
        ? jsonOf({ key, value, type, sequence })
        : `${shown(key, given.keyHex)} @ ${sequence} ${type} ==> ${shown(value, given.valueHex)}`;
      if (out.write(`${line}\n`)) await out.drain();
      await turn();
    }
  } finally {
    iterator.free();
  }
}
