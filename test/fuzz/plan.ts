/** Which cases a run has, and how its results are told. */
import { piecesOf } from './pool.js';
import { CASES_A_PIECE, type CaseFailure } from './runner.js';
import { TARGETS } from './targets.js';
import type { Piece } from './worker.js';

export { CASES_A_PIECE, TARGETS };

/** Cases of these targets, by their weights, `cases` in all; targets in turn, so that none comes last. */
export function plan(cases: number, names: readonly string[]): Piece[] {
  const chosen = TARGETS.filter(({ name }) => names.includes(name));
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  let left = cases;
  const all = chosen.map(({ name, weight }, index) => {
    const last = index === chosen.length - 1;
    const count = last ? left : Math.floor((cases * weight) / weights);
    left -= count;
    return piecesOf(name, 0, count);
  });
  const most = Math.max(0, ...all.map(({ length }) => length));
  const pieces = Array.from({ length: most }, (_, at) =>
    all.flatMap((each) => each.slice(...share(each.length, most, at))),
  );
  return pieces.flat();
}

/** Which of `length` pieces come in the round `at` of `rounds`. */
function share(length: number, rounds: number, at: number): [number, number] {
  const upTo = (round: number) => Math.floor((length * round) / rounds);
  return [upTo(at), upTo(at + 1)];
}

/** The command that runs a failed case again. */
export function repeatOf({ target, case: at }: CaseFailure, seed: number): string {
  return `npm run fuzz -- --target ${target} --seed ${seed} --case ${at}`;
}

export interface Total {
  cases: number;
  failed: number;
  met: Record<string, number>;
}

/** How many cases of each target, and the errors that they met most often. */
export function tableOf(totals: ReadonlyMap<string, Total>): string {
  const rows = [...totals].map(([name, { cases, failed, met }]) => {
    const codes = Object.entries(met).sort(([, a], [, b]) => b - a);
    const most = codes.slice(0, 4).map(([code, n]) => `${code.replace('ERR_ROCKSDB_', '')} ${n}`);
    return [name, String(cases), String(failed), most.join(', ')];
  });
  const all = [['target', 'cases', 'failed', 'met most often'], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...all.map((row) => (row[column] as string).length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0
            ? cell.padEnd(widths[0] as number)
            : at === 3
              ? cell
              : cell.padStart(widths[at] as number),
        )
        .join('  '),
    )
    .join('\n');
}
