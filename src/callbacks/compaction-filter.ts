import { CreateCallLayout, FilterDecision as Decided } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import type { Native } from '../native/module.js';
import { decodePlain } from '../native/plain-data.js';
import { type TableProperties, tablesByPath } from '../table-properties.js';
import { type CallbackBytes, Frame, packPairs, truthOf, wrongResult } from './frame.js';
import { checkMethods, type Described } from './host-option.js';

/** Why a table file is made. */
export type TableFileCreationReason = 'flush' | 'compaction' | 'recovery' | 'misc';
const REASONS = ['flush', 'compaction', 'recovery', 'misc'] as const;

/**
 * What becomes of an entry.
 * - `keep`, or undefined: it stays as it is.
 * - `remove`: a deletion takes its place (a merge operand is just dropped).
 * - `purge`: a single deletion takes its place; not for merge operands.
 * - `value`: its value (or operand) is changed to this.
 * - `columns`: it becomes a wide-column entity; not for merge operands.
 * - `skipUntil`: it and all up to this key (excluded) are dropped, without deletions, and whatever snapshots
 *   see of them: older values may come to light.
 */
export type FilterDecision =
  | undefined
  | 'keep'
  | 'remove'
  | 'purge'
  | { readonly value: CallbackBytes }
  | { readonly columns: FilterColumns }
  | { readonly skipUntil: CallbackBytes };

/** Column names and values; names are text or bytes. */
export type FilterColumns =
  | Readonly<Record<string, CallbackBytes>>
  | Iterable<readonly [name: CallbackBytes, value: CallbackBytes]>;

/**
 * Looks at entries as compaction copies them, and drops or changes them. What a snapshot sees may change, as
 * with RocksDB. The results of merges are not passed in.
 *
 * Arguments are views of linear memory: read them during the call, copy what you keep. An entry for which it
 * throws is kept, and the error is thrown by the call that ran the compaction.
 */
export interface CompactionFilterMethods {
  /** For plain values. Default: keep. `level` is the compaction's output level. */
  filter?(key: Uint8Array, value: Uint8Array, level: number): FilterDecision;
  /** For merge operands. Default: keep. */
  filterMergeOperand?(key: Uint8Array, operand: Uint8Array, level: number): FilterDecision;
  /** For wide-column entities. Default: keep. */
  filterEntity?(
    key: Uint8Array,
    columns: (readonly [name: Uint8Array, value: Uint8Array])[],
    level: number,
  ): FilterDecision;
  /** For values in blob files, before they are read; `undetermined`: read it and ask `filter`. */
  filterBlobByKey?(key: Uint8Array, level: number): FilterDecision | 'undetermined';
}

/** Option `compactionFilter`: one filter for all compactions of a column family. */
export interface CompactionFilter extends CompactionFilterMethods {
  /** Letters, digits and `. _ -`. */
  readonly name: string;
}

export interface CompactionFilterContext {
  /** All files of the column family are compacted. */
  readonly isFullCompaction: boolean;
  /** `compactRange` or the like asked for it. */
  readonly isManualCompaction: boolean;
  /** The lowest level of the input files; -1: there are none. */
  readonly inputStartLevel: number;
  readonly columnFamilyId: number;
  readonly reason: TableFileCreationReason;
  /** Of the tables that are compacted, by path; empty: there are none, or RocksDB could not read them all. */
  readonly inputTableProperties: ReadonlyMap<string, TableProperties>;
}

/** Option `compactionFilterFactory`: a filter for each table file that is made. */
export interface CompactionFilterFactory {
  /** Letters, digits and `. _ -`. */
  readonly name: string;
  /** A filter for this job; undefined: none. When it throws, the job runs without. */
  createFilter(context: CompactionFilterContext): CompactionFilterMethods | undefined;
  /** Whether files that are made for this reason are filtered. Default: those of compactions. */
  shouldFilterTableFileCreation?(reason: TableFileCreationReason): boolean;
}

const METHODS = ['filter', 'filterMergeOperand', 'filterEntity', 'filterBlobByKey'] as const;

/** Throws when `filter` has none of the methods, or something else in place of one. */
export function checkFilter(filter: unknown, path: string): void {
  checkMethods(filter, path, { someOf: METHODS });
}

function decide(frame: Frame, at: number, decision: unknown, method: string): void {
  const words: Readonly<Record<string, number>> = {
    keep: Decided.DecideKeep,
    remove: Decided.DecideRemove,
    purge: Decided.DecidePurge,
    undetermined: Decided.DecideUndetermined,
  };
  frame.answer(at, Decided.DecideKeep);
  if (decision === undefined) return;
  if (typeof decision === 'string' && Object.hasOwn(words, decision)) {
    const word = words[decision] as number;
    const blob = method === 'filterBlobByKey';
    const refused =
      (decision === 'undetermined' && !blob) ||
      (decision === 'purge' && method === 'filterMergeOperand');
    if (!refused) {
      frame.answer(at, word);
      return;
    }
  }
  if (typeof decision === 'object' && decision !== null) {
    if ('value' in decision) {
      frame.give(at, decision.value, `${method}: value`);
      frame.answer(at, Decided.DecideChange);
      return;
    }
    if ('skipUntil' in decision) {
      frame.give(at, decision.skipUntil, `${method}: skipUntil`);
      frame.answer(at, Decided.DecideSkipUntil);
      return;
    }
    if ('columns' in decision && (method === 'filter' || method === 'filterEntity')) {
      frame.give(at, packPairs(decision.columns, `${method}: columns`), method);
      frame.answer(at, Decided.DecideColumns);
      return;
    }
  }
  throw wrongResult(
    method,
    "'keep', 'remove' or another decision for this kind of entry",
    decision,
  );
}

function filterObject(given: CompactionFilterMethods, native: Native): HostObject {
  const frame = new Frame(native.heap);
  return frame.object([
    given.filter &&
      ((at) => {
        const level = frame.number(at);
        decide(frame, at, given.filter?.(frame.key(at), frame.value(at), level), 'filter');
      }),
    given.filterMergeOperand &&
      ((at) => {
        const made = given.filterMergeOperand?.(frame.key(at), frame.value(at), frame.number(at));
        decide(frame, at, made, 'filterMergeOperand');
      }),
    given.filterEntity &&
      ((at) => {
        const parts = frame.operands(at);
        const columns = Array.from(
          { length: parts.length / 2 },
          (_, i) => [parts[2 * i] as Uint8Array, parts[2 * i + 1] as Uint8Array] as const,
        );
        const made = given.filterEntity?.(frame.key(at), columns, frame.number(at));
        decide(frame, at, made, 'filterEntity');
      }),
    given.filterBlobByKey &&
      ((at) => {
        const made = given.filterBlobByKey?.(frame.key(at), frame.number(at));
        // Nothing said is nothing decided: the value is looked at.
        decide(frame, at, made ?? 'undetermined', 'filterBlobByKey');
      }),
  ]);
}

/** @internal */
export function describeFilter(given: CompactionFilter, native: Native): Described {
  return { object: filterObject(given, native), traits: 0, timestampSize: 0 };
}

/** @internal */
export function describeFilterFactory(given: CompactionFilterFactory, native: Native): Described {
  const frame = new Frame(native.heap);
  const at32 = CreateCallLayout;
  const reasonAt = (at: number) => REASONS[frame.word(at + at32.reason)] ?? 'misc';
  const object = frame.object([
    (at) => {
      const filter = given.createFilter({
        isFullCompaction: frame.word(at + at32.full) === 1,
        isManualCompaction: frame.word(at + at32.manual) === 1,
        inputStartLevel: frame.word(at + at32.level) | 0,
        columnFamilyId: frame.word(at + at32.family),
        reason: reasonAt(at),
        inputTableProperties: tablesByPath(decodePlain(frame.slice(at + at32.tables))),
      });
      if (filter === undefined) return;
      checkFilter(filter, 'createFilter: result');
      const made = filterObject(filter, native);
      frame.created(at, native.callbacks.add(made), made.has ?? 0);
    },
    given.shouldFilterTableFileCreation &&
      ((at) => {
        const answer = given.shouldFilterTableFileCreation?.(reasonAt(at));
        const truth = truthOf(answer, 'shouldFilterTableFileCreation');
        frame.heap.setWord(at + at32.answer, truth);
      }),
  ]);
  return { object, traits: 0, timestampSize: 0 };
}
