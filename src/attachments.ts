/**
 * Options that a string cannot say: objects, which go to RocksDB by pointer. What callers may give is in
 * src/object-options.ts.
 */
import { Cache } from './cache.js';
import {
  checkFilter,
  describeFilter,
  describeFilterFactory,
} from './callbacks/compaction-filter.js';
import { type Comparator, describeComparator } from './callbacks/comparator.js';
import {
  checkFlag,
  checkMethods,
  checkName,
  type Described,
  stageHostObject,
} from './callbacks/host-option.js';
import { describeMergeOperator } from './callbacks/merge-operator.js';
import { describeTransform } from './callbacks/slice-transform.js';
import {
  describeChecksumFactory,
  describeCollectorFactory,
  describePartitionerFactory,
} from './callbacks/table-files.js';
import type { Engine } from './engine.js';
import { InvalidOptionError } from './errors.js';
import { hostListeners } from './events/listener.js';
import { hostLogger } from './events/logger.js';
import { hostWalFilter } from './events/wal-filter.js';
import {
  AttachmentKind,
  AttachmentLayout,
  PathLayout,
  PathListLayout,
} from './native/exports.gen.js';
import type { HostObject } from './native/host-callbacks.js';
import type { Native } from './native/module.js';
import { type CacheUsageOptions, CHARGED_ROLES, CHARGES, type DbPath } from './object-options.js';
import { checkFields, oneOf } from './option-checks.js';
import { expected } from './option-errors.js';
import type { OptionGroup } from './options.gen.js';
import { databasePath } from './paths.js';
import { RateLimiter } from './rate-limiter.js';
import type { SharedResource } from './shared-resource.js';
import { SstFileManager } from './sst-file-manager.js';
import { Statistics } from './statistics.js';
import { WriteBufferManager } from './write-buffer-manager.js';

/** One of them, as it was given. */
export interface Attachment {
  readonly option: ObjectOption;
  readonly value: object;
  /** Where it stands, for errors. */
  readonly path: string;
}

interface ObjectOptionInfo {
  /** Whose option it is. */
  readonly group: OptionGroup;
  /** The address for C++ of what was given, when it is of the right class, live and of this engine. */
  readonly pointer: (value: object, engine: Engine, path: string) => number;
  readonly kind: number;
  /** Throws InvalidOptionError for what is not such an object; nothing has reached an engine then. */
  readonly check?: (value: object, path: string) => void;
  /** It takes an array of them. */
  readonly many?: true;
  /** Text says it, too: takes what is for text away. Default: no value is for text. */
  readonly isText?: (value: unknown) => boolean;
}

/** An object of that class. */
function shared(type: abstract new (...made: never[]) => SharedResource) {
  return (value: object, engine: Engine, path: string): number => {
    if (value instanceof type) return value.pointerFor(engine, path);
    throw new InvalidOptionError(
      `${path}: expected a ${type.name} of the same engine`,
      path,
      value,
    );
  };
}

const sharedCache = shared(Cache);

function rowCache(value: object, engine: Engine, path: string): number {
  const pointer = sharedCache(value, engine, path);
  if ((value as Cache).canHoldRows) return pointer;
  throw new InvalidOptionError(
    `${path}: expected a Cache of type lru without a second tier, which can hold rows`,
    path,
    value,
  );
}

/** No object of C++'s, but its choices: two bits each, 0 for none. */
function cacheUsage(value: object, _engine: Engine, path: string): number {
  const charge = (given: unknown, at: string) =>
    checkFields(given, { charged: oneOf(CHARGES) }, at);
  const overrides = mapValues(CHARGED_ROLES, () => charge);
  checkFields(value, { optionsOverrides: (given, at) => checkFields(given, overrides, at) }, path);
  const { optionsOverrides = {} } = value as CacheUsageOptions;
  const roles = Object.entries(CHARGED_ROLES) as [keyof typeof CHARGED_ROLES, number][];
  return roles.reduce((bits, [role, position]) => {
    const given = optionsOverrides[role];
    return given === undefined
      ? bits
      : bits | ((CHARGES.indexOf(given.charged) + 1) << (2 * position));
  }, 0);
}

function mapValues<Value>(of: object, value: () => Value): Record<string, Value> {
  return Object.fromEntries(Object.keys(of).map((key) => [key, value()]));
}

const expectedPaths = 'an array of up to 4 { path, targetSize }';
function stagePaths(value: object, engine: Engine, path: string): number {
  const { staging, native } = engine;
  if (!Array.isArray(value) || value.length > 4) throw expected(expectedPaths, path, value);
  const { heap } = native;
  const list = staging.reserve(PathListLayout.byteLength);
  const array = staging.reserve(PathLayout.byteLength * value.length);
  heap.setWord(list + PathListLayout.paths, array);
  heap.setWord(list + PathListLayout.count, value.length);
  value.forEach((each: DbPath, index) => {
    const { targetSize } = each;
    const folder = databasePath(each.path);
    if (!Number.isSafeInteger(targetSize) || targetSize < 0) {
      throw expected('a number of bytes', `${path}[${index}].targetSize`, targetSize);
    }
    const at = array + index * PathLayout.byteLength;
    staging.push(folder, 'path', 0xffff);
    heap.setWord(at + PathLayout.path, staging.address);
    heap.setWord(at + PathLayout.pathLength, staging.length);
    heap.setDouble(at + PathLayout.targetSize, targetSize);
  });
  return list;
}
type MakeHostObject = (value: object, engine: Engine, path: string) => HostObject;

/** Of what the program implements; C++ holds it from the call on that it is staged for. */
const lent = (make: MakeHostObject) => (value: object, engine: Engine, path: string) =>
  engine.staging.addCallback(make(value, engine, path));

/** Whatever is no object is for those who know the texts, also to refuse it. */
const isText = (value: unknown) => typeof value !== 'object' || value === null;

/** A row for objects of the program's, whose functions RocksDB calls. */
function hosted<T extends { readonly name: string }>(
  kind: number,
  describe: (value: T, native: Native) => Described,
  methods: Parameters<typeof checkMethods>[2],
  more: Partial<ObjectOptionInfo> & { flags?: readonly string[] } = {},
) {
  const { flags = [], check, ...rest } = more;
  return {
    group: 'columnFamily' as OptionGroup,
    kind,
    check: (value: object, path: string) => {
      checkMethods(value, path, methods);
      checkName(value, path);
      for (const flag of flags) checkFlag(value, flag, path);
      check?.(value, path);
    },
    pointer: (value: object, engine: Engine) =>
      stageHostObject(engine, (value as T).name, describe(value as T, engine.native)),
    ...rest,
  };
}

const TRANSFORM = {
  flags: ['sameResultWhenAppended'],
  isText,
};
const TRANSFORM_METHODS = { required: ['transform'], optional: ['inDomain'] };

function checkTimestampSize(value: object, path: string): void {
  const { timestampSize = 0 } = value as Comparator;
  if (Number.isInteger(timestampSize) && timestampSize >= 0 && timestampSize <= 64) return;
  throw expected('a number of bytes from 0 to 64', `${path}.timestampSize`, timestampSize);
}

function checkMergeOperator(value: object, path: string): void {
  if ('merge' in value && 'fullMerge' in value) {
    throw expected('either merge or fullMerge, not both', path, value);
  }
  checkMethods(value, path, { someOf: ['merge', 'fullMerge'] });
}

/** Every object option: what it belongs to, and how it reaches C++ (wasm/bindings/attachments.cc). */
export const OBJECT_OPTIONS = {
  blockCache: {
    group: 'blockBasedTable',
    kind: AttachmentKind.AttachBlockCache,
    pointer: sharedCache,
    isText: () => true, // options.ts tells numbers and caches apart
  },
  dbPaths: { group: 'db', kind: AttachmentKind.AttachDbPaths, pointer: stagePaths },
  cfPaths: { group: 'columnFamily', kind: AttachmentKind.AttachCfPaths, pointer: stagePaths },
  listeners: { group: 'db', kind: AttachmentKind.AttachListeners, pointer: lent(hostListeners) },
  logger: { group: 'db', kind: AttachmentKind.AttachLogger, pointer: lent(hostLogger) },
  walFilter: { group: 'db', kind: AttachmentKind.AttachWalFilter, pointer: lent(hostWalFilter) },
  rowCache: { group: 'db', kind: AttachmentKind.AttachRowCache, pointer: rowCache },
  statistics: { group: 'db', kind: AttachmentKind.AttachStatistics, pointer: shared(Statistics) },
  rateLimiter: {
    group: 'db',
    kind: AttachmentKind.AttachRateLimiter,
    pointer: shared(RateLimiter),
  },
  sstFileManager: {
    group: 'db',
    kind: AttachmentKind.AttachSstFileManager,
    pointer: shared(SstFileManager),
  },
  writeBufferManager: {
    group: 'db',
    kind: AttachmentKind.AttachWriteBufferManager,
    pointer: shared(WriteBufferManager),
  },
  blobCache: {
    group: 'columnFamily',
    kind: AttachmentKind.AttachBlobCache,
    pointer: sharedCache,
    isText: () => true, // as blockCache
  },
  cacheUsageOptions: {
    group: 'blockBasedTable',
    kind: AttachmentKind.AttachCacheUsage,
    pointer: cacheUsage,
  },
  comparator: hosted(
    AttachmentKind.AttachComparator,
    describeComparator,
    {
      required: ['compare'],
      optional: ['findShortestSeparator', 'findShortSuccessor', 'compareTimestamp'],
    },
    { flags: ['bytewiseEqual'], check: checkTimestampSize, isText },
  ),
  mergeOperator: hosted(
    AttachmentKind.AttachMergeOperator,
    describeMergeOperator,
    { optional: ['partialMerge', 'partialMergeMulti', 'shouldMerge'] },
    {
      flags: ['allowSingleOperand'],
      check: checkMergeOperator,
      isText: (value) => isText(value) || 'type' in (value as object),
    },
  ),
  compactionFilter: hosted(
    AttachmentKind.AttachCompactionFilter,
    describeFilter,
    {},
    { check: checkFilter },
  ),
  compactionFilterFactory: hosted(
    AttachmentKind.AttachCompactionFilterFactory,
    describeFilterFactory,
    { required: ['createFilter'], optional: ['shouldFilterTableFileCreation'] },
  ),
  prefixExtractor: hosted(
    AttachmentKind.AttachPrefixExtractor,
    describeTransform,
    TRANSFORM_METHODS,
    TRANSFORM,
  ),
  memtableInsertWithHintPrefixExtractor: hosted(
    AttachmentKind.AttachHintPrefixExtractor,
    describeTransform,
    TRANSFORM_METHODS,
    TRANSFORM,
  ),
  tablePropertiesCollectorFactories: hosted(
    AttachmentKind.AttachCollectorFactory,
    describeCollectorFactory,
    { required: ['createCollector'] },
    { many: true },
  ),
  compactForTiering: {
    group: 'columnFamily',
    kind: AttachmentKind.AttachCompactForTiering,
    check: (value: object, path: string) => {
      const { compactionTriggerRatio: ratio } = value as { compactionTriggerRatio?: unknown };
      if (typeof ratio === 'number' && ratio >= 0 && ratio <= 1) return;
      throw expected('a number from 0 to 1', `${path}.compactionTriggerRatio`, ratio);
    },
    pointer: (value: object, engine: Engine) => {
      const { staging, native } = engine;
      const at = staging.reserve(8);
      const { compactionTriggerRatio } = value as { compactionTriggerRatio: number };
      native.heap.HEAPF64[at >>> 3] = compactionTriggerRatio;
      return at;
    },
  },
  sstPartitionerFactory: hosted(
    AttachmentKind.AttachPartitionerFactory,
    describePartitionerFactory,
    { required: ['createPartitioner'] },
    { isText },
  ),
  fileChecksumGenFactory: hosted(
    AttachmentKind.AttachChecksumFactory,
    describeChecksumFactory,
    { required: ['createGenerator'] },
    { group: 'db', isText },
  ),
} as const satisfies Readonly<Record<string, ObjectOptionInfo>>;

export type ObjectOption = keyof typeof OBJECT_OPTIONS;

const infoOf = (name: string): ObjectOptionInfo | undefined =>
  Object.hasOwn(OBJECT_OPTIONS, name) ? OBJECT_OPTIONS[name as ObjectOption] : undefined;

export function isObjectOption(group: OptionGroup, name: string): boolean {
  return infoOf(name)?.group === group;
}

/** What is to be attached for a value; undefined: text says it. */
export function objectsOf(
  group: OptionGroup,
  name: string,
  value: unknown,
  path: string,
): Attachment[] | undefined {
  const info = infoOf(name);
  if (info?.group !== group || info.isText?.(value)) return undefined;
  const one = (each: unknown, at: string): Attachment => {
    if (typeof each !== 'object' || each === null) throw expected('an object', at, each);
    info.check?.(each, at);
    return { option: name as ObjectOption, value: each, path: at };
  };
  if (info.many !== true) return [one(value, path)];
  if (!Array.isArray(value)) throw expected('an array', path, value);
  return value.map((each, index) => one(each, `${path}[${index}]`));
}

/** Writes them into staging; they stay there until its end(). */
export function stageAttachments(engine: Engine, attachments: readonly Attachment[]): number {
  if (attachments.length === 0) return 0;
  const { staging, native } = engine;
  const base = staging.reserve(AttachmentLayout.byteLength * attachments.length);
  attachments.forEach(({ option, value, path }, index) => {
    const at = base + index * AttachmentLayout.byteLength;
    const { kind, pointer } = OBJECT_OPTIONS[option];
    native.heap.setWord(at + AttachmentLayout.kind, kind);
    native.heap.setWord(at + AttachmentLayout.object, pointer(value, engine, path));
  });
  return base;
}
