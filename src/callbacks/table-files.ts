/** What the program adds to table files, where it cuts them, and its checksums of them. */
import { BytesCallLayout, CreateCallLayout } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import type { Native } from '../native/module.js';
import { type CallbackBytes, Frame, packPairs, truthOf } from './frame.js';
import { checkMethods, type Described } from './host-option.js';

const ENTRY_TYPES = [
  'put',
  'delete',
  'singleDelete',
  'merge',
  'rangeDelete',
  'blobIndex',
  'deleteWithTimestamp',
  'entity',
  'timedPut',
  'other',
] as const;
/** What an entry of a table is. */
export type TableEntryType = (typeof ENTRY_TYPES)[number];

/** Collects properties of one table file. One that throws leaves its properties out; the table is whole. */
export interface TablePropertiesCollector {
  /** For each entry, in order: one crossing each. `fileSize`: bytes of the table so far. */
  addUserKey(
    key: Uint8Array,
    value: Uint8Array,
    entry: {
      readonly type: TableEntryType;
      readonly sequenceNumber: number;
      readonly fileSize: number;
    },
  ): void;
  /** The properties, stored in the table. */
  finish(): CollectedProperties;
  /** The same in a form for RocksDB's LOG file. Default: none. */
  readableProperties?(): CollectedProperties;
  /** True: the file is to be compacted soon. Asked after finish(). */
  needCompact?(): boolean;
}

/** Names and values; text is stored as UTF-8. */
export type CollectedProperties =
  | Readonly<Record<string, CallbackBytes>>
  | Iterable<readonly [name: CallbackBytes, value: CallbackBytes]>;

/** One of the option `tablePropertiesCollectorFactories`. */
export interface TablePropertiesCollectorFactory {
  /** Letters, digits and `. _ -`. */
  readonly name: string;
  /** A collector for a new table; undefined: none for this one. `levelAtCreation` -1: not known. */
  createCollector(context: {
    readonly columnFamilyId: number;
    readonly levelAtCreation: number;
    readonly numLevels: number;
  }): TablePropertiesCollector | undefined;
}

/** Says where compaction ends one table file and begins the next. One that throws cuts nothing. */
export interface SstPartitioner {
  /** True: `current` begins a new file. `size`: bytes of the present one so far. */
  shouldPartition(previous: Uint8Array, current: Uint8Array, size: number): boolean;
  /** Whether a file with these ends may be moved to the next level without being rewritten. Default: false. */
  canDoTrivialMove?(smallest: Uint8Array, largest: Uint8Array): boolean;
}

/** Option `sstPartitionerFactory`. */
export interface SstPartitionerFactory {
  /** Letters, digits and `. _ -`. */
  readonly name: string;
  /** A partitioner for a compaction; undefined: none. */
  createPartitioner(context: {
    readonly isFullCompaction: boolean;
    readonly isManualCompaction: boolean;
    readonly outputLevel: number;
    readonly smallestKey: Uint8Array;
    readonly largestKey: Uint8Array;
  }): SstPartitioner | undefined;
}

/** The checksum of one file. When it throws, the job that makes the file fails. */
export interface FileChecksumGenerator {
  /** The next bytes of the file. */
  update(data: Uint8Array): void;
  /** The checksum of all of them. */
  finalize(): CallbackBytes;
}

/** Option `fileChecksumGenFactory`: checksums of table and blob files, kept in the MANIFEST. */
export interface FileChecksumGenFactory {
  /** The checksum's name, stored with each. Letters, digits and `. _ -`. */
  readonly name: string;
  /** What computes the checksum of one file, which is about to be written. */
  createGenerator(context: { readonly fileName: string }): FileChecksumGenerator;
}

export const COLLECTOR = {
  required: ['addUserKey', 'finish'],
  optional: ['readableProperties', 'needCompact'],
};

function collectorObject(given: TablePropertiesCollector, native: Native): HostObject {
  const frame = new Frame(native.heap);
  const { heap } = frame;
  const give = (method: 'finish' | 'readableProperties') => (at: number) =>
    frame.give(at, packPairs(given[method]?.(), method), method);
  return frame.object([
    undefined, // createCollector, of the factory
    (at) => {
      given.addUserKey(frame.key(at), frame.value(at), {
        type: ENTRY_TYPES[frame.number(at)] ?? 'other',
        sequenceNumber: heap.getDouble(at + BytesCallLayout.sequence),
        fileSize: heap.getDouble(at + BytesCallLayout.fileSize),
      });
    },
    give('finish'),
    given.needCompact && ((at) => frame.answer(at, truthOf(given.needCompact?.(), 'needCompact'))),
    given.readableProperties && give('readableProperties'),
  ]);
}

/** A factory, of whose methods the first makes an object. */
function factory(
  native: Native,
  make: (frame: Frame, at: number) => HostObject | undefined,
): Described {
  const frame = new Frame(native.heap);
  const object = frame.object([
    (at) => {
      const made = make(frame, at);
      if (made !== undefined) frame.created(at, native.callbacks.add(made), made.has ?? 0);
    },
  ]);
  return { object, traits: 0, timestampSize: 0 };
}

/** @internal */
export function describeCollectorFactory(
  given: TablePropertiesCollectorFactory,
  native: Native,
): Described {
  return factory(native, (frame, at) => {
    const collector = given.createCollector({
      columnFamilyId: frame.word(at + CreateCallLayout.family),
      levelAtCreation: frame.word(at + CreateCallLayout.level) | 0,
      numLevels: frame.word(at + CreateCallLayout.levelCount) | 0,
    });
    if (collector === undefined) return undefined;
    checkMethods(collector, 'createCollector: result', COLLECTOR);
    return collectorObject(collector, native);
  });
}

function partitionerObject(given: SstPartitioner, native: Native): HostObject {
  const frame = new Frame(native.heap);
  return frame.object([
    undefined, // createPartitioner, of the factory
    (at) => {
      const size = frame.heap.getDouble(at + BytesCallLayout.fileSize);
      const cut = given.shouldPartition(frame.key(at), frame.value(at), size);
      frame.answer(at, truthOf(cut, 'shouldPartition'));
    },
    given.canDoTrivialMove &&
      ((at) => {
        const may = given.canDoTrivialMove?.(frame.key(at), frame.value(at));
        frame.answer(at, truthOf(may, 'canDoTrivialMove'));
      }),
  ]);
}

/** @internal */
export function describePartitionerFactory(
  given: SstPartitionerFactory,
  native: Native,
): Described {
  return factory(native, (frame, at) => {
    const partitioner = given.createPartitioner({
      isFullCompaction: frame.word(at + CreateCallLayout.full) === 1,
      isManualCompaction: frame.word(at + CreateCallLayout.manual) === 1,
      outputLevel: frame.word(at + CreateCallLayout.level) | 0,
      smallestKey: frame.slice(at + CreateCallLayout.a),
      largestKey: frame.slice(at + CreateCallLayout.b),
    });
    if (partitioner === undefined) return undefined;
    const optional = ['canDoTrivialMove'];
    checkMethods(partitioner, 'createPartitioner: result', {
      required: ['shouldPartition'],
      optional,
    });
    return partitionerObject(partitioner, native);
  });
}

function checksumObject(given: FileChecksumGenerator, native: Native): HostObject {
  const frame = new Frame(native.heap);
  return frame.object([
    undefined, // createGenerator, of the factory
    (at) => given.update(frame.value(at)),
    (at) => frame.give(at, given.finalize(), 'finalize'),
  ]);
}

/** @internal */
export function describeChecksumFactory(given: FileChecksumGenFactory, native: Native): Described {
  return factory(native, (frame, at) => {
    const fileName = frame.heap.readText(
      frame.word(at + CreateCallLayout.a),
      frame.word(at + CreateCallLayout.aLength),
    );
    const generator = given.createGenerator({ fileName });
    checkMethods(generator, 'createGenerator: result', { required: ['update', 'finalize'] });
    return checksumObject(generator, native);
  });
}
