import {
  type BlobFileCreationInfo,
  type CompactionJobInfo,
  type EventListener,
  type FileDeletionInfo,
  type FileOperationInfo,
  type FlushJobInfo,
  InvalidOptionError,
  type LogLevel,
  type MemTableInfo,
  type TableFileCreationInfo,
  type WriteStallInfo,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { createText, keyOf, type MakeHost } from './host.js';

/** A listener that keeps what it is told, by the names of its methods. */
export function recorder(...methods: (keyof EventListener)[]) {
  const names: string[] = [];
  const infos: Record<string, unknown[]> = {};
  const listener: Record<string, (info: unknown) => void> = {};
  for (const method of methods) {
    listener[method] = (info) => {
      names.push(method);
      infos[method] ??= [];
      infos[method].push(info);
    };
  }
  /** The infos of one event, in order. */
  const of = <I>(method: keyof EventListener) => (infos[method] ?? []) as I[];
  return { listener: listener as EventListener, names, of };
}

export function eventsSuite(makeHost: MakeHost): void {
  describe('listeners', () => {
    it('are told of a flush in its order, before the call returns', async () => {
      const { listener, names, of } = recorder(
        'onMemTableSealed',
        'onManualFlushScheduled',
        'onFlushBegin',
        'onTableFileCreationStarted',
        'onTableFileCreated',
        'onFlushCompleted',
      );
      const host = makeHost();
      const db = await createText(host, { listeners: [listener] });
      for (const key of ['a', 'b', 'c']) await db.put(key, `value of ${key}`);
      await db.delete('a');
      expect(names).toEqual([]);
      await db.flush();
      expect(names).toEqual([
        'onMemTableSealed',
        'onManualFlushScheduled',
        'onFlushBegin',
        'onTableFileCreationStarted',
        'onTableFileCreated',
        'onFlushCompleted',
      ]);
      expect(of<MemTableInfo>('onMemTableSealed')[0]).toMatchObject({
        columnFamilyName: 'default',
        numEntries: 4,
        numDeletes: 1,
        firstSeqno: 1n,
      });
      const [flushed] = of<FlushJobInfo>('onFlushCompleted');
      expect(flushed).toMatchObject({
        dbName: db.path,
        columnFamilyId: 0,
        columnFamilyName: 'default',
        flushReason: 'manualFlush',
        triggeredWritesStop: false,
        blobFileAdditionInfos: [],
      });
      expect(flushed?.tableProperties).toMatchObject({
        numEntries: 3,
        numDeletions: 1,
        comparatorName: 'leveldb.BytewiseComparator',
        origFileNumber: flushed?.fileNumber,
      });
      expect(of('onFlushBegin')[0]).toMatchObject({ jobId: flushed?.jobId });
      const [created] = of<TableFileCreationInfo>('onTableFileCreated');
      expect(created).toMatchObject({ filePath: flushed?.filePath, reason: 'flush' });
      expect(created?.status).toBeUndefined();
      expect(host.fileSystem.stat(created?.filePath as string).size).toBe(created?.fileSize);
    });

    it('are told of a compaction: its files, what it dropped, and their deletion', async () => {
      const { listener, names, of } = recorder(
        'onCompactionBegin',
        'onSubcompactionBegin',
        'onSubcompactionCompleted',
        'onCompactionCompleted',
        'onTableFileDeleted',
      );
      const db = await createText(makeHost(), {
        listeners: [listener],
        disableAutoCompactions: true,
        compression: 'lz4',
      });
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 100; i++) await db.put(keyOf(i), `round ${round}`);
        await db.flush();
      }
      await db.compactRange();
      expect(names).toEqual([
        'onCompactionBegin',
        'onSubcompactionBegin',
        'onSubcompactionCompleted',
        'onCompactionCompleted',
        'onTableFileDeleted',
        'onTableFileDeleted',
      ]);
      const [begun] = of<CompactionJobInfo>('onCompactionBegin');
      const [done] = of<CompactionJobInfo>('onCompactionCompleted');
      expect(begun?.outputFiles).toEqual([]);
      expect(done).toMatchObject({
        dbName: db.path,
        jobId: begun?.jobId,
        baseInputLevel: 0,
        compactionReason: 'manualCompaction',
        compression: 'lz4',
      });
      expect(done?.status).toBeUndefined();
      expect(done?.stats).toMatchObject({
        numInputRecords: 200,
        numOutputRecords: 100,
        numRecordsReplaced: 100,
        isManualCompaction: true,
      });
      const text = new TextDecoder();
      expect(text.decode(done?.stats.smallestOutputKeyPrefix)).toBe(keyOf(0));
      expect(text.decode(done?.stats.largestOutputKeyPrefix)).toBe(keyOf(99));
      expect(done?.inputFiles.map(({ level }) => level)).toEqual([0, 0]);
      expect(done?.outputFiles).toHaveLength(1);
      expect(done?.outputFiles[0]?.tableProperties?.numEntries).toBe(100);
      const deleted = of<FileDeletionInfo>('onTableFileDeleted').map(({ filePath }) => filePath);
      expect(deleted.sort()).toEqual(done?.inputFiles.map(({ filePath }) => filePath).sort());
    });

    it('are told of blob files', async () => {
      const { listener, of, names } = recorder(
        'onBlobFileCreationStarted',
        'onBlobFileCreated',
        'onBlobFileDeleted',
        'onFlushCompleted',
      );
      const db = await createText(makeHost(), {
        listeners: [listener],
        enableBlobFiles: true,
        minBlobSize: 10,
      });
      for (let i = 0; i < 5; i++) await db.put(keyOf(i), 'x'.repeat(100));
      await db.flush();
      const [created] = of<BlobFileCreationInfo>('onBlobFileCreated');
      expect(created).toMatchObject({ reason: 'flush', totalBlobCount: 5 });
      expect(created?.totalBlobBytes).toBeGreaterThan(500);
      const [flushed] = of<FlushJobInfo>('onFlushCompleted');
      expect(flushed?.blobFileAdditionInfos).toMatchObject([
        { blobFilePath: created?.filePath, totalBlobCount: 5 },
      ]);
      for (let i = 0; i < 5; i++) await db.delete(keyOf(i));
      await db.compactRange({ bottommostLevelCompaction: 'force' });
      expect(of<FileDeletionInfo>('onBlobFileDeleted')).toMatchObject([
        { filePath: created?.filePath },
      ]);
      expect(names[0]).toBe('onBlobFileCreationStarted');
    });

    it('are told when writes are slowed down, and no more', async () => {
      const { listener, of } = recorder('onStallConditionsChanged');
      const db = await createText(makeHost(), {
        listeners: [listener],
        background: 'manual',
        level0FileNumCompactionTrigger: 2,
        level0SlowdownWritesTrigger: 2,
      });
      for (let i = 0; i < 2; i++) {
        await db.put('k', String(i));
        await db.flush();
      }
      await db.engine.pump();
      const changes = of<WriteStallInfo>('onStallConditionsChanged');
      expect(changes.map(({ previous, current }) => [previous, current])).toEqual([
        ['normal', 'delayed'],
        ['delayed', 'normal'],
      ]);
      expect(changes[0]?.columnFamilyName).toBe('default');
    });

    it('are told when the handle of a column family goes', async () => {
      const { listener, of } = recorder('onColumnFamilyHandleDeletionStarted');
      const db = await createText(makeHost(), { listeners: [listener] });
      const family = await db.createColumnFamily('family');
      const { familyId } = family;
      await family.free();
      expect(of('onColumnFamilyHandleDeletionStarted')).toEqual([
        { columnFamilyId: familyId, columnFamilyName: 'family' },
      ]);
    });

    it('are all told, in the order in which they were given', async () => {
      const order: string[] = [];
      const listeners = ['first', 'second', 'third'].map((name) => ({
        onFlushBegin: () => void order.push(`${name} begin`),
        onFlushCompleted: () => void order.push(`${name} completed`),
      }));
      const db = await createText(makeHost(), { listeners });
      await db.put('k', 'v');
      await db.flush();
      expect(order).toEqual([
        'first begin',
        'second begin',
        'third begin',
        'first completed',
        'second completed',
        'third completed',
      ]);
    });

    it('are told of each file operation', async () => {
      const { listener, of } = recorder(
        'onFileReadFinish',
        'onFileWriteFinish',
        'onFileFlushFinish',
        'onFileSyncFinish',
        'onFileCloseFinish',
      );
      const db = await createText(makeHost(), { listeners: [listener] });
      await db.put('k', 'v', { sync: true });
      await db.flush();
      expect(await db.get('k')).toBe('v');
      const written = of<FileOperationInfo>('onFileWriteFinish');
      const log = written.filter(({ path }) => path.endsWith('.log'));
      expect(log).toHaveLength(1);
      expect(log[0]).toMatchObject({ type: 'write', offset: 0, status: undefined });
      expect(log[0]?.length).toBeGreaterThan(12);
      const synced = of<FileOperationInfo>('onFileSyncFinish').map(({ path }) => path);
      expect(synced.some((path) => path.endsWith('.log'))).toBe(true);
      const read = of<FileOperationInfo>('onFileReadFinish').map(({ path }) => path);
      expect(read.some((path) => path.endsWith('.sst'))).toBe(true);
      expect(of<FileOperationInfo>('onFileCloseFinish').length).toBeGreaterThan(0);
    });

    it('are told when an operation began, and how warm its file is', async () => {
      const { listener, of } = recorder('onFileReadFinish', 'onFileWriteFinish');
      const options = { listeners: [listener], defaultWriteTemperature: 'warm' } as const;
      const before = BigInt(Date.now() - 1000) * 1_000_000n;
      const db = await createText(makeHost(), options);
      await db.put('k', 'v');
      await db.flush();
      const after = BigInt(Date.now() + 1000) * 1_000_000n;
      const written = of<FileOperationInfo>('onFileWriteFinish');
      const temperatures = (end: string) =>
        new Set(written.filter(({ path }) => path.endsWith(end)).map((each) => each.temperature));
      expect(temperatures('.sst')).toEqual(new Set(['warm']));
      expect(temperatures('.log')).toEqual(new Set(['unknown']));
      const starts = written.map(({ startTs }) => startTs);
      expect(starts.every((start) => start >= before && start <= after)).toBe(true);
      expect(starts).toEqual([...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      const read = of<FileOperationInfo>('onFileReadFinish');
      expect(read.find(({ path }) => path.endsWith('.sst'))?.temperature).toBe('warm');
    });

    it('are refused when they could never be called', async () => {
      const host = makeHost();
      for (const [listeners, option] of [
        [{}, 'listeners'],
        [[null], 'listeners[0]'],
        [[{}, { onFlushBegin: 1 }], 'listeners[1].onFlushBegin'],
        [[{ onFlushBegun() {} }], 'listeners[0].onFlushBegun'],
      ] as const) {
        const error = await errorOf(() => createText(host, { listeners: listeners as never }));
        expect(error).toBeInstanceOf(InvalidOptionError);
        expect((error as InvalidOptionError).option).toBe(option);
      }
    });
  });

  describe('a logger', () => {
    it('gets what RocksDB would write to its LOG file, which there is none of then', async () => {
      const lines: [LogLevel, string][] = [];
      const host = makeHost();
      const db = await createText(host, { logger: { log: (...line) => void lines.push(line) } });
      expect(lines.find(([level]) => level === 'header')?.[1]).toMatch(/^RocksDB version: 9\.10/);
      await db.put('k', 'v');
      lines.length = 0;
      await db.flush();
      expect(lines.some(([, text]) => text.includes('Manual flush start'))).toBe(true);
      expect(lines.some(([, text]) => text.includes('"event": "flush_finished"'))).toBe(true);
      expect(lines.every(([, text]) => !text.endsWith('\n'))).toBe(true);
      expect(host.fileSystem.readDirectory(db.path).map(({ name }) => name)).not.toContain('LOG');
    });

    it('gets what is of its level or above, and headers', async () => {
      const host = makeHost();
      for (const [options, level] of [
        [{ infoLogLevel: 'warn' }, undefined],
        [{}, 'warn'],
        [{ infoLogLevel: 'debug' }, 'warn'],
      ] as const) {
        const levels = new Set<LogLevel>();
        const logger = {
          log: (of: LogLevel) => void levels.add(of),
          ...(level === undefined ? {} : { infoLogLevel: level }),
        };
        const db = await createText(host, { ...options, logger });
        expect(levels).toContain('header');
        // It complains of the folder, which is made later.
        levels.clear();
        await db.put('k', 'v');
        await db.flush();
        expect([...levels]).toEqual([]);
        await db.close();
      }
    });

    it('must be able to log', async () => {
      const host = makeHost();
      for (const [logger, option] of [
        [{}, 'logger'],
        [{ log: 1 }, 'logger'],
        [{ log() {}, infoLogLevel: 'loud' }, 'logger.infoLogLevel'],
        [{ log() {}, infoLogLevel: 'header' }, 'logger.infoLogLevel'],
      ] as const) {
        const error = await errorOf(() => createText(host, { logger: logger as never }));
        expect(error).toBeInstanceOf(InvalidOptionError);
        expect((error as InvalidOptionError).option).toBe(option);
      }
    });
  });
}
