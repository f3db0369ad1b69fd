/** Arguments as plain data, so that fast-check can make them smaller, and what they stand for in a case. */
import fc from 'fast-check';

export type Argument =
  | { readonly t: 'likely'; readonly n: number }
  | { readonly t: 'number'; readonly v: number }
  | { readonly t: 'bigint'; readonly v: string }
  | { readonly t: 'text'; readonly v: string }
  | { readonly t: 'bytes'; readonly length: number }
  | { readonly t: 'handle' | 'freed' | 'foreign'; readonly n: number }
  | { readonly t: 'odd'; readonly n: number }
  | { readonly t: 'call'; readonly n: number }
  | { readonly t: 'object'; readonly entries: readonly (readonly [number, Argument])[] }
  | { readonly t: 'list'; readonly items: readonly Argument[] };

/** One call: of which object, which of its members, with what. */
export interface Step {
  readonly on: number;
  readonly member: number;
  readonly given: readonly Argument[];
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  255,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  1e300,
  -1e300,
];
const BIGINTS = [
  '0',
  '1',
  '-1',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999',
];
const LENGTHS = [0, 1, 7, 8, 9, 12, 300, 65_536, 70_000];

const numbers = fc.oneof(
  fc.nat(12),
  fc.constantFrom(...NUMBERS, Number.NaN, Number.POSITIVE_INFINITY),
);

const leaf: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ t: fc.constant('likely' as const), n: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ t: fc.constant('number' as const), v: numbers }) },
  {
    weight: 1,
    arbitrary: fc.record({ t: fc.constant('bigint' as const), v: fc.constantFrom(...BIGINTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('text' as const),
      v: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom('\0', 'ä€😀', '\ud800', '{;=}', '..'),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('bytes' as const),
      length: fc.constantFrom(...LENGTHS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      t: fc.constantFrom('handle' as const, 'freed' as const, 'foreign' as const),
      n: fc.nat(40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ t: fc.constant('odd' as const), n: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('call' as const), n: fc.nat(9) }) },
);

const argument: fc.Arbitrary<Argument> = fc.oneof(
  { weight: 6, arbitrary: leaf },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('object' as const),
      entries: fc.array(fc.tuple(fc.nat(200), leaf), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      t: fc.constant('list' as const),
      items: fc.array(leaf, { maxLength: 3 }),
    }),
  },
);

export const STEPS: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    on: fc.nat(1000),
    member: fc.nat(1000),
    given: fc.array(argument, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 24 },
);

/** Names of fields that calls know. Every option of every call is here. */
export const FIELDS = [
  'columnFamily',
  'snapshot',
  'gte',
  'gt',
  'lte',
  'lt',
  'reverse',
  'limit',
  'sync',
  'disableWAL',
  'timestamp',
  'prefix',
  'fillCache',
  'verifyChecksums',
  'keyEncoding',
  'valueEncoding',
  'encoding',
  'keysOnly',
  'tailing',
  'totalOrderSeek',
  'readahead',
  'readaheadSize',
  'maxSkippableInternalKeys',
  'begin',
  'end',
  'wait',
  'allowWriteStall',
  'lowPri',
  'noSlowdown',
  'ignoreMissingColumnFamilies',
  'setSnapshot',
  'lockTimeout',
  'deadlockDetect',
  'exclusive',
  'doValidate',
  'reuse',
  'expiration',
  'maxEntries',
  'maxBytes',
  'size',
  'maxIterators',
  'overwriteKey',
  'maxWriteBatchNumber',
  'moveFiles',
  'writeGlobalSeqno',
  'ingestBehind',
  'targetLevel',
  'changeLevel',
  'bottommostLevelCompaction',
  'maxSubcompactions',
  'outputLevel',
  'compression',
  'includeMemtables',
  'includeFiles',
  'flushMemtable',
  'walSizeForFlush',
  'follow',
  'allowGaps',
  'signal',
  'pollInterval',
  'from',
  'to',
  'includeEnd',
  'level',
  'writeBufferSize',
  'mergeOperator',
  'comparator',
  'prefixExtractor',
  'blockBasedTable',
  'blobCache',
  'compactionFilter',
  'capacity',
  'numShardBits',
  'strictCapacityLimit',
  'onFreed',
  'onLimit',
  'name',
  'readOnly',
  'createIfMissing',
  'columnFamilies',
  'timeToLive',
  'work',
  'byLevel',
  'extend',
  'columns',
  'data',
  'delta',
  'value',
  'key',
] as const;
