/** Every function of the program's that the engine's work calls, and where its error arrives. */
import {
  BackupEngine,
  type Comparator,
  decodeWriteBatch,
  type EventListener,
  IOError,
  type SliceTransform,
  SstFileWriter,
  type SstPartitioner,
  type TablePropertiesCollector,
} from 'rocksdb-wasm';
import { expect } from 'vitest';
import { noise } from '../core/host.js';
import type { Gate, Options, Place } from './round.js';

const decoder = new TextDecoder();
const text = (bytes: Uint8Array | undefined) => decoder.decode(bytes);

function order(a: Uint8Array, b: Uint8Array): number {
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The object with a method that first enters the gate. */
function gated<T extends object>(gate: Gate, method: keyof T, object: T): T {
  const inner = object[method] as unknown as (...given: unknown[]) => unknown;
  return {
    ...object,
    [method]: (...given: unknown[]) => {
      gate.enter();
      return inner(...given);
    },
  };
}

const COMPACT = 'compactRange: background, applied';

// ---- Comparators, merge operators, prefixes ------------------------------------------------------

const comparator: Comparator = {
  name: 'test.order',
  compare: order,
  findShortestSeparator: (start) => `${text(start)}!`.slice(0, start.length),
  findShortSuccessor: () => '~',
};

/** Small blocks, so that an index has several keys. */
const compared = (method: keyof Comparator) => (gate: Gate) => ({
  comparator: gated(gate, method, comparator),
  blockBasedTable: { blockSize: 64, indexShortening: 'shortenSeparatorsAndSuccessor' } as const,
});

const join = (parts: (Uint8Array | undefined)[]) =>
  parts.flatMap((part) => (part === undefined ? [] : [text(part)])).join(',');

const operator = {
  name: 'test.joining',
  fullMerge: (_key: Uint8Array, existing: Uint8Array | undefined, operands: Uint8Array[]) =>
    join([existing, ...operands]),
};

const merged = (method: string, more: object) => (gate: Gate) => ({
  mergeOperator: gated(gate, method as never, { ...operator, ...more }),
});

const transform: SliceTransform = {
  name: 'test.before-colon',
  inDomain: (key) => key.includes(58),
  transform: (key) => key.indexOf(58) + 1,
};

const prefixed = (method: keyof SliceTransform) => (gate: Gate) => ({
  prefixExtractor: gated(gate, method, transform),
  memtablePrefixBloomSizeRatio: 0.1,
});

// ---- Compactions and tables ----------------------------------------------------------------------

const filtered = (method: string) => (gate: Gate) => ({
  compactionFilter: gated(gate, method as never, {
    name: 'test.filter',
    [method]: () => (method === 'filterBlobByKey' ? 'undetermined' : 'keep'),
  }),
});

const filterFactory =
  (method: 'createFilter' | 'shouldFilterTableFileCreation') => (gate: Gate) => ({
    compactionFilterFactory: gated(gate, method, {
      name: 'test.factory',
      createFilter: () => ({ filter: () => 'keep' as const }),
      shouldFilterTableFileCreation: () => true,
    }),
  });

const collector: TablePropertiesCollector = {
  addUserKey: () => {},
  finish: () => ({ 'test.property': 'value' }),
  readableProperties: () => ({ 'test.property': 'value' }),
  needCompact: () => false,
};

const collected = (method: keyof TablePropertiesCollector) => (gate: Gate) => ({
  tablePropertiesCollectorFactories: [
    { name: 'test.collector', createCollector: () => gated(gate, method, collector) },
  ],
});

const partitioner: SstPartitioner = {
  shouldPartition: (previous, current) => previous[0] !== current[0],
  canDoTrivialMove: () => false,
};

const partitioned = (method: keyof SstPartitioner) => (gate: Gate) => ({
  sstPartitionerFactory: {
    name: 'test.partitioner',
    createPartitioner: () => gated(gate, method, partitioner),
  },
});

const summed = (method: 'update' | 'finalize') => (gate: Gate) => ({
  fileChecksumGenFactory: {
    name: 'test.sum',
    createGenerator: () => gated(gate, method, { update: () => {}, finalize: () => 'sum' }),
  },
});

// ---- Listeners -----------------------------------------------------------------------------------

const told =
  (method: keyof EventListener, more: Options = {}) =>
  (gate: Gate) => ({
    ...more,
    listeners: [{ [method]: () => gate.enter() } satisfies EventListener],
  });

const event = (method: keyof EventListener, ...steps: string[]): Place => ({
  options: told(method),
  told: steps,
});

/** Every place by its name in the types: what is not in a type of ours is in UNTYPED of the test. */
export const PLACES: Readonly<Record<string, Place>> = {
  'Comparator.compare': {
    options: compared('compare'),
    told: ['put: own, refused', 'put: own, applied', 'getEntity: own, refused'],
    notInDebug: true,
  },
  'Comparator.findShortestSeparator': {
    options: compared('findShortestSeparator'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'Comparator.findShortSuccessor': {
    options: compared('findShortSuccessor'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'MergeOperator.fullMerge': {
    options: merged('fullMerge', {}),
    told: ['compactRange: background, applied', 'get: own, refused', 'iterate: own, applied'],
  },
  'MergeOperator.partialMerge': {
    options: merged('partialMerge', {
      partialMerge: (_key: Uint8Array, left: Uint8Array, right: Uint8Array) => join([left, right]),
    }),
    told: ['flush: background, applied', 'recovery: own, refused'],
  },
  'MergeOperator.partialMergeMulti': {
    options: merged('partialMergeMulti', {
      partialMergeMulti: (_key: Uint8Array, operands: Uint8Array[]) => join(operands),
    }),
    told: ['flush: background, applied', 'recovery: own, refused'],
  },
  'MergeOperator.shouldMerge': {
    options: merged('shouldMerge', { shouldMerge: () => false }),
    told: ['get: own, refused'],
  },
  'AssociativeMergeOperator.merge': {
    options: (gate) => ({
      mergeOperator: gated(gate, 'merge', {
        name: 'test.associative',
        merge: (_key: Uint8Array, existing: Uint8Array | undefined, operand: Uint8Array) =>
          join([existing, operand]),
      }),
    }),
    told: ['compactRange: background, applied', 'get: own, refused', 'iterate: own, applied'],
  },
  'SliceTransform.transform': {
    options: prefixed('transform'),
    told: ['put: own, refused', 'getEntity: own, refused', 'recovery: own, refused'],
  },
  'SliceTransform.inDomain': {
    options: prefixed('inDomain'),
    told: ['put: own, refused', 'getEntity: own, refused', 'recovery: own, refused'],
  },
  'CompactionFilterMethods.filter': { options: filtered('filter'), told: [COMPACT] },
  'CompactionFilterMethods.filterMergeOperand': {
    options: filtered('filterMergeOperand'),
    told: [COMPACT],
  },
  'CompactionFilterMethods.filterEntity': { options: filtered('filterEntity'), told: [COMPACT] },
  'CompactionFilterMethods.filterBlobByKey': {
    options: filtered('filterBlobByKey'),
    told: [COMPACT],
  },
  'CompactionFilterFactory.createFilter': {
    options: filterFactory('createFilter'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'CompactionFilterFactory.shouldFilterTableFileCreation': {
    options: filterFactory('shouldFilterTableFileCreation'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'TablePropertiesCollectorFactory.createCollector': {
    options: (gate) => ({
      tablePropertiesCollectorFactories: [
        gated(gate, 'createCollector', {
          name: 'test.collector',
          createCollector: () => collector,
        }),
      ],
    }),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'TablePropertiesCollector.addUserKey': {
    options: collected('addUserKey'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'TablePropertiesCollector.finish': {
    options: collected('finish'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'TablePropertiesCollector.readableProperties': {
    options: collected('readableProperties'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'TablePropertiesCollector.needCompact': {
    options: collected('needCompact'),
    told: ['compactRange: background, applied', 'flush: background, applied'],
  },
  'SstPartitionerFactory.createPartitioner': {
    options: (gate) => ({
      sstPartitionerFactory: gated(gate, 'createPartitioner', {
        name: 'test.partitioner',
        createPartitioner: () => partitioner,
      }),
    }),
    told: [COMPACT],
  },
  'SstPartitioner.shouldPartition': { options: partitioned('shouldPartition'), told: [COMPACT] },
  'FileChecksumGenFactory.createGenerator': {
    options: (gate) => ({
      fileChecksumGenFactory: gated(gate, 'createGenerator', {
        name: 'test.sum',
        createGenerator: () => ({ update: () => {}, finalize: () => 'sum' }),
      }),
    }),
    told: ['compactRange: background, refused', 'flush: background, refused'],
    notInDebug: true,
  },
  'FileChecksumGenerator.update': {
    options: summed('update'),
    told: ['compactRange: background, refused', 'flush: background, refused'],
    notInDebug: true,
  },
  'FileChecksumGenerator.finalize': {
    options: summed('finalize'),
    told: ['compactRange: background, refused', 'flush: background, refused'],
    notInDebug: true,
  },
  'Logger.log': {
    options: (gate) => ({ logger: { log: () => gate.enter(), infoLogLevel: 'debug' } }),
    told: ['close: own, applied', 'open: own, refused', 'recovery: own, refused'],
  },
  'WalFilter.logRecordFound': {
    options: (gate) => ({ walFilter: { name: 'test.filter', logRecordFound: () => gate.enter() } }),
    told: ['recovery: own, refused'],
  },
  'WalFilter.columnFamilyLogNumberMap': {
    options: (gate) => ({
      walFilter: {
        name: 'test.filter',
        columnFamilyLogNumberMap: () => gate.enter(),
        logRecordFound: () => undefined,
      },
    }),
    told: ['recovery: own, refused'],
  },
  'EventListener.onFlushBegin': event('onFlushBegin', 'flush: own, applied'),
  'EventListener.onFlushCompleted': event('onFlushCompleted', 'flush: own, applied'),
  'EventListener.onManualFlushScheduled': event(
    'onManualFlushScheduled',
    'compactRange: own, applied',
    'flush: own, applied',
  ),
  'EventListener.onMemTableSealed': event('onMemTableSealed', 'flush: own, applied'),
  'EventListener.onCompactionBegin': event('onCompactionBegin', 'compactRange: own, applied'),
  'EventListener.onCompactionCompleted': event(
    'onCompactionCompleted',
    'compactRange: own, applied',
  ),
  'EventListener.onSubcompactionBegin': event('onSubcompactionBegin', 'compactRange: own, applied'),
  'EventListener.onSubcompactionCompleted': event(
    'onSubcompactionCompleted',
    'compactRange: own, applied',
  ),
  'EventListener.onTableFileCreationStarted': event(
    'onTableFileCreationStarted',
    'compactRange: own, applied',
    'flush: own, applied',
  ),
  'EventListener.onTableFileCreated': event(
    'onTableFileCreated',
    'compactRange: own, applied',
    'flush: own, applied',
  ),
  'EventListener.onTableFileDeleted': event('onTableFileDeleted', 'compactRange: own, applied'),
  'EventListener.onBlobFileCreationStarted': event(
    'onBlobFileCreationStarted',
    'flush: own, applied',
    'recovery: own, refused',
  ),
  'EventListener.onBlobFileCreated': event(
    'onBlobFileCreated',
    'flush: own, applied',
    'recovery: own, refused',
  ),
  'EventListener.onBlobFileDeleted': event(
    'onBlobFileDeleted',
    'compactRange: own, applied',
    'recovery: own, refused',
  ),
  'EventListener.onFileReadFinish': event(
    'onFileReadFinish',
    'get: own, refused',
    'iterate: own, refused',
    'open: own, refused',
  ),
  'EventListener.onFileWriteFinish': event(
    'onFileWriteFinish',
    'compactRange: own, applied',
    'open: own, refused',
    'put: own, applied',
  ),
  'EventListener.onFileFlushFinish': event(
    'onFileFlushFinish',
    'close: own, applied',
    'open: own, refused',
    'put: own, applied',
  ),
  'EventListener.onFileSyncFinish': event(
    'onFileSyncFinish',
    'compactRange: own, applied',
    'open: own, refused',
  ),
  'EventListener.onFileCloseFinish': event(
    'onFileCloseFinish',
    'close: own, applied',
    'open: own, refused',
  ),
  'EventListener.onFileRangeSyncFinish': {
    options: told('onFileRangeSyncFinish', { walBytesPerSync: 4096n }),
    more: (db, { step }) => {
      // RocksDB syncs a range when it lies a mebibyte behind the end.
      for (let i = 0; i < 4; i++) step('put', () => db.put('x:long', noise(1_000_000, i)));
      step('delete', () => db.delete('x:long'));
    },
    told: ['put: own, applied'],
  },
  'EventListener.onExternalFileIngested': {
    options: told('onExternalFileIngested'),
    more: (db, { engine, path, step }) => {
      for (const key of ['y:one', 'y:two']) {
        const file = `${path}/${key.slice(2)}.sst`;
        {
          using writer = new SstFileWriter(engine);
          writer.open(file);
          writer.put(key, 'ingested');
          writer.finish();
        }
        step('ingestExternalFile', () => db.ingestExternalFile([file], { moveFiles: true }));
      }
    },
    told: ['ingestExternalFile: own, applied'],
  },
  'EventListener.onColumnFamilyHandleDeletionStarted': {
    options: told('onColumnFamilyHandleDeletionStarted'),
    more: (db, { step }) => {
      const family = step('createColumnFamily', () => db.createColumnFamily('family'));
      step('dropColumnFamily', () => db.dropColumnFamily(family));
      step('free', () => family.free());
    },
    told: ['close: own, applied', 'free: own, applied'],
  },
  'EventListener.onStallConditionsChanged': {
    options: told('onStallConditionsChanged', {
      disableAutoCompactions: false,
      level0FileNumCompactionTrigger: 2,
      level0SlowdownWritesTrigger: 2,
    }),
    told: ['flush: own, applied', 'recovery: own, refused'],
  },
  'EventListener.onBackgroundError': failing('onBackgroundError', 'resume: own, refused'),
  'EventListener.onErrorRecoveryBegin': failing('onErrorRecoveryBegin', 'resume: own, refused'),
  'EventListener.onErrorRecoveryCompleted': failing(
    'onErrorRecoveryCompleted',
    'resume: own, applied',
  ),
  'EventListener.onErrorRecoveryEnd': failing('onErrorRecoveryEnd', 'resume: own, applied'),
  'EventListener.onIOError': failing('onIOError', 'resume: own, refused'),
  'CreateBackupOptions.progress': {
    more: (db, { engine, path, gate, hear }) => {
      using backups = BackupEngine.openSync(`${path} backups`, {
        engine,
        callbackTriggerIntervalSize: 500,
      });
      try {
        backups.createNewBackup(db, { progress: gate.enter });
      } catch (error) {
        hear('createNewBackup', error);
        backups.createNewBackup(db);
      }
      expect(backups.getBackupInfo()).toHaveLength(1);
      backups.verifyBackup(1);
      backups.purgeOldBackups(0);
    },
    told: ['createNewBackup: background, refused'],
  },
  'CreateBackupOptions.excludeFiles': {
    more: (db, { engine, path, gate, hear }) => {
      using backups = BackupEngine.openSync(`${path} backups`, { engine, schemaVersion: 2 });
      const excludeFiles = () => {
        gate.enter();
        return false;
      };
      try {
        backups.createNewBackup(db, { excludeFiles });
      } catch (error) {
        hear('createNewBackup', error);
        backups.createNewBackup(db);
      }
      backups.purgeOldBackups(0);
    },
    told: ['createNewBackup: own, refused'],
  },
  'CopyColumnFamilyOptions.progress': {
    more: async (db, { gate, hear }) => {
      const options = { progress: gate.enter, bytesPerTurn: 100, replace: true };
      const copy = () => db.copyColumnFamily(db.defaultColumnFamily, 'copy', options);
      const made = await copy().catch((error) => {
        hear('copyColumnFamily', error);
        return copy();
      });
      db.dropColumnFamily(made);
      made.free();
    },
    told: ['copyColumnFamily: itself'],
  },
  'DecodeOptions.timestampSize': {
    more: (db, { gate, step }) => {
      using batch = db.batch();
      batch.put('a', '1').put('b', '2');
      const timestampSize = () => {
        gate.enter();
        return 0;
      };
      const decode = () => decodeWriteBatch(batch.data, { timestampSize });
      expect(step('decodeWriteBatch', decode)).toHaveLength(2);
    },
    told: ['decodeWriteBatch: itself'],
  },
  'TraceOptions.to': {
    more: (db, { engine, gate, step }) => {
      const trace = engine.heap.trace({ to: gate.enter, stacks: false });
      for (let i = 0; i < 2000; i++) db.get('k0:key');
      step('stop', () => trace.stop());
      expect(trace.running).toBe(false);
    },
    told: ['stop: itself'],
  },
  'withPerfContext(work)': {
    more: (db, { gate, step }) => {
      const work = () => {
        gate.enter();
        return db.get('k0:key');
      };
      const { level } = db.engine.perfContext;
      const measure = () => step('measure', () => db.withPerfContext('enableTime', work));
      expect(measure().result).toBe(measure().result);
      expect(db.engine.perfContext.level).toBe(level);
    },
    told: ['measure: itself'],
  },
  'measure(work)': {
    more: (db, { engine, gate, step }) => {
      const work = () => {
        gate.enter();
        return db.get('k0:key');
      };
      const { level } = engine.perfContext;
      for (let i = 0; i < 2; i++) {
        step('measure', () => engine.perfContext.measure('enableTime', work));
      }
      expect(engine.perfContext.level).toBe(level);
    },
    told: ['measure: itself'],
  },
  'toJSON()': {
    more: (db, { gate, step }) => {
      const value = {
        toJSON: () => {
          gate.enter();
          return 'text';
        },
      };
      const json = step('createColumnFamily', () =>
        db.createColumnFamily('json', { valueEncoding: 'json' }),
      );
      for (let i = 0; i < 2; i++) {
        step('put', () => db.put('k', value as never, { columnFamily: json } as never));
      }
      expect(db.get('k', { columnFamily: json })).toBe('text');
      db.dropColumnFamily(json);
      json.free();
    },
    told: ['put: itself'],
  },
  'an iterable of keys': {
    more: (db, { gate, step }) => {
      function* keys() {
        for (const key of ['k0:key', 'k1:key']) {
          gate.enter();
          yield key;
        }
      }
      expect(step('getMany', () => db.getMany([...keys()]))).toHaveLength(2);
    },
    told: ['getMany: itself'],
  },
};

/** A flush fails with the disk, twice; then the database goes on. */
function failing(method: keyof EventListener, ...steps: string[]): Place {
  return {
    options: told(method),
    more: async (db, { files, step, hear }) => {
      for (let i = 0; i < 2; i++) {
        step('put', () => db.put('x:failing', 'value'));
        files.fault = (operation, path) =>
          operation === 'write' && path.endsWith('.sst') ? 'ENOSPC' : undefined;
        try {
          db.flush();
        } catch (error) {
          if (!(error instanceof IOError)) hear('failing flush', error);
        }
        files.fault = undefined;
        await new Promise((resolve) => setTimeout(resolve, 1));
        step('resume', () => db.resume());
        step('flush', () => db.flush());
        step('delete', () => db.delete('x:failing'));
      }
    },
    told: steps,
  };
}
