/** What must be so before a batch that came as bytes is written: RocksDB would find out only in its log. */
import type { AnyColumnFamily } from './column-family.js';
import { assertTakesEntities } from './entities.js';
import { CorruptionError, InvalidArgumentError, NotSupportedError } from './errors.js';
import { MAX_KEY_BYTES } from './native/staging.js';
import { splitColumns } from './wide-columns.js';
import type { BatchRecord } from './write-batch-decoder.js';

/**
 * @internal Throws unless the record can be written to its column family; returns that, undefined of a record
 * that is for none. `base`: what makes an address in linear memory of an offset in the record's buffer.
 */
export function assertAppendable(
  record: BatchRecord,
  families: ReadonlyMap<number, AnyColumnFamily>,
  base: number,
): AnyColumnFamily | undefined {
  const { type, columnFamilyId, counted, first, second } = record;
  if (type === 'logData' || type === 'noop') return undefined;
  if (!counted || type === 'putBlobIndex') {
    throw new NotSupportedError(
      'ERR_ROCKSDB_NOT_SUPPORTED',
      `the batch has a record of type ${type}, which only RocksDB itself may write`,
    );
  }
  const family = families.get(columnFamilyId);
  if (family === undefined) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `the batch names the column family with id ${columnFamilyId}, which is not open`,
    );
  }
  family.assertWritable();
  if (type === 'merge') family.assertMergeable();
  if (type === 'putEntity' || type === 'timedPut') assertTakesEntities(family);
  if (type === 'putEntity') splitColumns(second);
  if (type === 'timedPut' && second.length < 8) throw corrupt('a timed put has no time');
  assertKey(first, family);
  if (type !== 'deleteRange') return family;
  assertKey(second, family);
  const size = family.timestampSize;
  family.assertOrder(
    base + first.byteOffset,
    first.length - size,
    base + second.byteOffset,
    second.length - size,
  );
  return family;
}

function assertKey(key: Uint8Array, { name, timestampSize }: AnyColumnFamily): void {
  if (key.length < timestampSize) {
    throw corrupt(`a key of ${key.length} bytes has no timestamp for column family '${name}'`);
  }
  if (key.length - timestampSize <= MAX_KEY_BYTES) return;
  throw new InvalidArgumentError(
    'ERR_ROCKSDB_TOO_LARGE',
    `key of ${key.length - timestampSize} bytes: the limit is ${MAX_KEY_BYTES} bytes`,
  );
}

/** @internal */
export function withoutTimes(count: number): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${count} operations of the batch have no timestamp: give the option timestamp, or call updateTimestamps()`,
  );
}

function corrupt(what: string): CorruptionError {
  return new CorruptionError('ERR_ROCKSDB_CORRUPTION', `not a write batch: ${what}`);
}
