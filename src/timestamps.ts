/** User-defined timestamps: the last bytes of the keys of a column family whose comparator has them. */

import { InvalidArgumentError } from './errors.js';
import { shown } from './shown.js';

/**
 * The time of a version, as the column family's comparator orders it. RocksDB's own comparators
 * (`...u64ts`) take 64 bits, little-endian: as a bigint from 0 to 2n ** 64n - 1n. Of other sizes: bytes.
 */
export type Timestamp = bigint | Uint8Array;

const U64_BYTES = 8;

/** What checks and messages need to know of a column family. */
export interface TimestampedFamily {
  readonly name: string;
  /** Bytes of a timestamp; 0: it has none. */
  readonly timestampSize: number;
}

/**
 * @internal The bytes of a timestamp given for `family`; throws when it must not have one, or of that size.
 * Undefined is taken for a family that has none.
 */
export function timestampBytes(
  timestamp: unknown,
  family: TimestampedFamily,
  option = 'timestamp',
): Uint8Array | undefined {
  const size = family.timestampSize;
  if (timestamp === undefined) {
    if (size === 0) return undefined;
    throw invalid(
      `column family '${family.name}' has user-defined timestamps: give the option ${option}`,
    );
  }
  if (size === 0) {
    throw invalid(
      `${option}: column family '${family.name}' has no user-defined timestamps: leave it out, or open the ` +
        "column family with the comparator 'leveldb.BytewiseComparator.u64ts'",
    );
  }
  if (typeof timestamp === 'bigint') {
    if (size !== U64_BYTES) {
      throw invalid(`${option}: expected a Uint8Array of ${size} bytes, got a bigint`);
    }
    if (timestamp < 0n || timestamp >= 1n << 64n) {
      throw invalid(
        `${option}: expected a bigint from 0 to 2n ** 64n - 1n, got ${shown(timestamp)}`,
      );
    }
    const bytes = new Uint8Array(U64_BYTES);
    new DataView(bytes.buffer).setBigUint64(0, timestamp, true);
    return bytes;
  }
  const expected = `a ${size === U64_BYTES ? 'bigint or ' : ''}Uint8Array of ${size} bytes`;
  if (!(timestamp instanceof Uint8Array)) {
    const got = timestamp === null ? 'null' : typeof timestamp;
    throw invalid(`${option}: expected ${expected}, got ${got} ${shown(timestamp).slice(0, 40)}`);
  }
  if (timestamp.length !== size) {
    throw invalid(`${option}: expected ${expected}, got one of ${timestamp.length} bytes`);
  }
  return timestamp;
}

/** @internal A timestamp as it is handed out: 64 bits as a bigint. */
export function timestampOf(bytes: Uint8Array): Timestamp {
  if (bytes.length !== U64_BYTES) return bytes.slice();
  return new DataView(bytes.buffer, bytes.byteOffset, U64_BYTES).getBigUint64(0, true);
}

function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError('ERR_ROCKSDB_INVALID_ARGUMENT', message);
}

/** @internal A time of `timedPut`, as batches have it. */
export function unixTimeBytes(seconds: bigint | number): Uint8Array {
  const valid =
    typeof seconds === 'bigint'
      ? seconds >= 0n && seconds < 1n << 64n
      : Number.isSafeInteger(seconds) && seconds >= 0;
  if (!valid) {
    throw invalid(`writeUnixTime: expected seconds since 1970, got ${shown(seconds)}`);
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(seconds), true);
  return bytes;
}
