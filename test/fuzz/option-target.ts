/** Option objects, option text and OPTIONS files: of the right names mostly, with values of all sorts. */
import { inspect } from 'node:util';
import {
  type ColumnFamilyOptions,
  type DBOptions,
  getBlockBasedTableOptionsFromString,
  getColumnFamilyOptionsFromString,
  getDBOptionsFromString,
  getOptionsFromString,
  getStringFromColumnFamilyOptions,
  getStringFromDBOptions,
  type OpenOptions,
  RocksDB,
} from 'rocksdb-wasm';
import { GROUPS, NAMES, type OptionGroup, type OptionInfo } from '../../src/options.gen.js';
import { WITHOUT_NOTES } from './files.js';
import type { Choice } from './random.js';
import type { Case, Target, World } from './world.js';

const TEXTS = [
  '',
  ' ',
  '{}',
  '{{}}',
  '}',
  '{',
  ';',
  '=',
  'a=b',
  '{a=b;c={d=e}}',
  '\\',
  '\\;',
  '\\#',
  '#',
  '\n',
  '[DBOptions]',
  '\u0000',
  'ä€😀',
  '\ud800',
  'nullptr',
  'true',
  'none',
  '-1',
  '1e400',
  '0x10',
  '64M',
  '9999999999T',
  '../..',
  '/',
  'x'.repeat(3000),
];

/** How a failure tells the options of its case. */
const SHOWN = { depth: 6, breakLength: Infinity, maxStringLength: 200 } as const;

const NUMBERS: readonly unknown[] = [
  0,
  1,
  -1,
  0.5,
  -0,
  255,
  65_536,
  1e6,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  0n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
  2n ** 64n,
  -(2n ** 63n),
];

const ODD: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  [],
  [1],
  ['none', 'lz4'],
  {},
  { type: 'bloom', bitsPerKey: 1e9 },
  { type: 'stringappend', delimiter: '{;}' },
  new Uint8Array(3),
  new Map(),
  Symbol.iterator,
  () => 1,
  /a/,
  new Date(0),
  Object.create(null),
];

function anyValue(choice: Choice, depth: number): unknown {
  return choice.weighted<() => unknown>([
    [4, () => choice.pick(NUMBERS)],
    [4, () => choice.pick(TEXTS)],
    [3, () => choice.pick(ODD)],
    [2, () => choice.edge()],
    [depth > 0 ? 1 : 0, () => [anyValue(choice, depth - 1), anyValue(choice, depth - 1)]],
    [depth > 0 ? 1 : 0, () => ({ [choice.pick(TEXTS)]: anyValue(choice, depth - 1) })],
  ])();
}

/** Names that an option of this kind may have as its value. */
function nameFor(info: OptionInfo, choice: Choice): unknown {
  const names = (NAMES as Readonly<Record<string, object>>)[info.of ?? ''];
  const texts = names === undefined ? [] : Object.keys(names);
  return texts.length === 0 ? choice.pick(TEXTS) : choice.pick(texts);
}

function likelyValue(info: OptionInfo, choice: Choice, depth: number): unknown {
  if (info.array && !choice.once(4)) {
    const one = { ...info, array: undefined } as unknown as OptionInfo;
    return Array.from({ length: choice.below(4) }, () => likelyValue(one, choice, depth));
  }
  switch (info.type) {
    case 'boolean':
      return choice.once(2);
    case 'double':
      return choice.pick([0, 0.5, 1, 10, -1, 1e9, 1e308]);
    case 'string':
      return choice.pick(TEXTS);
    case 'struct':
      return optionsOf(info.of as OptionGroup, choice, depth - 1);
    case 'enum':
    case 'object':
      return nameFor(info, choice);
    case 'mergeOperator':
      return choice.pick(['stringappend', 'uint64add', 'put', 'max', 'sortlist']);
    case 'memtableFactory':
      return `${choice.pick(['vector', 'skipList', 'prefixHash', 'hashLinkedlist'])}:${choice.edge()}`;
    case 'prefixExtractor':
      return `${choice.pick(['fixed', 'capped'])}:${choice.edge()}`;
    case 'filterPolicy':
      return `${choice.pick(['bloom', 'ribbon'])}:${choice.pick([0, 1, 10, 1e3, 1e9, -1])}`;
    case 'cache':
      return choice.pick([false, 0, 1, 1000, 1e6, 2 ** 31, 2 ** 32 - 1]);
    default:
      return choice.once(4) ? choice.pick(NUMBERS) : choice.below(choice.pick([3, 100, 1e5]));
  }
}

function optionsOf(group: OptionGroup, choice: Choice, depth = 2): Record<string, unknown> {
  const { options } = GROUPS[group];
  const names = Object.keys(options);
  const given: Record<string, unknown> = {};
  for (let n = choice.between(1, 3); n > 0; n--) {
    const name = choice.once(30) ? choice.pick(TEXTS) : choice.pick(names);
    const info = (options as Readonly<Record<string, OptionInfo>>)[name];
    const wrong = info === undefined || choice.once(12) || depth <= 0;
    given[name] = wrong ? anyValue(choice, depth) : likelyValue(info, choice, depth);
  }
  return given;
}

/** Text of the same, in RocksDB's names. */
function textOf(group: OptionGroup, choice: Choice, depth = 3): string {
  const { options } = GROUPS[group];
  const names = Object.keys(options);
  const parts: string[] = [];
  for (let n = choice.between(1, 4); n > 0; n--) {
    const name = choice.pick(names);
    const info = (options as Readonly<Record<string, OptionInfo>>)[name] as OptionInfo;
    const key = choice.once(15) ? choice.pick(TEXTS) : info.snake;
    parts.push(`${key}${choice.once(20) ? '' : '='}${textValue(info, choice, depth)}`);
  }
  return parts.join(choice.once(15) ? choice.pick(TEXTS) : ';');
}

function textValue(info: OptionInfo, choice: Choice, depth: number): string {
  if (info.type === 'struct' && depth > 0 && !choice.once(5)) {
    return `{${textOf(info.of as OptionGroup, choice, depth - 1)}}`;
  }
  if (depth > 0 && choice.once(10)) return `{${textValue(info, choice, depth - 1)}}`;
  const value = choice.once(3) ? anyValue(choice, 0) : likelyValue(info, choice, 0);
  return typeof value === 'string' ? value : safeText(value);
}

function safeText(value: unknown): string {
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value);
  } catch {
    return String(Object.prototype.toString.call(value));
  }
}

const NEW = { createIfMissing: true, ...WITHOUT_NOTES };

function open(world: World, options: object): RocksDB | undefined {
  const { engine } = world;
  return world.attempt(() =>
    world.own(RocksDB.openSync('/db', { ...NEW, ...options, engine } as never)),
  );
}

/** A little of what a database does, with these options in force. */
function exercise(world: World, db: RocksDB): void {
  for (let n = 0; n < 12; n++) world.attempt(() => db.put(`key${n}`, `value ${n}`));
  world.attempt(() => db.flush());
  world.attempt(() => db.put('key3', 'again'));
  world.attempt(() => db.compactRange());
  world.attempt(() => db.get('key3'));
  world.attempt(() => {
    using iterator = db.iterator();
    for (const _ of iterator);
  });
  world.attempt(() => db.getOptions());
}

const BY_OBJECT = (choice: Choice): Case => {
  const options = { ...optionsOf('db', choice), ...optionsOf('columnFamily', choice) };
  const family = optionsOf('columnFamily', choice);
  const work = (world: World) => {
    const db = open(world, options);
    if (db === undefined) return;
    exercise(world, db);
    const made = world.attempt(() => db.createColumnFamily('family', family as never));
    if (made !== undefined) world.attempt(() => db.put('a', 'b', { columnFamily: made }));
    // What it was created with is stored, and must open it again.
    world.attempt(() => db.close());
    open(world, {});
  };
  return Object.assign(work, { about: inspect({ options, family }, SHOWN) });
};

const BY_CHANGE = (choice: Choice): Case => {
  const family = optionsOf('columnFamily', choice);
  const database = optionsOf('db', choice);
  const work = (world: World) => {
    const db = open(world, {});
    if (db === undefined) return;
    world.attempt(() => db.setOptions(family as never));
    world.attempt(() => db.setDBOptions(database as never));
    exercise(world, db);
  };
  return Object.assign(work, { about: inspect({ set: family, database }, SHOWN) });
};

const BY_TEXT = (choice: Choice): Case => {
  const group = choice.pick(['db', 'columnFamily', 'blockBasedTable'] as const);
  const text = textOf(group, choice);
  const parse = {
    db: getDBOptionsFromString,
    columnFamily: getColumnFamilyOptionsFromString,
    blockBasedTable: getBlockBasedTableOptionsFromString,
  }[group] as (text: string) => OpenOptions;
  const opens = choice.once(4);
  const work = (world: World) => {
    world.attempt(() => getOptionsFromString(text));
    const options = world.attempt(() => parse(text));
    if (options === undefined || group === 'blockBasedTable') return;
    world.attempt(() => getStringFromDBOptions(options as DBOptions));
    world.attempt(() => getStringFromColumnFamilyOptions(options as ColumnFamilyOptions));
    const db = opens ? open(world, options) : undefined;
    if (db !== undefined) exercise(world, db);
  };
  return Object.assign(work, { about: `${group}: ${text}` });
};

const BY_FILE = (choice: Choice): Case => {
  const lines = (group: OptionGroup) => textOf(group, choice).split(';').join('\n  ');
  const sections = [
    '[Version]\n  rocksdb_version=9.10.0\n  options_file_version=1.1',
    `[DBOptions]\n  ${lines('db')}`,
    `[CFOptions "default"]\n  ${lines('columnFamily')}`,
    `[TableOptions/BlockBasedTable "default"]\n  ${lines('blockBasedTable')}`,
    `[CFOptions "${choice.pick(TEXTS)}"]\n  ${lines('columnFamily')}`,
  ];
  const left = sections.filter(() => !choice.once(8));
  if (choice.once(8)) left.reverse();
  const file = new TextEncoder().encode(left.join(choice.once(8) ? '\n# note\n' : '\n\n'));
  const work = async (world: World) => {
    const { engine } = world;
    const load = () => RocksDB.loadOptionsFromFile('/db/OPTIONS-000007', { engine });
    const stored = await world.attemptLater(load);
    if (stored !== undefined) world.attempt(() => getStringFromDBOptions(stored.db));
  };
  return Object.assign(work, {
    image: new Map([['/db/OPTIONS-000007', file]]),
    about: left.join('\n'),
  });
};

export const OPTION_TARGET: Target = {
  name: 'optionValues',
  weight: 12,
  make: (choice) =>
    choice.weighted([
      [2, BY_OBJECT],
      [2, BY_CHANGE],
      [4, BY_TEXT],
      [2, BY_FILE],
    ])(choice),
};
