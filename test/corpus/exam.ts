/** Puts programs of the corpus to the detectors: the leak check of tests, and the growth detector of production. */
import { pathToFileURL } from 'node:url';
import type { EngineOptions, GrowthSuspect } from 'rocksdb-wasm';
import { assertNoLeak, type Leak, LeakError } from 'rocksdb-wasm/testing';
import { type Answer, type Entry, linesOf } from './answers.js';
import { Run } from './run.js';
import type { Program } from './world.js';

/** The ledger's operations that a program runs for in production mode. */
export const PRODUCTION_OPERATIONS = 300_000;
/** In test mode. Leaks are to be found in the first round; the others are for what is clean. */
const TEST_ROUNDS = 4;

/** An alarm, by what is named. */
export interface Alarm {
  readonly kind: string;
  /** A line of the program, from 1; undefined when none was named. */
  readonly line: number | undefined;
  /** The ledger's operations at that time; in test mode the round. */
  readonly at: number;
}

/** What came out for one program and seed. */
export interface Outcome {
  readonly name: string;
  readonly mode: 'test' | 'production';
  readonly seed: number;
  readonly leaky: boolean;
  /** When the leak was found: operations, or rounds. Undefined: it was not, or there is none. */
  readonly found: number | undefined;
  /** The line of the first alarm about it is the right one. */
  readonly rightSite: boolean;
  /** About what does not leak. */
  readonly falseAlarms: readonly Alarm[];
  /** The ledger's operations from one leak to the next, as the answer says. */
  readonly operationsPerLeak: number | undefined;
}

/** The line of the innermost frame in that file. */
function lineIn(site: string | undefined, file: string): number | undefined {
  const names = [file, pathToFileURL(file).href];
  for (const frame of site?.split('\n') ?? []) {
    const place = /\(?([^()\s]+):(\d+):\d+\)?$/.exec(frame);
    if (place !== null && names.includes(place[1] ?? '')) return Number(place[2]);
  }
  return undefined;
}

function outcome(
  entry: Entry,
  mode: Outcome['mode'],
  seed: number,
  alarms: readonly Alarm[],
): Outcome {
  const { name, answer } = entry;
  const right = alarms.filter(({ kind }) => isAbout(answer, kind));
  const first = right[0];
  return {
    name,
    mode,
    seed,
    leaky: answer.leaky,
    found: first?.at,
    rightSite: first?.line !== undefined && linesOf(entry).includes(first.line),
    falseAlarms: alarms.filter((alarm) => !right.includes(alarm)),
    operationsPerLeak: answer.leaky ? answer.operationsPerLeak : undefined,
  };
}

function isAbout(answer: Answer, kind: string): boolean {
  if (!answer.leaky) return false;
  return kind === answer.kind || (answer.alsoKinds ?? []).some((also) => also === kind);
}

export interface ExamOptions {
  /** Default: the package's own. */
  readonly wasm?: EngineOptions['wasm'];
  /** Called with each suspect. */
  readonly seen?: ((suspect: GrowthSuspect) => void) | undefined;
}

/** Runs a program as a service, with the growth detector as it is by default. */
export async function production(
  entry: Entry,
  seed: number,
  { wasm, seen }: ExamOptions = {},
): Promise<Outcome> {
  const program = await entry.load();
  const alarms: Alarm[] = [];
  const watched: Program<unknown> = {
    ...program,
    // As a service does that begins by making its engine.
    setup(world) {
      const { heap } = world.engine;
      heap.watchGrowth();
      heap.on('growth', (suspect) => {
        const { kind, site, operation } = suspect;
        alarms.push({ kind, line: lineIn(site, entry.file), at: operation });
        seen?.(suspect);
      });
      return program.setup(world);
    },
  };
  const run = await Run.start(watched, { mode: 'production', seed, engine: engineOf(wasm) });
  await run.until(PRODUCTION_OPERATIONS);
  // Listeners are called soon after the operation.
  await Promise.resolve();
  await run.end();
  return outcome(entry, 'production', seed, alarms);
}

/** Runs a program in rounds below `assertNoLeak`. */
export async function inTest(
  entry: Entry,
  seed: number,
  wasm?: EngineOptions['wasm'],
): Promise<Outcome> {
  const program = await entry.load();
  const run = await Run.start(program, { mode: 'test', seed, engine: engineOf(wasm) });
  const alarms: Alarm[] = [];
  try {
    await assertNoLeak(() => run.round(), { rounds: TEST_ROUNDS });
  } catch (error) {
    if (!(error instanceof LeakError)) throw error;
    for (const leak of error.leaks) alarms.push(alarmOf(leak, entry.file));
  }
  await run.end();
  return outcome(entry, 'test', seed, alarms);
}

const engineOf = (wasm: EngineOptions['wasm']) => (wasm === undefined ? {} : { wasm });

function alarmOf({ kind, owner, site, round }: Leak, file: string): Alarm {
  return {
    kind: kind === 'bytes' ? `bytes of ${owner}` : kind,
    line: lineIn(site, file),
    at: round,
  };
}
