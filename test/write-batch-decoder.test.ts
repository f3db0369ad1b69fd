import {
  CorruptionError,
  decodeWriteBatch,
  type WriteBatchOperation,
  writeBatchHeader,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';

const text = (bytes: string) => Uint8Array.from(bytes, (unit) => unit.charCodeAt(0));

/** A batch at sequence number 7 with these records, as text of one byte a character. */
function batch(count: number, ...records: string[]): Uint8Array {
  const header = `\x07\0\0\0\0\0\0\0${String.fromCharCode(count)}\0\0\0`;
  return text(header + records.join(''));
}

const xid = { transactionName: text('x') };
const a = { columnFamilyId: 0, key: text('a') };
const b = { columnFamilyId: 300, key: text('b') };

/** Each of RocksDB's tags (db/dbformat.h), and what it stands for. */
const RECORDS: readonly [record: string, counted: boolean, operation: WriteBatchOperation][] = [
  ['\x00\x01a', true, { type: 'delete', ...a }],
  ['\x01\x01a\x02vw', true, { type: 'put', ...a, value: text('vw') }],
  ['\x02\x01a\x01o', true, { type: 'merge', ...a, operand: text('o') }],
  ['\x03\x03log', false, { type: 'logData', data: text('log') }],
  ['\x04\xac\x02\x01b', true, { type: 'delete', ...b }],
  ['\x05\xac\x02\x01b\x00', true, { type: 'put', ...b, value: text('') }],
  ['\x06\xac\x02\x01b\x01o', true, { type: 'merge', ...b, operand: text('o') }],
  ['\x07\x01a', true, { type: 'singleDelete', ...a }],
  ['\x08\xac\x02\x01b', true, { type: 'singleDelete', ...b }],
  ['\x09', false, { type: 'beginPrepare', policy: 'writeCommitted' }],
  ['\x0a\x01x', false, { type: 'endPrepare', ...xid }],
  ['\x0b\x01x', false, { type: 'commit', ...xid }],
  ['\x0c\x01x', false, { type: 'rollback', ...xid }],
  ['\x0d', false, { type: 'noop' }],
  ['\x0e\xac\x02\x01b\x01c', true, { type: 'deleteRange', ...b, endKey: text('c') }],
  ['\x0f\x01a\x01c', true, { type: 'deleteRange', ...a, endKey: text('c') }],
  ['\x10\xac\x02\x01b\x01i', true, { type: 'putBlobIndex', ...b, value: text('i') }],
  ['\x11\x01a\x01i', true, { type: 'putBlobIndex', ...a, value: text('i') }],
  ['\x12', false, { type: 'beginPrepare', policy: 'writePrepared' }],
  ['\x13', false, { type: 'beginPrepare', policy: 'writeUnprepared' }],
  ['\x15\x02ts\x01x', false, { type: 'commitWithTimestamp', ...xid, commitTimestamp: text('ts') }],
  [
    '\x16\x01a\x0a\x01\x02\x00\x01\x01n\x02dvw',
    true,
    {
      type: 'putEntity',
      ...a,
      columns: [
        [text(''), text('d')],
        [text('n'), text('vw')],
      ],
    },
  ],
  ['\x17\xac\x02\x01b\x02\x01\x00', true, { type: 'putEntity', ...b, columns: [] }],
  [
    '\x18\x01a\x09v\x02\0\0\0\0\0\0\0',
    true,
    { type: 'timedPut', ...a, value: text('v'), writeUnixTime: 2n },
  ],
  [
    '\x19\xac\x02\x01b\x08\x03\0\0\0\0\0\0\0',
    true,
    { type: 'timedPut', ...b, value: text(''), writeUnixTime: 3n },
  ],
];

describe('the decoder of write batches', () => {
  it('reads the header', () => {
    expect(writeBatchHeader(batch(1, '\x00\x01a'))).toEqual({ sequenceNumber: 7n, count: 1 });
  });

  it('reads every record alone', () => {
    for (const [record, counted, operation] of RECORDS) {
      expect(decodeWriteBatch(batch(counted ? 1 : 0, record))).toEqual([operation]);
    }
  });

  it('reads all of them in order', () => {
    const count = RECORDS.filter(([, counted]) => counted).length;
    const bytes = batch(count, ...RECORDS.map(([record]) => record));
    expect(decodeWriteBatch(bytes)).toEqual(RECORDS.map(([, , operation]) => operation));
  });

  it('gives copies', () => {
    const bytes = batch(1, '\x01\x01a\x02vw');
    const [put] = decodeWriteBatch(bytes);
    bytes.fill(0);
    expect(put).toEqual({ type: 'put', ...a, value: text('vw') });
  });

  it('tells timestamps from keys', () => {
    const time = '\x05\0\0\0\0\0\0\x01';
    const bytes = batch(
      3,
      `\x01\x09a${time}\x01v`,
      `\x0f\x09a${time}\x09c${time}`,
      '\x04\x01\x02no',
    );
    const timestampSize = (columnFamilyId: number) => (columnFamilyId === 0 ? 8 : 0);
    const timestamp = 2n ** 56n + 5n;
    expect(decodeWriteBatch(bytes, { timestampSize })).toEqual([
      { type: 'put', ...a, timestamp, value: text('v') },
      { type: 'deleteRange', ...a, timestamp, endKey: text('c') },
      { type: 'delete', columnFamilyId: 1, key: text('no') },
    ]);
    // Of another size they are bytes.
    const [put] = decodeWriteBatch(batch(1, '\x01\x03abc\x01v'), { timestampSize: () => 2 });
    expect(put).toEqual({ type: 'put', ...a, timestamp: text('bc'), value: text('v') });
    expect(() => decodeWriteBatch(batch(1, '\x01\x01a\x01v'), { timestampSize: () => 2 })).toThrow(
      CorruptionError,
    );
  });

  it('refuses what is no batch, wherever it ends', () => {
    const count = RECORDS.filter(([, counted]) => counted).length;
    const bytes = batch(count, ...RECORDS.map(([record]) => record));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeWriteBatch(bytes.slice(0, length)), `${length} bytes`).toThrow(
        CorruptionError,
      );
    }
    for (const [bad, why] of [
      [batch(0, '\x14\x01a'), 'unknown tag 20 at byte 12'],
      [batch(0, '\x7f'), 'unknown tag 127'],
      [batch(2, '\x00\x01a'), 'it says 2 operations and has 1'],
      [batch(1, '\x00\xff\xff\xff\xff\xff\x01a'), 'cut off'],
      [batch(1, '\x00\xff\xff\xff\xff\x0fa'), 'cut off'],
      [batch(1, '\x16\x01a\x03\x01\x01n'), 'no wide columns'],
      [batch(1, '\x18\x01a\x01v'), 'has no time'],
    ] as const) {
      expect(() => decodeWriteBatch(bad)).toThrow(why);
    }
    expect(() => decodeWriteBatch('text' as unknown as Uint8Array)).toThrow(CorruptionError);
  });
});
