/** 64-bit timestamps of transactions, as the two words that cross the boundary. */
import { InvalidArgumentError } from '../errors.js';

const LIMIT = 1n << 64n;

export const Timestamp = {
  /** Throws when it is not one. */
  words(timestamp: unknown): { low: number; high: number } {
    if (typeof timestamp !== 'bigint' || timestamp < 0n || timestamp >= LIMIT) {
      const got = typeof timestamp === 'bigint' ? `${timestamp}` : typeof timestamp;
      throw new InvalidArgumentError(
        'ERR_ROCKSDB_INVALID_ARGUMENT',
        `timestamp: expected a bigint from 0 to 2^64 - 1, got ${got}`,
      );
    }
    return { low: Number(timestamp & 0xffffffffn), high: Number(timestamp >> 32n) };
  },

  of(low: number, high: number): bigint {
    return (BigInt(high) << 32n) | BigInt(low);
  },

  /** RocksDB's kMaxTxnTimestamp: none. */
  none: LIMIT - 1n,
} as const;
