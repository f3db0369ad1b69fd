import type { Codec, Decoded, Encodable, Encoding } from './encoding.js';
import type { Engine } from './engine.js';
import { withFolders } from './folders.js';
import type { SstFileReaderPtr } from './native/exports.gen.js';
import type { HandleCore } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';
import { type RecordReader, takeRecord } from './native/records.js';
import { databasePath } from './paths.js';
import { SstFileIterator, type SstIteratorOptions, SstRawIterator } from './sst-file-iterator.js';
import { checkSstOptions, type SstFileOptions } from './sst-options.js';
import { parentOf } from './wasi/paths.js';

const NUMBERS = [
  'origFileNumber',
  'dataSize',
  'indexSize',
  'indexPartitions',
  'topLevelIndexSize',
  'indexKeyIsUserKey',
  'indexValueIsDeltaEncoded',
  'filterSize',
  'rawKeySize',
  'rawValueSize',
  'numDataBlocks',
  'numEntries',
  'numFilterEntries',
  'numDeletions',
  'numMergeOperands',
  'numRangeDeletions',
  'formatVersion',
  'fixedKeyLen',
  'columnFamilyId',
  'creationTime',
  'oldestKeyTime',
  'fileCreationTime',
  'slowCompressionEstimatedDataSize',
  'fastCompressionEstimatedDataSize',
  'tailStartOffset',
  'userDefinedTimestampsPersisted',
] as const;
const TEXTS = [
  'dbId',
  'dbSessionId',
  'dbHostId',
  'columnFamilyName',
  'filterPolicyName',
  'comparatorName',
  'mergeOperatorName',
  'prefixExtractorName',
  'propertyCollectorsNames',
  'compressionName',
  'compressionOptions',
] as const;

/**
 * RocksDB's TableProperties. Sizes are bytes, times seconds since 1970; what is not known is 0 or empty (the
 * column family: 2147483647).
 */
export type SstFileProperties = Record<(typeof NUMBERS)[number], number> &
  Record<(typeof TEXTS)[number], string> & {
    /** Of collectors, by name. */
    userCollectedProperties: Record<string, Uint8Array>;
  };

/** A table file, read without a database. Free it, which frees its iterators. */
export class SstFileReader<
  KE extends Encoding = 'view',
  VE extends Encoding = 'view',
> extends NativeObject {
  /** Absolute. */
  readonly path: string;
  readonly #engine: Engine;
  readonly #keys: Codec;
  readonly #values: Codec;

  /** Opens the file; the options must have its comparator. CorruptionError when it is no table file. */
  constructor(engine: Engine, path: string, options: SstFileOptions<KE, VE> = {}) {
    const checked = checkSstOptions(engine, options as SstFileOptions);
    const file = databasePath(path);
    const { native, staging, out } = engine;
    withFolders(engine, [parentOf(file)], () => {
      staging.begin();
      try {
        const at = checked.stage();
        staging.push(file, 'path', 0xffff);
        const { address, length } = staging;
        native.check(native.calls.rdb_sst_file_reader_open(at, address, length, out));
      } finally {
        staging.end();
      }
    });
    const pointer = native.heap.getWord(out) as SstFileReaderPtr;
    super(engine.context, 'sstFileReader', checked.parent, pointer, release, file);
    this.path = file;
    this.#engine = engine;
    this.#keys = checked.keys;
    this.#values = checked.values;
  }

  get properties(): SstFileProperties {
    const { native, out } = this.#use();
    native.check(native.calls.rdb_sst_file_reader_properties(this.#pointer, out));
    return takeRecord(native, out, readProperties);
  }

  /** What a database with this file alone would show. Free it. */
  iterator(
    options: SstIteratorOptions<Encodable<KE>> = {},
  ): SstFileIterator<Decoded<KE>, Decoded<VE>> {
    this.#use();
    const codecs = [this.#keys, this.#values] as const;
    return new SstFileIterator(this.#engine, this, this.#pointer, codecs, options);
  }

  /**
   * All that is in the file, the newest version of a key first: deletions, operands, old versions. Range deletions
   * are not among them. Free it.
   */
  rawIterator(options: { reverse?: boolean } = {}): SstRawIterator<Decoded<KE>, Decoded<VE>> {
    this.#use();
    const codecs = [this.#keys, this.#values] as const;
    return new SstRawIterator(this.#engine, this, this.#pointer, codecs, options);
  }

  /** Reads the whole file and compares the checksums of its blocks. */
  verifyChecksum(): void {
    const { native } = this.#use();
    native.check(native.calls.rdb_sst_file_reader_verify(this.#pointer, 0));
  }

  /** Counts the entries and compares with what the properties say. */
  verifyNumEntries(): void {
    const { native } = this.#use();
    native.check(native.calls.rdb_sst_file_reader_verify(this.#pointer, 1));
  }

  get #pointer(): SstFileReaderPtr {
    return this.core.pointer as SstFileReaderPtr;
  }

  #use(): Engine {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine;
  }
}

function release({ context, pointer }: HandleCore): void {
  context.native.calls.rdb_sst_file_reader_free(pointer as SstFileReaderPtr);
}

function readProperties(reader: RecordReader): SstFileProperties {
  const numbers = NUMBERS.map((name) => [name, reader.number()]);
  const texts = TEXTS.map((name) => [name, reader.text()]);
  const user = reader.list((each) => [each.text(), each.bytes()]);
  return {
    ...Object.fromEntries([...numbers, ...texts]),
    userCollectedProperties: Object.fromEntries(user),
  } as SstFileProperties;
}
