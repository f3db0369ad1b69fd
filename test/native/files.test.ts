// runtime: node
/** Backups, checkpoints and table files go between native RocksDB 9.10 (Debian's ldb and sst_dump) and this package. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { BackupEngine, type RocksDB, SstFileReader, SstFileWriter } from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { type NativePrograms, provideNative } from '../../scripts/native.mjs';
import { openAt, tempFolder } from '../support/open.js';

const provided: NativePrograms | Error = await provideNative().catch((error: Error) => error);
if (provided instanceof Error && process.env.CI === 'true') throw provided;

beforeEach((context) => {
  if (provided instanceof Error) context.skip(`no native RocksDB: ${provided.message}`);
});

function run(program: keyof NativePrograms, args: readonly string[], input = ''): string {
  const [command = '', ...first] = (provided as NativePrograms)[program];
  const all = [...first, ...args];
  const { status, signal, stdout, stderr } = spawnSync(command, all, { input, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}: ${status ?? signal}\n${stderr}${stdout}`);
}

const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
const key = (i: number) => `key${String(i).padStart(5, '0')}`;

async function fill(path: string, options: object = {}): Promise<RocksDB<'utf8', 'utf8'>> {
  const db = await openAt(path, { createIfMissing: true, ...TEXT, ...options });
  for (let i = 0; i < 2000; i++) db.put(key(i), `value ${i}`);
  db.flush();
  for (let i = 2000; i < 2100; i++) db.put(key(i), `value ${i}`);
  db.delete(key(7));
  return db;
}

const expected = () =>
  Array.from({ length: 2100 }, (_, i) => i)
    .filter((i) => i !== 7)
    .map((i) => `${key(i)} ==> value ${i}`);

const scan = (path: string) =>
  run('ldb', [`--db=${path}`, 'scan'])
    .trimEnd()
    .split('\n');

async function read(path: string): Promise<string[]> {
  const db = await openAt(path, TEXT);
  using iterator = db.iterator();
  return [...iterator].map(([k, v]) => `${k} ==> ${v}`);
}

describe('backups', () => {
  it('made here are restored by native', async () => {
    const folder = tempFolder();
    const db = await fill(`${folder}/db`);
    using backups = BackupEngine.openSync(`${folder}/backups`, { engine: db.engine });
    backups.createNewBackup(db, { flushBeforeBackup: true });
    db.put('later', 'v');
    backups.createNewBackupWithMetadata(db, 'text of ours');
    backups.deleteBackup(1);
    run('ldb', [`--db=${folder}/native`, `--backup_dir=${folder}/backups`, 'restore']);
    expect(scan(`${folder}/native`)).toEqual([...expected(), 'later ==> v']);
  });

  it('made by native are verified, restored and continued here', async () => {
    const folder = tempFolder();
    (await fill(`${folder}/db`)).close();
    const backup = [`--db=${folder}/db`, `--backup_dir=${folder}/backups`, 'backup'];
    run('ldb', backup);
    const db = await openAt(`${folder}/db`, TEXT);
    using backups = BackupEngine.openSync(`${folder}/backups`, { engine: db.engine });
    const [first] = backups.getBackupInfo();
    expect(first).toMatchObject({ backupId: 1 });
    backups.verifyBackup(1, { verifyWithChecksum: true });
    backups.restoreDBFromLatestBackup(`${folder}/restored`);
    expect(await read(`${folder}/restored`)).toEqual(expected());
    // Tables that native has backed up are not copied again.
    const shared = () => fs.readdirSync(`${folder}/backups/shared_checksum`);
    const before = shared();
    expect(backups.createNewBackup(db)).toBe(2);
    expect(shared()).toEqual(expect.arrayContaining(before));
    backups.free();
    db.close();
    run('ldb', backup);
    run('ldb', [`--db=${folder}/native`, `--backup_dir=${folder}/backups`, 'restore']);
    expect(scan(`${folder}/native`)).toEqual(expected());
  });
});

describe('checkpoints', () => {
  it('made here are opened by native', async () => {
    const folder = tempFolder();
    const db = await fill(`${folder}/db`);
    db.checkpoint(`${folder}/flushed`);
    db.checkpoint(`${folder}/with log`, { logSizeForFlush: 1 << 30 });
    expect(scan(`${folder}/flushed`)).toEqual(expected());
    expect(scan(`${folder}/with log`)).toEqual(expected());
    expect(run('ldb', [`--db=${folder}/flushed`, 'checkconsistency'])).toContain('OK');
  });

  it('made by native are opened here', async () => {
    const folder = tempFolder();
    (await fill(`${folder}/db`)).close();
    run('ldb', [`--db=${folder}/db`, 'checkpoint', `--checkpoint_dir=${folder}/copy`]);
    expect(await read(`${folder}/copy`)).toEqual(expected());
  });
});

describe('table files', () => {
  it('made here are read and ingested by native', async () => {
    const folder = tempFolder();
    const db = await fill(`${folder}/db`);
    const file = `${folder}/new.sst`;
    using writer = new SstFileWriter(db.engine, { ...TEXT, compression: 'zstd' });
    writer.open(file);
    writer.put(key(1), 'ingested');
    writer.merge(key(2), 'operand');
    writer.delete(key(3));
    writer.putEntity(key(4), { name: 'wide' });
    const info = writer.finish();
    const dump = run('sstDump', [`--file=${file}`, '--command=scan', '--show_properties']);
    expect(dump).toContain("'key00001' seq:0, type:1 => ingested");
    expect(dump).toContain("'key00002' seq:0, type:2 => operand");
    expect(dump).toContain("'key00003' seq:0, type:0");
    expect(dump).toContain("'key00004' seq:0, type:22");
    expect(dump).toContain('SST file compression algo: ZSTD');
    expect(dump).toMatch(new RegExp(`# entries: ${info.numEntries}`));
    expect(run('sstDump', [`--file=${file}`, '--command=verify'])).toContain('ok');
    db.close();

    const plain = `${folder}/plain.sst`;
    const other = await openAt(`${folder}/other`, { createIfMissing: true, ...TEXT });
    using second = new SstFileWriter(other.engine, TEXT);
    second.open(plain);
    second.put(key(1), 'ingested');
    second.finish();
    run('ldb', [`--db=${folder}/db`, 'ingest_extern_sst', plain]);
    expect(run('ldb', [`--db=${folder}/db`, 'get', key(1)]).trim()).toBe('ingested');
  });

  it('made by native are read and ingested here', async () => {
    const folder = tempFolder();
    const db = await fill(`${folder}/db`);
    const file = `${folder}/native.sst`;
    const lines = 'a ==> native\nkey00001 ==> native\n';
    const into = [`--db=${folder}/scratch`, '--create_if_missing', 'write_extern_sst', file];
    run('ldb', into, lines);
    using reader = new SstFileReader(db.engine, file, TEXT);
    reader.verifyChecksum();
    using iterator = reader.iterator();
    expect([...iterator]).toEqual([
      ['a', 'native'],
      ['key00001', 'native'],
    ]);
    db.ingestExternalFile([file]);
    expect(db.getMany(['a', key(1), key(2)])).toEqual(['native', 'native', 'value 2']);
  });

  it('exported here are tables that native reads', async () => {
    const folder = tempFolder();
    const db = await fill(`${folder}/db`);
    using exported = db.exportColumnFamily(`${folder}/export`);
    const dump = run('sstDump', [`--file=${folder}/export`, '--command=scan']);
    for (const line of [`'${key(0)}'`, `'${key(2099)}'`]) expect(dump).toContain(line);
    expect(exported.metadata.files.length).toBe(
      fs.readdirSync(`${folder}/export`).filter((name) => name.endsWith('.sst')).length,
    );
  });
});
