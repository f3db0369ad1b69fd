import {
  BackupEngine,
  BackupEngineReadOnly,
  InvalidOptionError,
  type LogLevel,
  type RocksDB,
  SstFileWriter,
} from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, type Host, keyOf, type MakeHost, TEXT } from './host.js';

type Text = RocksDB<'utf8', 'utf8'>;

/** A backup engine on the engine of a database; it goes with it. */
const backupsOf = (db: Text, path: string, options: object = {}) =>
  BackupEngine.openSync(path, { engine: db.engine, ...options });

async function fill(db: Text, from: number, to: number, value = 'v'): Promise<void> {
  for (let i = from; i < to; i++) await db.put(keyOf(i), `${value}${i}`);
}

async function entriesOf(db: Text): Promise<Map<string, string>> {
  await using iterator = await db.iterator();
  return new Map(await all(iterator));
}

/** Opens what was restored at `path`. */
async function restored(host: Host, path: string): Promise<Text> {
  return host.open(path, TEXT);
}

function damage(host: Host, path: string, at = 20): void {
  const flags = { read: true, write: true, create: false, exclusive: false, truncate: false };
  const file = host.fileSystem.open(path, flags);
  const bytes = new Uint8Array(1);
  file.read(bytes, at);
  bytes[0] = (bytes[0] as number) ^ 0xff;
  file.write(bytes, at);
  file.close();
}

const decoder = new TextDecoder();
const numerically = (a: Uint8Array, b: Uint8Array) =>
  Number(decoder.decode(a)) - Number(decoder.decode(b));

const filesIn = (host: Host, path: string) =>
  host.fileSystem.readDirectory(path).map(({ name }) => name);

export function backupSuite(makeHost: MakeHost): void {
  describe('a backup', () => {
    it('is restored as it was, family by family', async () => {
      const host = makeHost();
      const db = await createText(host);
      const family = await db.createColumnFamily('family');
      await fill(db, 0, 1000);
      await db.put('k', 'in the family', { columnFamily: family });
      await using backups = backupsOf(db, host.path());
      expect(await backups.createNewBackup(db)).toBe(1);
      await fill(db, 0, 1000, 'later');
      await db.flush();
      expect(await backups.createNewBackup(db, { flushBeforeBackup: true })).toBe(2);

      const [first, second] = [host.path(), host.path()];
      await backups.restoreDBFromBackup(1, first);
      await backups.restoreDBFromLatestBackup(second);
      const old = await restored(host, first);
      expect((await entriesOf(old)).get(keyOf(7))).toBe('v7');
      const columnFamily = await old.columnFamily('family');
      expect(await old.get('k', { columnFamily })).toBe('in the family');
      expect((await entriesOf(await restored(host, second))).get(keyOf(7))).toBe('later7');
    });

    it('of a database whose comparators are functions is made, checked and restored', async () => {
      const host = makeHost();
      const numeric = { name: 'test.numeric', compare: numerically };
      const downward = {
        name: 'test.downward',
        compare: (a: Uint8Array, b: Uint8Array) => numerically(b, a),
      };
      const options = { comparator: numeric, columnFamilies: { down: { comparator: downward } } };
      const db = await createText(host, { ...options, createMissingColumnFamilies: true });
      const down = { columnFamily: await db.columnFamily('down') };
      const path = host.path();
      await using backups = backupsOf(db, path);
      for (const round of [1, 2]) {
        for (const n of [9, 10, 100]) {
          await db.put(`${n}.${round}`, 'v');
          await db.put(`${n}.${round}`, 'v', down);
        }
        expect(await backups.createNewBackup(db, { flushBeforeBackup: true })).toBe(round);
        await backups.verifyBackup(round, { verifyWithChecksum: true });
      }
      // Named by the session that is in the tables' properties, which needs the comparators.
      const shared = filesIn(host, `${path}/shared_checksum`);
      expect(shared).toHaveLength(4);
      for (const name of shared) expect(name).toMatch(/_s[0-9A-Z]{20}_\d+\.sst$/);

      const target = host.path();
      await backups.restoreDBFromLatestBackup(target);
      const again = await host.open(target, { ...TEXT, ...options });
      const keys = ['9.1', '9.2', '10.1', '10.2', '100.1', '100.2'];
      const backwards = { columnFamily: await again.columnFamily('down') };
      for (const [options, expected] of [
        [{}, keys],
        [backwards, keys.toReversed()],
      ] as const) {
        await using iterator = await again.iterator(options);
        expect((await all(iterator)).map(([key]) => key)).toEqual(expected);
      }
      await again.close();
      await db.close();
      // Nothing of the comparators is left to be found: another database does without, or says so.
      const error = await errorOf(() => host.open(target, TEXT));
      expect(error.message).toContain('test.numeric');
    });

    it('copies only tables that no other has', async () => {
      const host = makeHost();
      const db = await createText(host);
      const path = host.path();
      await using backups = backupsOf(db, path);
      await fill(db, 0, 1000);
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      const shared = () => filesIn(host, `${path}/shared_checksum`);
      const before = await shared();
      expect(before.length).toBe(1);
      await fill(db, 1000, 1010);
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      expect((await shared()).length).toBe(2);
      expect(await shared()).toEqual(expect.arrayContaining(before));
      await backups.deleteBackup(2);
      expect(await shared()).toEqual(before);
      await backups.verifyBackup(1, { verifyWithChecksum: true });
    });

    it('tells what it has', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 100);
      await using backups = backupsOf(db, host.path());
      expect(await backups.getBackupInfo()).toEqual([]);
      expect(await backups.getLatestBackupInfo()).toBeUndefined();
      const metadata = 'Größe: 7\0\n{"by":"test"}';
      const before = Math.floor(Date.now() / 1000) - 1;
      expect(await backups.createNewBackupWithMetadata(db, metadata)).toBe(1);
      const [info] = await backups.getBackupInfo();
      expect(info).toMatchObject({ backupId: 1, appMetadata: metadata });
      expect(info?.size).toBeGreaterThan(0);
      expect(info?.timestamp).toBeGreaterThanOrEqual(before);
      const details = await backups.getBackupInfo(1, { includeFileDetails: true });
      expect(details?.fileDetails?.length).toBe(info?.numberFiles);
      expect(details?.fileDetails?.map(({ fileType }) => fileType)).toEqual(
        expect.arrayContaining(['wal', 'manifest', 'current', 'options']),
      );
      expect(details?.excludedFiles).toEqual([]);
      expect(await backups.getBackupInfo(2)).toBeUndefined();
      expect(await backups.getLatestBackupInfo()).toMatchObject({ backupId: 1 });
    });

    it('tells a logger what it does, until it is freed', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const lines: [LogLevel, string][] = [];
      const logger = { log: (...line: [LogLevel, string]) => void lines.push(line) };
      const has = (text: string) => lines.some(([, line]) => line.includes(text));
      const backups = backupsOf(db, path, { logger });
      expect(has('Initialized BackupEngine')).toBe(true);
      await backups.createNewBackup(db);
      expect(has('Backup DONE. All is good')).toBe(true);
      lines.length = 0;
      await backups.restoreDBFromBackup(1, host.path());
      expect(has('Restoring backup id 1')).toBe(true);
      await backups.free();
      await backups.free();
      lines.length = 0;
      await using quiet = backupsOf(db, path, { logger: { ...logger, infoLogLevel: 'error' } });
      await quiet.verifyBackup(1);
      expect(lines.filter(([level]) => level !== 'header')).toEqual([]);
      await using reader = BackupEngineReadOnly.openSync(path, { engine: db.engine, logger });
      expect(has('Starting read_only backup engine')).toBe(true);
      await reader.free();

      for (const wrong of [{}, null, 'stderr', { log() {}, infoLogLevel: 'loud' }]) {
        const error = await errorOf(() => backupsOf(db, path, { logger: wrong }));
        expect(error).toBeInstanceOf(InvalidOptionError);
        expect((error as InvalidOptionError).option).toMatch(/^logger/);
      }
      const throwing = { log: () => expect.fail('too much') };
      const error = await errorOf(() => backupsOf(db, path, { logger: throwing }));
      expect(error.code).toBe('ERR_ROCKSDB_CALLBACK');
      await quiet.verifyBackup(1);
    });

    it('goes with those that are too old', async () => {
      const host = makeHost();
      const db = await createText(host);
      await using backups = backupsOf(db, host.path());
      for (let i = 0; i < 4; i++) {
        await fill(db, i, i + 1);
        await backups.createNewBackup(db, { flushBeforeBackup: true });
      }
      await backups.purgeOldBackups(2);
      expect((await backups.getBackupInfo()).map(({ backupId }) => backupId)).toEqual([3, 4]);
      await backups.deleteBackup(3);
      expect((await backups.getBackupInfo()).map(({ backupId }) => backupId)).toEqual([4]);
      await backups.restoreDBFromLatestBackup(host.path());
    });

    it('is rid of what a backup that was cut short has left', async () => {
      const host = makeHost();
      const db = await createText(host);
      const folder = host.path();
      await using backups = backupsOf(db, folder);
      await fill(db, 0, 1);
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      const left = `${folder}/private/7`;
      host.fileSystem.createDirectory(left);
      await backups.garbageCollect();
      const names = host.fileSystem.readDirectory(`${folder}/private`).map(({ name }) => name);
      expect(names).toEqual(['1']);
      await backups.verifyBackup(1, { verifyWithChecksum: true });
    });

    it('tells of its progress, and can be stopped there', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 2000);
      await using backups = backupsOf(db, host.path(), { callbackTriggerIntervalSize: 4096 });
      let calls = 0;
      await backups.createNewBackup(db, { progress: () => calls++ });
      expect(calls).toBeGreaterThan(3);
      await backups.stopBackup(); // none is being made
      const error = await errorOf(() =>
        backups.createNewBackup(db, { progress: () => backups.stopBackup() }),
      );
      expect(error.code).toBe('ERR_ROCKSDB_INCOMPLETE');
      expect((await backups.getBackupInfo()).map(({ backupId }) => backupId)).toEqual([1]);
      // RocksDB's own engine would refuse all others from now on.
      expect(await backups.createNewBackup(db)).toBe(2);
      await backups.verifyBackup(2, { verifyWithChecksum: true });
    });

    it('is not made when its progress throws', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 2000);
      await using backups = backupsOf(db, host.path(), { callbackTriggerIntervalSize: 4096 });
      const mine = new Error('no more');
      const error = await errorOf(() =>
        backups.createNewBackup(db, {
          progress: () => {
            throw mine;
          },
        }),
      );
      expect([error.code, error.cause]).toEqual(['ERR_ROCKSDB_CALLBACK', mine]);
      expect(await backups.getBackupInfo()).toEqual([]);
      const reentrant = await errorOf(() =>
        backups.createNewBackup(db, {
          progress: () => {
            db.get('k');
          },
        }),
      );
      expect((reentrant.cause as { code?: string }).code).toBe('ERR_ROCKSDB_REENTRANT');
      expect(await backups.createNewBackup(db)).toBe(1);
      expect(await db.get(keyOf(3))).toBe('v3');
    });

    it('leaves files out that another folder has', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 500);
      await using full = backupsOf(db, host.path());
      await full.createNewBackup(db, { flushBeforeBackup: true });
      const path = host.path();
      await using part = backupsOf(db, path, { schemaVersion: 2 });
      const asked: string[] = [];
      const excludeFiles = (file: string) => asked.push(file) > 0;
      await part.createNewBackup(db, { excludeFiles });
      expect(asked.length).toBe(1);
      expect(asked[0]).toMatch(/^shared_checksum\/.*\.sst$/);
      const info = await part.getBackupInfo(1, { includeFileDetails: true });
      expect(info?.excludedFiles).toEqual(asked);
      expect(filesIn(host, `${path}/shared_checksum`)).toEqual([]);
      const target = host.path();
      const error = await errorOf(() => part.restoreDBFromBackup(1, target));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      await part.restoreDBFromBackup(1, target, { alternateDirs: [full] });
      expect((await entriesOf(await restored(host, target))).size).toBe(500);
      const old = await errorOf(() => full.createNewBackup(db, { excludeFiles }));
      expect(old.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
    });

    it('that is damaged is found out', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 500);
      const path = host.path();
      const backups = backupsOf(db, path);
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      await fill(db, 500, 600);
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      const [table] = filesIn(host, `${path}/shared_checksum`);
      damage(host, `${path}/shared_checksum/${table}`);
      await backups.verifyBackup(1); // sizes only
      const error = await errorOf(() => backups.verifyBackup(1, { verifyWithChecksum: true }));
      expect(error.code).toBe('ERR_ROCKSDB_CORRUPTION');
      const target = host.path();
      const refused = await errorOf(() => backups.restoreDBFromBackup(1, target));
      expect(refused.code).toBe('ERR_ROCKSDB_CORRUPTION');
      await backups.free();
      damage(host, `${path}/meta/2`, 0);
      host.fileSystem.removeFile(`${path}/shared_checksum/${table}`);
      await using again = backupsOf(db, path);
      expect(await again.getCorruptedBackups()).toEqual([1, 2]);
      expect(await again.getBackupInfo()).toEqual([]);
      const none = await errorOf(() => again.restoreDBFromLatestBackup(target));
      expect(none.code).toBe('ERR_ROCKSDB_NOT_FOUND');
      const corrupt = await errorOf(() => again.getBackupInfo(2));
      expect(corrupt.code).toBe('ERR_ROCKSDB_CORRUPTION');
    });

    it('goes over a database that is closed, never over one that is open', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      await using backups = backupsOf(db, path);
      await backups.createNewBackup(db);
      const error = await errorOf(() => backups.restoreDBFromLatestBackup(db.path));
      expect(error.code).toBe('ERR_ROCKSDB_LOCKED');
      expect(await db.get(keyOf(1))).toBe('v1');
      const other = await createText(host);
      const locked = await errorOf(() => backups.restoreDBFromLatestBackup(other.path));
      expect(locked.code).toBe('ERR_ROCKSDB_LOCKED');
      await other.put('gone', 'afterwards');
      await other.close();
      await backups.restoreDBFromLatestBackup(other.path);
      const again = await restored(host, other.path);
      expect(await again.get('gone')).toBeUndefined();
      expect(await again.get(keyOf(1))).toBe('v1');
    });

    it('of a database with its log elsewhere', async () => {
      const host = makeHost();
      const walDir = host.path();
      const db = await createText(host, { walDir });
      await fill(db, 0, 10);
      await using backups = backupsOf(db, host.path());
      await backups.createNewBackup(db);
      const [target, log] = [host.path(), host.path()];
      await backups.restoreDBFromLatestBackup(target, { walDir: log });
      expect(filesIn(host, target).filter((name) => name.endsWith('.log'))).toEqual([]);
      expect(filesIn(host, log).some((name) => name.endsWith('.log'))).toBe(true);
      const again = await host.open(target, { ...TEXT, walDir: log });
      expect(await again.get(keyOf(9))).toBe('v9');
    });

    it('without the log keeps that of the database', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      await db.flush();
      await using backups = backupsOf(db, host.path(), { backupLogFiles: false });
      await fill(db, 10, 20);
      await backups.createNewBackup(db);
      const target = host.path();
      await backups.restoreDBFromLatestBackup(target);
      const without = await restored(host, target);
      expect((await entriesOf(without)).size).toBe(10);
      await without.put('only in the log', 'v');
      await without.close();
      await backups.restoreDBFromLatestBackup(target, { keepLogFiles: true });
      expect(filesIn(host, target).some((name) => name.endsWith('.log'))).toBe(true);
    });

    it('is slowed down to a rate', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 500);
      await using backups = backupsOf(db, host.path(), { backupRateLimit: 1 << 20 });
      const started = performance.now();
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      const [info] = await backups.getBackupInfo();
      // A lower bound only: the last piece is not waited for.
      const least = ((info?.size ?? 0) / (1 << 20)) * 1000;
      expect(performance.now() - started).toBeGreaterThan(least / 4);
      await backups.restoreDBFromLatestBackup(host.path());
    });
  });

  describe('a backup engine', () => {
    it('of its own restores without a database', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const backups = backupsOf(db, path);
      await backups.createNewBackup(db);
      await backups.free();
      await db.close();
      const own = await BackupEngineReadOnly.open(path, await host.engineOptions());
      onTestFinished(() => own.free());
      expect(own.engine).not.toBe(db.engine);
      const target = host.path();
      await own.restoreDBFromLatestBackup(target);
      expect(await (await restored(host, target)).get(keyOf(5))).toBe('v5');
    });

    it('read only changes nothing, and sees what it was opened with', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const missing = await errorOf(() =>
        BackupEngineReadOnly.openSync(path, { engine: db.engine }),
      );
      expect(missing.code).toMatch(/NOT_FOUND/);
      expect(() => host.fileSystem.stat(path)).toThrow(/ENOENT/);
      await using backups = backupsOf(db, path);
      for (let i = 0; i < 3; i++) await backups.createNewBackup(db);
      await using reader = BackupEngineReadOnly.openSync(path, {
        engine: db.engine,
        maxValidBackupsToOpen: 2,
      });
      expect((await reader.getBackupInfo()).map(({ backupId }) => backupId)).toEqual([2, 3]);
      await reader.verifyBackup(3, { verifyWithChecksum: true });
    });

    it('begins anew when told so', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const first = backupsOf(db, path);
      await first.createNewBackup(db);
      await first.free();
      await using second = backupsOf(db, path, { destroyOldData: true });
      expect(await second.getBackupInfo()).toEqual([]);
      expect(await second.createNewBackup(db)).toBe(1);
      // The new opening after a stopped backup must not delete anything again.
      await fill(db, 10, 2000);
      expect(await second.createNewBackup(db)).toBe(2);
    });

    it('refuses what is wrong', async () => {
      const host = makeHost();
      const db = await createText(host);
      const other = await createText(host);
      const path = host.path();
      await using backups = backupsOf(db, path);
      const codeOf = async (run: () => unknown) => (await errorOf(run)).code;
      const invalid = 'ERR_ROCKSDB_INVALID_ARGUMENT';
      const option = 'ERR_ROCKSDB_INVALID_OPTION';
      expect(await codeOf(() => backups.createNewBackup(other))).toBe(invalid);
      expect(await codeOf(() => backups.createNewBackup({} as Text))).toBe(invalid);
      expect(await codeOf(() => backups.createNewBackup(db, { progress: 1 } as object))).toBe(
        option,
      );
      expect(await codeOf(() => backups.createNewBackup(db, { flush: true } as object))).toBe(
        option,
      );
      expect(
        await codeOf(() => backups.createNewBackupWithMetadata(db, 'm'.repeat((1 << 20) + 1))),
      ).toBe('ERR_ROCKSDB_TOO_LARGE');
      expect(await codeOf(() => backups.createNewBackupWithMetadata(db, 5 as never))).toBe(invalid);
      expect(await codeOf(() => backups.deleteBackup(7))).toBe('ERR_ROCKSDB_NOT_FOUND');
      expect(await codeOf(() => backups.deleteBackup(0))).toBe(option);
      expect(await codeOf(() => backups.purgeOldBackups(-1))).toBe(option);
      expect(await codeOf(() => backups.verifyBackup(7))).toBe('ERR_ROCKSDB_NOT_FOUND');
      expect(await codeOf(() => backups.restoreDBFromBackup(7, host.path()))).toBe(
        'ERR_ROCKSDB_NOT_FOUND',
      );
      expect(await codeOf(() => backups.restoreDBFromLatestBackup(''))).toBe(invalid);
      for (const wrong of [
        { sync: 1 },
        { backupRateLimit: -1 },
        { maxBackgroundOperations: 0 },
        { schemaVersion: 3 },
        { shareFilesWithChecksumNaming: 'nonsense' },
        { shareTableFiles: false, shareFilesWithChecksum: true },
        { maxValidBackupsToOpen: 1 },
        { nonsense: 1 },
        { wasm: new Uint8Array() },
      ]) {
        expect([wrong, await codeOf(() => backupsOf(db, path, wrong))]).toEqual([wrong, option]);
      }
      await db.put('k', 'v');
      expect(await backups.createNewBackup(db)).toBe(1);
    });

    it('is freed once, and with its engine', async () => {
      const host = makeHost();
      const db = await createText(host);
      const backups = backupsOf(db, host.path());
      const second = backupsOf(db, host.path());
      await backups.free();
      await backups.free();
      const error = await errorOf(() => backups.getBackupInfo());
      expect(error.code).toBe('ERR_ROCKSDB_HANDLE_FREED');
      await db.close();
      expect(second.freed).toBe(true);
    });
  });
}

/** destroy() that insists on a backup. */
export function destroySuite(makeHost: MakeHost): void {
  describe('destroy with a verified backup', () => {
    const exists = (host: Host, path: string) =>
      host.fileSystem.readDirectory(path).some(({ name }) => name === 'CURRENT');

    it('destroys what a backup has in full', async () => {
      const host = makeHost();
      const db = await createText(host, { mergeOperator: 'stringappend' });
      const family = await db.createColumnFamily('family');
      await fill(db, 0, 300);
      await db.merge('m', 'x');
      await db.put('k', 'v', { columnFamily: family });
      const path = host.path();
      await using backups = backupsOf(db, path);
      await backups.createNewBackup(db);
      await db.merge('m', 'y');
      await db.flush();
      await db.deleteRange(keyOf(5), keyOf(9));
      await backups.createNewBackup(db);
      await db.compactRange();
      await db.close();
      await host.destroy(db.path, { requireVerifiedBackup: { backupDir: path } });
      expect(() => host.fileSystem.stat(db.path)).toThrow(/ENOENT/);
      const again = await BackupEngineReadOnly.open(path, await host.engineOptions());
      onTestFinished(() => again.free());
      await again.restoreDBFromLatestBackup(db.path);
      const back = await restored(host, db.path);
      expect((await entriesOf(back)).size).toBe(297);
      expect(await back.get('m')).toBe('x,y');
    });

    it('refuses, and says why', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 300);
      await db.flush();
      const path = host.path();
      const attempt = async (options: object = {}) => {
        const error = await errorOf(() =>
          host.destroy(db.path, { requireVerifiedBackup: { backupDir: path, ...options } }),
        );
        if (error.code !== 'ERR_ROCKSDB_BACKUP_REQUIRED') throw error;
        expect(exists(host, db.path)).toBe(true);
        return error.message;
      };
      const locked = await errorOf(() =>
        host.destroy(db.path, { requireVerifiedBackup: { backupDir: path } }),
      );
      expect(locked.code).toBe('ERR_ROCKSDB_LOCKED');
      await db.close();
      expect(await attempt()).toContain('no backups in');

      // Of another database, with the same in it.
      const other = await createText(host);
      await fill(other, 0, 300);
      const first = backupsOf(other, path);
      expect(await attempt()).toContain('no backup in');
      await first.createNewBackup(other);
      expect(await attempt()).toContain('another database');
      expect(await attempt({ allowOlder: true })).toContain('another database');
      await first.free();

      // Of this one, before the last write.
      const open = await host.open(db.path, TEXT);
      const backups = backupsOf(open, path);
      await backups.createNewBackup(open);
      await open.put(keyOf(7), 'w7'); // as long as it was
      await backups.free();
      await open.close();
      expect(await attempt()).toContain('does not have what it has');

      // With another column family, empty as it is.
      const more = await host.open(db.path, TEXT);
      await more.createColumnFamily('family');
      await more.close();
      expect(await attempt()).toContain('other column families');

      // Damaged.
      const tables = filesIn(host, `${path}/shared_checksum`);
      for (const name of tables) damage(host, `${path}/shared_checksum/${name}`);
      expect(await attempt({ allowOlder: true })).toContain('does not verify');
    });

    it('allows an older one when told so', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const backups = backupsOf(db, path);
      await backups.createNewBackup(db);
      await fill(db, 10, 20);
      await backups.free();
      await db.close();
      await host.destroy(db.path, { requireVerifiedBackup: { backupDir: path, allowOlder: true } });
      expect(() => host.fileSystem.stat(db.path)).toThrow(/ENOENT/);
    });

    it('sees what has no sequence number of its own', async () => {
      const host = makeHost();
      const db = await createText(host);
      await fill(db, 0, 10);
      const path = host.path();
      const backups = backupsOf(db, path);
      const before = await db.latestSequenceNumber;
      await backups.createNewBackup(db, { flushBeforeBackup: true });
      const file = `${host.path()}.sst`;
      const writer = new SstFileWriter(db.engine, TEXT);
      await writer.open(file);
      await writer.put('z', 'ingested');
      await writer.finish();
      await writer.free();
      await db.ingestExternalFile([file]);
      expect(await db.latestSequenceNumber).toBe(before);
      await backups.free();
      await db.close();
      const error = await errorOf(() =>
        host.destroy(db.path, { requireVerifiedBackup: { backupDir: path } }),
      );
      expect(error.code).toBe('ERR_ROCKSDB_BACKUP_REQUIRED');
    });

    it('checks what it is told', async () => {
      const host = makeHost();
      const codeOf = async (requireVerifiedBackup: unknown) =>
        (await errorOf(() => host.destroy(host.path(), { requireVerifiedBackup } as object))).code;
      expect(await codeOf({})).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf({ backupDir: 5 })).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(await codeOf({ backupDir: '/x', older: true })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf({ backupDir: '/x', allowOlder: 1 })).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf(true)).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(await codeOf({ backupDir: host.path() })).toBe('ERR_ROCKSDB_BACKUP_REQUIRED');
    });
  });
}
