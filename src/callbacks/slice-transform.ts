import { CompareCallLayout, HostTraits } from '../native/exports.gen.js';
import type { Native } from '../native/module.js';
import { Frame, truthOf, wrongResult } from './frame.js';
import type { Described } from './host-option.js';

/**
 * Says what the prefix of a key is (option `prefixExtractor` of a column family), for prefix filters and seeks.
 * Keys with the same prefix must stand together in the order of keys, and the prefix of a prefix is itself.
 *
 * The key is a view of linear memory: read it during the call. A write of a key for which it throws is refused;
 * thrown later, it fails the flush or compaction, which resume() tries again.
 */
export interface SliceTransform {
  /** Stored with the filters. Letters, digits and `. _ -`; not one of RocksDB's own. */
  readonly name: string;
  /** The first bytes of the key that are its prefix: how many, or themselves. */
  transform(key: Uint8Array): number | Uint8Array | string;
  /** Whether the key has a prefix at all; those without are in no prefix filter. Default: each has. */
  inDomain?(key: Uint8Array): boolean;
  /** True when any key that begins with a prefix has that prefix. Default: false. */
  readonly sameResultWhenAppended?: boolean;
}

const encoder = new TextEncoder();

/** How long the prefix is. RocksDB keeps prefixes as parts of keys, so they must be that. */
function prefixLength(key: Uint8Array, given: unknown): number {
  if (typeof given === 'number') {
    if (Number.isInteger(given) && given >= 0 && given <= key.length) return given;
    throw wrongResult('transform', `a length from 0 to ${key.length}`, given);
  }
  const prefix = typeof given === 'string' ? encoder.encode(given) : given;
  if (!(prefix instanceof Uint8Array)) {
    throw wrongResult('transform', 'a length, a Uint8Array or a string', given);
  }
  if (prefix.length > key.length || prefix.some((byte, i) => byte !== key[i])) {
    throw new TypeError('transform: what it returned is not how the key begins');
  }
  return prefix.length;
}

/** @internal */
export function describeTransform(given: SliceTransform, native: Native): Described {
  const frame = new Frame(native.heap);
  const object = frame.object([
    (at) => {
      const key = frame.first(at);
      const inside = given.inDomain === undefined || truthOf(given.inDomain(key), 'inDomain') === 1;
      const length = inside ? prefixLength(key, given.transform(key)) : -1;
      frame.heap.setWord(at + CompareCallLayout.result, length);
    },
  ]);
  const traits = given.sameResultWhenAppended === true ? HostTraits.HostAppendable : 0;
  return { object, traits, timestampSize: 0 };
}
