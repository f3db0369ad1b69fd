/** The databases that are written on one side and read on the other. */
import * as fs from 'node:fs';
import type { ColumnFamilyOptions } from 'rocksdb-wasm';
import type { Setup, Step } from './script.js';

export interface Scenario extends Setup {
  readonly name: string;
  readonly steps: () => Step[];
  /** Written as by a process that ends with the database open. */
  readonly abandoned?: boolean;
  /** What the files must have, or the scenario would not show what it is named after. */
  readonly files?: (
    folder: string,
    sstProperties: (folder: string) => string,
  ) => string | undefined;
}

const LONG = process.env.ROCKSDB_WASM_LONG === '1';

/** Mulberry32. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const numbered = (prefix: string, number: number) => `${prefix}${String(number).padStart(8, '0')}`;

function noise(length: number, seed: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => next(256));
}

const uint64 = (value: number | bigint) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
};

/** Text that every compression makes smaller. */
const prose = (number: number) =>
  `entry ${number} of the quick brown fox, `.repeat(4 + (number % 5));

function entries(count: number, family = 'default', prefix = 'key'): Step[] {
  return Array.from({ length: count }, (_, i) => ['put', family, numbered(prefix, i), prose(i)]);
}

/** Puts, overwrites and deletes in random order, `flush` and `compact` now and then. */
function churn(count: number, keys: number, seed: number, family = 'default'): Step[] {
  const next = random(seed);
  const steps: Step[] = [];
  for (let i = 0; i < count; i++) {
    const key = numbered('k', next(keys));
    if (next(5) === 0) steps.push(['delete', family, key]);
    else steps.push(['put', family, key, `${i} ${'v'.repeat(next(100))}`]);
    if (i % 7919 === 7918) steps.push(['flush', family]);
  }
  return steps;
}

const has = (folder: string, ending: string, atLeast = 1) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending) && fs.statSync(`${folder}/${name}`).size >= atLeast)
    .length > 0;

// ---- compression --------------------------------------------------------------------------------

const ALGORITHMS = {
  none: 'NoCompression',
  snappy: 'Snappy',
  zlib: 'Zlib',
  lz4: 'LZ4',
  lz4hc: 'LZ4HC',
  zstd: 'ZSTD',
} as const;

type Algorithm = keyof typeof ALGORITHMS;

function compressed(algorithm: Algorithm, name: string, options: ColumnFamilyOptions): Scenario {
  return {
    name,
    families: { default: { compression: algorithm, ...options } },
    steps: () => [...entries(3000), ['flush', 'default'], ['compact', 'default'], ...entries(100)],
    files: (folder, sstProperties) => {
      const used = /SST file compression algo: (\w+)/.exec(sstProperties(folder))?.[1];
      return used === ALGORITHMS[algorithm] ? undefined : `compressed with ${used}`;
    },
  };
}

const COMPRESSION = (Object.keys(ALGORITHMS) as Algorithm[]).map((algorithm) =>
  compressed(algorithm, `compression: ${algorithm}`, { bottommostCompression: algorithm }),
);

const DICTIONARY = compressed('zstd', 'compression: zstd with a trained dictionary', {
  bottommostCompression: 'zstd',
  compressionOpts: { maxDictBytes: 8192, zstdMaxTrainBytes: 65536 },
});

/** Files of several compressions in one database: each must be there. */
function placed(name: string, algorithms: readonly Algorithm[], options: ColumnFamilyOptions) {
  return {
    name,
    families: { default: { levelCompactionDynamicLevelBytes: false, ...options } },
    steps: (): Step[] => [
      ...entries(2000),
      ['flush', 'default'],
      // A single file would be moved, not compressed again.
      ...entries(2000),
      ['flush', 'default'],
      ['compact', 'default'],
      ...entries(1000, 'default', 'more'),
      ['flush', 'default'],
    ],
    files: (folder: string, sstProperties: (folder: string) => string) => {
      const found = sstProperties(folder).matchAll(/SST file compression algo: (\w+)/g);
      const used = [...new Set([...found].map(([, algorithm]) => algorithm))].sort().join();
      const wanted = algorithms.map((each) => ALGORITHMS[each]).sort();
      return used === wanted.join() ? undefined : `compressed with ${used}`;
    },
  } satisfies Scenario;
}

const PLACED: readonly Scenario[] = [
  placed('compression: per level', ['snappy', 'zlib'], {
    compressionPerLevel: ['snappy', 'zlib', 'zstd'],
  }),
  placed('compression: of the last level', ['lz4', 'zstd'], {
    compression: 'lz4',
    bottommostCompression: 'zstd',
    bottommostCompressionOpts: { enabled: true, maxDictBytes: 4096, level: 9 },
  }),
];

// ---- table formats ------------------------------------------------------------------------------

const TABLES: readonly Scenario[] = (['crc32c', 'xxHash', 'xxHash64', 'xxh3'] as const).map(
  (checksum, index) => ({
    name: `table format ${index + 3}, checksum ${checksum}`,
    families: {
      default: {
        blockBasedTable: {
          checksum,
          formatVersion: index + 3,
          ...(index % 2 === 1 ? { dataBlockIndexType: 'binaryAndHash' } : {}),
        },
      },
    },
    steps: () => [...entries(1500), ['flush', 'default']],
    files: (folder) => (has(folder, '.sst') ? undefined : 'no SST file'),
  }),
);

const FILTERS: Scenario = {
  name: 'filters, prefix extractor, partitioned index',
  families: {
    default: {
      prefixExtractor: 'fixed:4',
      memtablePrefixBloomSizeRatio: 0.1,
      blockBasedTable: { filterPolicy: 'bloom:10', wholeKeyFiltering: true },
    },
    partitioned: {
      prefixExtractor: 'capped:6',
      blockBasedTable: {
        filterPolicy: 'ribbon:10',
        indexType: 'twoLevelIndexSearch',
        partitionFilters: true,
        metadataBlockSize: 512,
        blockSize: 512,
        cacheIndexAndFilterBlocks: true,
      },
    },
  },
  steps: () => [
    ...entries(2000, 'default', 'aaaa'),
    ...entries(2000, 'partitioned', 'bb'),
    ['put', 'partitioned', 'b', 'shorter than the prefix'],
    ['flush', 'default'],
    ['flush', 'partitioned'],
    ...entries(50, 'default', 'cccc'),
  ],
  files: (folder, sstProperties) => {
    const policies = sstProperties(folder).match(/filter policy name: (\S+)/g) ?? [];
    return policies.some((text) => text.endsWith('bloomfilter')) &&
      policies.some((text) => text.endsWith('ribbonfilter'))
      ? undefined
      : `filters: ${policies}`;
  },
};

const BLOBS: Scenario = {
  name: 'values of up to 1 MiB, in blob files',
  families: {
    default: { enableBlobFiles: true, minBlobSize: 1024, blobCompressionType: 'lz4' },
    inline: {},
  },
  steps: () => [
    ...entries(200),
    ...[1024, 4096, 65_536, 1_048_576].flatMap((size): Step[] => [
      ['put', 'default', `noise ${size}`, noise(size, size)],
      ['put', 'default', `prose ${size}`, 'prose '.repeat(size / 6)],
      ['put', 'inline', `noise ${size}`, noise(size, size + 1)],
    ]),
    ['flush', 'default'],
    ['flush', 'inline'],
    ['put', 'default', 'noise 4096', noise(5000, 1)],
    ['delete', 'default', 'noise 1024'],
    ['flush', 'default'],
  ],
  files: (folder) => (has(folder, '.blob', 1_000_000) ? undefined : 'no blob file'),
};

// ---- column families, comparators ---------------------------------------------------------------

const FAMILIES: Scenario = {
  name: 'column families, one in reverse order',
  families: {
    default: {},
    backwards: { comparator: 'reverseBytewise' },
    universal: { compactionStyle: 'universal', compression: 'zstd' },
    empty: {},
    'with-dashes.and.dots': { numLevels: 3 },
  },
  steps: () => [
    ...entries(500),
    ...entries(500, 'backwards'),
    ['range', 'backwards', numbered('key', 40), numbered('key', 20)],
    ['flush', 'backwards'],
    ...churn(2000, 300, 11, 'universal'),
    ['flush', 'universal'],
    ...churn(2000, 300, 12, 'universal'),
    ['compact', 'universal'],
    ['batch'],
    ['put', 'default', 'across', '1'],
    ['put', 'backwards', 'across', '2'],
    ['put', 'with-dashes.and.dots', 'across', '3'],
    ['delete', 'default', numbered('key', 7)],
    ['commit'],
  ],
};

const EDGES: Scenario = {
  name: 'keys and values at the edges',
  families: { default: {} },
  steps: () => {
    const keys = [
      '',
      new Uint8Array([0]),
      new Uint8Array([0, 0]),
      new Uint8Array([255]),
      new Uint8Array(9).fill(255),
      'k'.repeat(70_000),
      'schlüssel',
      '🔑',
    ];
    const all = keys.flatMap((key, i): Step[] => [
      ['put', 'default', key, i % 2 === 0 ? new Uint8Array(0) : noise(i * 100, i)],
    ]);
    return [...all, ['flush', 'default'], ...all.slice(0, 5)];
  },
};

// ---- what is not in files yet -------------------------------------------------------------------

const UNFLUSHED: Scenario = {
  name: 'an unflushed write-ahead log',
  families: { default: {}, second: {}, third: { mergeOperator: 'uint64add' } },
  steps: () => [
    ...entries(300),
    ['flush', 'default'],
    ...entries(300, 'second', 'other'),
    ['batch'],
    ...churn(500, 100, 3),
    ['commit'],
    ['range', 'second', numbered('other', 100), numbered('other', 200)],
    ['merge', 'third', 'n', uint64(7)],
    ['merge', 'third', 'n', uint64(2n ** 40n)],
  ],
  files: (folder) => (has(folder, '.log', 1000) ? undefined : 'no log'),
};

const ABANDONED: Scenario = {
  ...UNFLUSHED,
  name: 'as it lies while another process has it open',
  abandoned: true,
};

const COMPRESSED_LOG: Scenario = {
  ...UNFLUSHED,
  name: 'a write-ahead log compressed with zstd',
  db: { walCompression: 'zstd' },
  abandoned: true,
};

// ---- merge, deletes -----------------------------------------------------------------------------

const MERGES: Scenario = {
  name: 'merge operands, flushed and unflushed',
  families: {
    default: { mergeOperator: 'uint64add' },
    commas: { mergeOperator: { type: 'stringappend', delimiter: ',' } },
    bars: { mergeOperator: { type: 'stringappend', delimiter: '||' } },
    most: { mergeOperator: 'max' },
  },
  steps: () => {
    const round = (number: number): Step[] =>
      Array.from({ length: 200 }, (_, i): Step[] => [
        ['merge', 'default', numbered('n', i % 40), uint64(i * number)],
        ['merge', 'commas', numbered('n', i % 50), `${number}.${i}`],
        ['merge', 'bars', numbered('n', i % 60), `${number}.${i}`],
        ['merge', 'most', numbered('n', i % 70), `${(i * 7919) % 1000}`],
      ]).flat();
    const flush = ['default', 'commas', 'bars', 'most'].map((name): Step => ['flush', name]);
    return [
      ['put', 'commas', numbered('n', 1), 'base'],
      ...round(1),
      ...flush,
      ...round(2),
      ['delete', 'commas', numbered('n', 2)],
      ['put', 'bars', numbered('n', 3), 'put over'],
      ...flush,
      ['compact', 'bars'],
      ...round(3),
    ];
  },
};

const RANGES: Scenario = {
  name: 'deleteRange, flushed and unflushed',
  families: { default: {}, other: {} },
  steps: () => [
    ...entries(2000),
    ...entries(500, 'other'),
    ['range', 'default', numbered('key', 100), numbered('key', 400)],
    ['flush', 'default'],
    ['range', 'default', numbered('key', 300), numbered('key', 600)],
    ['put', 'default', numbered('key', 350), 'put after the range'],
    ['range', 'default', '', numbered('key', 3)],
    ['flush', 'default'],
    ['batch'],
    ['put', 'default', numbered('key', 1001), 'deleted by the same batch'],
    ['range', 'default', numbered('key', 1000), numbered('key', 1200)],
    ['put', 'default', numbered('key', 1100), 'put by the same batch'],
    ['range', 'other', numbered('key', 0), numbered('key', 499)],
    ['commit'],
    ['range', 'default', numbered('key', 1900), 'z'],
  ],
};

const SINGLES: Scenario = {
  name: 'singleDelete',
  families: { default: {} },
  steps: () => [
    ...entries(600),
    ...Array.from({ length: 200 }, (_, i): Step => ['single', 'default', numbered('key', i * 2)]),
    ['flush', 'default'],
    ...Array.from(
      { length: 99 },
      (_, i): Step => ['single', 'default', numbered('key', i * 2 + 401)],
    ),
    ['flush', 'default'],
    ['compact', 'default'],
    ['single', 'default', numbered('key', 599)],
  ],
};

// ---- many ---------------------------------------------------------------------------------------

export const MANY: Scenario = {
  name: 'many keys over several levels, with deletions and compactions',
  families: {
    default: {
      compression: 'none',
      writeBufferSize: 131_072,
      targetFileSizeBase: 131_072,
      maxBytesForLevelBase: 524_288,
      levelCompactionDynamicLevelBytes: false,
      blockBasedTable: { filterPolicy: 'bloom:10', blockSize: 1024 },
    },
  },
  steps: () => [
    ...churn(LONG ? 600_000 : 60_000, LONG ? 300_000 : 30_000, 5),
    ['compact', 'default'],
    ...churn(LONG ? 40_000 : 4_000, LONG ? 300_000 : 30_000, 6),
  ],
  files: (folder) => {
    const count = fs.readdirSync(folder).filter((name) => name.endsWith('.sst')).length;
    return count > 5 ? undefined : `only ${count} SST files`;
  },
};

export const SCENARIOS: readonly Scenario[] = [
  ...COMPRESSION,
  DICTIONARY,
  ...PLACED,
  ...TABLES,
  FILTERS,
  BLOBS,
  FAMILIES,
  EDGES,
  UNFLUSHED,
  ABANDONED,
  COMPRESSED_LOG,
  MERGES,
  RANGES,
  SINGLES,
  MANY,
];

/** Written in turns by both, each going on where the other closed. */
export const TURNS: Setup & { readonly turns: () => Step[][] } = {
  families: {
    default: { enableBlobFiles: true, minBlobSize: 512, compression: 'lz4' },
    counters: { mergeOperator: 'uint64add' },
    lists: { mergeOperator: { type: 'stringappend', delimiter: '/' }, compression: 'zstd' },
    backwards: { comparator: 'reverseBytewise', compression: 'snappy' },
  },
  turns: () =>
    [1, 2, 3, 4].map((turn) => [
      ...churn(1000, 400, turn),
      ...entries(100, 'backwards', `turn ${turn} `),
      ['put', 'default', `large ${turn}`, noise(100_000, turn)],
      ...Array.from({ length: 300 }, (_, i): Step[] => [
        ['merge', 'counters', numbered('c', i % 30), uint64(turn * 1000 + i)],
        ['merge', 'lists', numbered('l', i % 20), `${turn}:${i}`],
      ]).flat(),
      ['range', 'default', numbered('k', turn * 50), numbered('k', turn * 50 + 25)],
      ['range', 'backwards', `turn ${turn} 00000050`, `turn ${turn} 00000010`],
      // Some of it stays in the log for the other one to recover.
      ['flush', turn % 2 === 0 ? 'counters' : 'default'],
      ['merge', 'counters', numbered('c', turn), uint64(turn)],
      ...(turn === 3 ? ([['compact', 'default']] as const) : []),
    ]),
};
