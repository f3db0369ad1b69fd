/** The process that is killed: works on a database, and says on standard output what has returned. */
import * as fs from 'node:fs';
import process from 'node:process';
import { BackupEngine, Engine, NodeFileSystem, RocksDB, SstFileWriter } from 'rocksdb-wasm';
import {
  actionOf,
  FAMILIES,
  ingested,
  type Mark,
  type Operation,
  operationOf,
  type Scenario,
} from './operations.js';

export interface ChildTask {
  readonly scenario: Scenario;
  readonly seed: number;
  /** The database is `db` in it. */
  readonly folder: string;
  /** The number of the next operation. */
  readonly next: number;
}

const { scenario, seed, folder, next } = JSON.parse(process.argv[2] as string) as ChildTask;

/** Returns when the system has the line. A pipe that is full says EAGAIN. */
function say(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(1, bytes, done);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error;
    }
  }
}

const mark = (name: Mark) => say(`at ${name}`);

function open(engine: Engine): RocksDB<'utf8', 'utf8'> {
  mark('opening');
  const db = RocksDB.openSync<'utf8', 'utf8'>(`${folder}/db`, {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    createIfMissing: true,
    writeBufferSize: 128 * 1024,
    level0FileNumCompactionTrigger: 3,
    manualWalFlush: scenario.manual === true,
    engine,
  });
  for (const name of FAMILIES) {
    if (db.columnFamily(name) === undefined) db.createColumnFamily(name);
  }
  mark('opened');
  return db;
}

function write(db: RocksDB<'utf8', 'utf8'>, { changes, sync }: Operation): void {
  const batch = db.batch();
  for (const { family, key, value } of changes) {
    const columnFamily = db.columnFamily(family);
    const options = columnFamily === undefined ? {} : { columnFamily };
    if (value === undefined) batch.delete(key, options);
    else batch.put(key, value, options);
  }
  db.write(batch, { sync: sync && scenario.manual !== true });
  batch.free();
}

function ingest(db: RocksDB<'utf8', 'utf8'>, operation: Operation, number: number): void {
  const file = `${folder}/new.sst`;
  // Killed in the midst of a move, a process leaves a table under both names, this one to be written again.
  const writer = new SstFileWriter<'utf8', 'utf8'>(db.engine, {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
  });
  writer.open(file);
  for (const { key, value } of ingested(operation, number)) writer.put(key, value as string);
  writer.finish();
  writer.free();
  mark('ingest');
  db.ingestExternalFile([file], { moveFiles: number % 2 === 0 });
}

function backUp(db: RocksDB<'utf8', 'utf8'>): void {
  const backups = BackupEngine.openSync(`${folder}/backups`, { engine: db.engine });
  mark('backup');
  say(`backup ${backups.createNewBackup(db)}`);
  backups.purgeOldBackups(3);
  backups.free();
}

const engine = await Engine.create({ fileSystem: new NodeFileSystem() });
let db = open(engine);
for (let number = next; ; number++) {
  const operation = operationOf(seed, number);
  const action = actionOf(scenario, operation);
  say(`${action === 'ingest' ? 'ingesting' : 'begun'} ${number}`);
  if (action === 'ingest') ingest(db, operation, number);
  else write(db, operation);
  say(`done ${number}`);
  if (scenario.manual === true && operation.percent % 5 === 0) {
    db.flushWAL(operation.sync);
    say(`flushed ${number}`);
  }
  if (action === undefined) mark('written');
  else if (action === 'flush' || action === 'compact') {
    mark(action);
    if (action === 'flush') db.flush();
    else db.compactRange();
    say(`flushed ${number}`);
  } else if (action === 'backup') backUp(db);
  else if (action === 'close') {
    mark('close');
    db.close();
    say(`flushed ${number}`);
    db = open(engine);
  }
}
