/** What a process does until it is killed: operation N follows from the seed and N alone, so that who checks knows it. */
import { drawsOf } from '../../src/faults/draws.js';
import type { Effects } from '../crash/timeline.js';

export const FAMILIES = ['default', 'users'] as const;
const KEYS = 60;

export interface Change {
  readonly family: string;
  readonly key: string;
  /** Without one it is deleted. */
  readonly value: string | undefined;
}

export interface Operation {
  readonly changes: readonly Change[];
  readonly sync: boolean;
  /** What follows it, out of 100. */
  readonly percent: number;
}

/** What is done beside writing, and at what a process is killed: the marks that it prints. */
export interface Scenario {
  readonly name: string;
  /** In percent of the operations. */
  readonly flush?: number;
  readonly compact?: number;
  readonly backup?: number;
  readonly ingest?: number;
  readonly reopen?: number;
  /** Writes are with the system only once the log was flushed. */
  readonly manual?: boolean;
  /** It is killed shortly after one of these; `written` is any write. */
  readonly at: readonly Mark[];
  /** It begins with nothing, and is killed while it makes the database. */
  readonly fresh?: boolean;
}

export type Mark =
  | 'opening'
  | 'opened'
  | 'written'
  | 'flush'
  | 'compact'
  | 'backup'
  | 'ingest'
  | 'close';

export const SCENARIOS: readonly Scenario[] = [
  { name: 'creating', at: ['opening'], fresh: true },
  { name: 'writing', at: ['written'] },
  { name: 'flushing', flush: 15, at: ['flush'] },
  { name: 'compacting', flush: 10, compact: 8, at: ['compact'] },
  { name: 'opening', flush: 2, reopen: 15, at: ['opening'] },
  { name: 'closing', flush: 2, reopen: 15, at: ['close'] },
  { name: 'backing up', flush: 3, backup: 6, at: ['backup'] },
  { name: 'ingesting', flush: 3, ingest: 10, at: ['ingest'] },
  { name: 'flushing the log by hand', flush: 1, manual: true, at: ['written'] },
];

export function operationOf(seed: number, number: number): Operation {
  const draw = drawsOf(seed * 1_000_000 + number);
  const changes: Change[] = [];
  const left = new Set<string>();
  for (let count = draw(4) + 1; count > 0; count--) {
    const family = FAMILIES[draw(3) === 0 ? 1 : 0] as string;
    const key = `k${String(draw(KEYS)).padStart(3, '0')}`;
    const length = [30, 200, 1000, 9000][draw(4)] as number;
    const letter = String.fromCharCode(97 + draw(26));
    const value = draw(6) === 0 ? undefined : `${number}:${letter.repeat(draw(length) + 1)}`;
    if (left.has(`${family} ${key}`)) continue;
    left.add(`${family} ${key}`);
    changes.push({ family, key, value });
  }
  return { changes, sync: draw(4) === 0, percent: draw(100) };
}

export function effectsOf({ changes }: Operation): Effects {
  return new Map(changes.map(({ family, key, value }) => [`${family} ${key}`, value]));
}

/** What is ingested in place of operation N: its puts to the default family, or one if it has none. */
export function ingested(operation: Operation, number: number): Change[] {
  const puts = operation.changes.filter(
    ({ family, value }) => family === 'default' && value !== undefined,
  );
  const changes =
    puts.length > 0 ? puts : [{ family: 'default', key: 'k000', value: `${number}:` }];
  return [...changes].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Which part of a scenario is done after an operation. */
export function actionOf(scenario: Scenario, { percent }: Operation): Mark | undefined {
  let from = 0;
  for (const action of ['flush', 'compact', 'backup', 'ingest', 'reopen'] as const) {
    const share = scenario[action] ?? 0;
    if (percent >= from && percent < from + share) return action === 'reopen' ? 'close' : action;
    from += share;
  }
  return undefined;
}
