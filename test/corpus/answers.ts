/** What is known of the programs of the leak corpus. */
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HandleKind } from 'rocksdb-wasm';
import type { Program } from './world.js';

export interface LeakyAnswer {
  readonly leaky: true;
  readonly kind: HandleKind;
  /** What comes with each of them and may be named instead: a database's column families. */
  readonly alsoKinds?: readonly HandleKind[];
  /** The line that makes what is not freed, without the space around it; it is in the file once. */
  readonly source: string;
  /** Lines that may fairly be named, too: the caller of a helper that makes it. */
  readonly alsoAccepted?: readonly string[];
  /** Handles that are left over after each round of test mode, with seed 1. */
  readonly perRound: number;
  /** The ledger's operations from one leak to the next in production mode, about. */
  readonly operationsPerLeak: number;
  readonly why: string;
}

export interface CleanAnswer {
  readonly leaky: false;
  /** Never more live handles than these, the engine's and the database's own among them. */
  readonly bound: number;
  /** What might be taken for a leak. */
  readonly why: string;
}

export type Answer = LeakyAnswer | CleanAnswer;

export const HALVES = ['tuning', 'held-out'] as const;
export type Half = (typeof HALVES)[number];

export interface Entry {
  readonly name: string;
  readonly half: Half;
  /** The program's source. */
  readonly file: string;
  readonly answer: Answer;
  load(): Promise<Program<unknown>>;
}

function entriesOf(half: Half): Entry[] {
  const folder = fileURLToPath(new URL(`./${half}/`, import.meta.url));
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return names.sort().map((fileName) => {
    const name = fileName.slice(0, -'.ts'.length);
    const answer = JSON.parse(fs.readFileSync(`${folder}${name}.answer.json`, 'utf8')) as Answer;
    return {
      name,
      half,
      file: folder + fileName,
      answer,
      load: async () => (await import(`./${half}/${name}.ts`)).default,
    };
  });
}

/** All programs, those for tuning first. */
export const corpus: readonly Entry[] = HALVES.flatMap(entriesOf);

/** The lines of an answer's program that may be named, from 1; the first is the one that makes the handle. */
export function linesOf({ file, answer }: Entry): number[] {
  if (!answer.leaky) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return [answer.source, ...(answer.alsoAccepted ?? [])].map((source) => {
    const found = lines.flatMap((line, index) => (line.trim() === source ? [index + 1] : []));
    if (found.length !== 1) throw new Error(`${file} has ${found.length} lines: ${source}`);
    return found[0] as number;
  });
}
