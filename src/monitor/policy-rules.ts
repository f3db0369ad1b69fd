/** What policies can be, and how they are checked. */
import { shown } from '../shown.js';
import { fieldsOf, type Invalid, nameOf, wholeFrom } from './checks.js';
import type { Threshold } from './due-queue.js';
import { HANDLE_KINDS, type HandleKind } from './ledger.js';

/**
 * What happens when a handle's time to live is over; each is told as event `expired`.
 * - `event`: nothing more.
 * - `throwOnUse`: it still holds its memory; any use but `free()` throws HandleExpiredError.
 * - `free`: it is freed, after what depends on it, and each is told as `reclaimed`; any use throws likewise.
 * - `refresh`: an iterator gives up what it pins, sees the present (or its snapshot) from there on, and goes on behind
 *   the entry that it gave last. Its time begins anew.
 */
export type OnExpire = 'event' | 'throwOnUse' | 'free' | 'refresh';

/** Counted from the handle's creation, however often it is used. */
export interface TimeToLive extends Threshold {
  /** Default: `event`. */
  onExpire?: OnExpire;
}

export interface MaxLive {
  /** Live handles of the kind, in the whole engine. */
  max: number;
  /** `throw`: the one beyond is not made, HandleLimitError; the event comes in both cases. Default: `throw`. */
  onLimit?: 'throw' | 'event';
}

/** Bytes that would go, in memory and on disk, with the handle, or with all of the kind together. */
export interface MaxPinnedBytes {
  perHandle?: number;
  perKind?: number;
}

/** Of one kind of handle. What is left out is not limited. */
export interface HandlePolicy {
  /** Event `leak`, once for each handle that gets so old. */
  leakDetectionThreshold?: Threshold;
  ttl?: TimeToLive;
  /** A number: that many, and `throw`. */
  maxLive?: number | MaxLive;
  /**
   * Event `limit`. A number: per handle. It is looked at with each sample (see `heap.watch`), not at each operation: that
   * takes a call into the engine, and one for each snapshot.
   */
  maxPinnedBytes?: number | MaxPinnedBytes;
}

/** Of the whole heap. */
export interface HeapPolicy {
  /**
   * Bytes in use beyond which event `limit` comes, with the next operation; again only once they have been below nine
   * tenths of it. Writes go on: the limit that refuses them is EngineOptions.maxHeapBytes.
   */
  softMaxBytes?: number;
}

/** By kind of handle, and of the heap. */
export type Policies = { readonly [K in PolicyKind]?: HandlePolicy } & {
  readonly heap?: HeapPolicy;
};

/** What no program frees: the engine has policies of its own, the others are the package's. */
const UNAGED = [
  'engine',
  'pooledIterator',
  'file',
  'buffer',
] as const satisfies readonly HandleKind[];

/** Kinds that programs make and free. */
export type PolicyKind = Exclude<HandleKind, (typeof UNAGED)[number]>;

const AGED: readonly PolicyKind[] = HANDLE_KINDS.filter(
  (kind): kind is PolicyKind => !(UNAGED as readonly HandleKind[]).includes(kind),
);

/** Not what others live in, or share. */
const MORTAL: readonly PolicyKind[] = [
  'iterator',
  'snapshot',
  'writeBatch',
  'pinnedSlice',
  'transaction',
  'transactionLogIterator',
  'sstFileWriter',
  'sstFileReader',
  'exportedFiles',
  'databaseHold',
];

const REFRESHABLE: readonly PolicyKind[] = ['iterator'];

/** What `heap.pins()` can tell the bytes of. */
const PINNING: readonly PolicyKind[] = [
  'iterator',
  'pinnedSlice',
  'snapshot',
  'writeBatch',
  'transaction',
  'cache',
];

/** What is no object of RocksDB's, or has a maximum of its own. */
const UNCOUNTED: ReadonlySet<PolicyKind> = new Set([
  ...(['snapshotHold', 'databaseLease', 'iteratorPool', 'iteratorLease', 'bulkWriter'] as const),
]);

const COUNTED: readonly PolicyKind[] = AGED.filter((kind) => !UNCOUNTED.has(kind));

const ON_EXPIRE = ['event', 'throwOnUse', 'free', 'refresh'] as const;
const POLICY_FIELDS = ['leakDetectionThreshold', 'ttl', 'maxLive', 'maxPinnedBytes'] as const;

/** A policy that was checked. */
export interface CheckedPolicy {
  readonly leak: Threshold | undefined;
  readonly ttl: (Threshold & { readonly onExpire: OnExpire }) | undefined;
  readonly maxLive: Required<MaxLive> | undefined;
  readonly maxPinned: MaxPinnedBytes | undefined;
}

/** Throws what `invalid` makes. The properties' objects are copied. */
export function checkPolicy(invalid: Invalid, kind: PolicyKind, policy: HandlePolicy) {
  const at = `policies.${shown(kind)}`;
  if (!AGED.includes(kind)) {
    throw invalid(at, policy, `a policy of heap or of one of ${AGED.join(', ')}`);
  }
  const given = fieldsOf<HandlePolicy>(invalid, at, policy, POLICY_FIELDS);
  const only = (name: keyof HandlePolicy, kinds: readonly PolicyKind[]) => {
    if (given[name] === undefined || kinds.includes(kind)) return;
    const expected = `nothing: there is ${name} of ${kinds.join(', ')}`;
    throw invalid(`${at}.${name}`, given[name], expected);
  };
  only('ttl', MORTAL);
  only('maxLive', COUNTED);
  only('maxPinnedBytes', PINNING);
  return {
    leak: checkThreshold(invalid, `${at}.leakDetectionThreshold`, given.leakDetectionThreshold),
    ttl: checkTtl(invalid, `${at}.ttl`, kind, given.ttl),
    maxLive: checkMaxLive(invalid, `${at}.maxLive`, given.maxLive),
    maxPinned: checkMaxPinned(invalid, `${at}.maxPinnedBytes`, given.maxPinnedBytes),
  };
}

/** Likewise that of the heap. */
export function checkHeapPolicy(invalid: Invalid, policy: HeapPolicy): HeapPolicy {
  const at = 'policies.heap';
  const { softMaxBytes } = fieldsOf<HeapPolicy>(invalid, at, policy, ['softMaxBytes']);
  const checked = wholeFrom(invalid, `${at}.softMaxBytes`, softMaxBytes, 1);
  return checked === undefined ? {} : { softMaxBytes: checked };
}

/** Of `EngineOptions.policies`: [kind, policy] of those that are given. */
export function checkPolicies(invalid: Invalid, policies: Policies): void {
  if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) {
    throw invalid('policies', policies, 'an object with policies by kind of handle');
  }
  for (const [kind, policy] of Object.entries(policies)) {
    if (policy === undefined) continue;
    if (kind === 'heap') checkHeapPolicy(invalid, policy as HeapPolicy);
    else checkPolicy(invalid, kind as PolicyKind, policy as HandlePolicy);
  }
}

function checkThreshold(
  invalid: Invalid,
  at: string,
  threshold: Threshold | undefined,
  fields: readonly string[] = ['ms', 'operations'],
): Threshold | undefined {
  if (threshold === undefined) return undefined;
  fieldsOf<Threshold>(invalid, at, threshold, fields as readonly (keyof Threshold)[]);
  const ms = wholeFrom(invalid, `${at}.ms`, threshold.ms, 1);
  const operations = wholeFrom(invalid, `${at}.operations`, threshold.operations, 1);
  if (ms === undefined && operations === undefined) {
    throw invalid(at, threshold, 'ms, operations or both');
  }
  return { ...(ms !== undefined && { ms }), ...(operations !== undefined && { operations }) };
}

function checkTtl(invalid: Invalid, at: string, kind: PolicyKind, ttl: TimeToLive | undefined) {
  const threshold = checkThreshold(invalid, at, ttl, ['ms', 'operations', 'onExpire']);
  if (threshold === undefined) return undefined;
  const onExpire = nameOf(invalid, `${at}.onExpire`, ttl?.onExpire, ON_EXPIRE, 'event');
  if (onExpire === 'refresh' && !REFRESHABLE.includes(kind)) {
    const why = kind === 'snapshot' ? ' (a snapshot of another moment is another snapshot)' : '';
    const kinds = REFRESHABLE.join(', ');
    throw invalid(
      `${at}.onExpire`,
      onExpire,
      `event, throwOnUse or free: only ${kinds} can be refreshed${why}`,
    );
  }
  return { ...threshold, onExpire };
}

function checkMaxLive(invalid: Invalid, at: string, given: HandlePolicy['maxLive']) {
  if (given === undefined) return undefined;
  if (typeof given === 'number') {
    wholeFrom(invalid, at, given, 1);
    return { max: given, onLimit: 'throw' as const };
  }
  const { max, onLimit } = fieldsOf<MaxLive>(invalid, at, given, ['max', 'onLimit']);
  if (wholeFrom(invalid, `${at}.max`, max, 1) === undefined) {
    throw invalid(`${at}.max`, max, 'an integer from 1');
  }
  return {
    max,
    onLimit: nameOf(invalid, `${at}.onLimit`, onLimit, ['throw', 'event'], 'throw'),
  };
}

function checkMaxPinned(invalid: Invalid, at: string, given: HandlePolicy['maxPinnedBytes']) {
  if (given === undefined) return undefined;
  if (typeof given === 'number') {
    wholeFrom(invalid, at, given, 1);
    return { perHandle: given };
  }
  const fields = fieldsOf<MaxPinnedBytes>(invalid, at, given, ['perHandle', 'perKind']);
  const perHandle = wholeFrom(invalid, `${at}.perHandle`, fields.perHandle, 1);
  const perKind = wholeFrom(invalid, `${at}.perKind`, fields.perKind, 1);
  if (perHandle === undefined && perKind === undefined) {
    throw invalid(at, given, 'perHandle, perKind or both');
  }
  return {
    ...(perHandle !== undefined && { perHandle }),
    ...(perKind !== undefined && { perKind }),
  };
}
