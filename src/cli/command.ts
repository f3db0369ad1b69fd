/** What a command is, for the table, the help and the dispatcher alike. */
import type { Given } from './given.js';
import type { Output } from './output.js';
import type { Progress } from './progress.js';

export interface OptionSpec {
  /** What stands for its value in the help; undefined: it is a switch. */
  readonly value?: string;
  readonly summary: string;
  /** It may be given several times. */
  readonly multiple?: boolean;
}

/** What a command is run with. */
export interface Context {
  readonly given: Given;
  readonly out: Output;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** A line for the person who looks, on standard error. Nothing with `--json` or `--quiet`. */
  note(text: string): void;
  /** `total`: in `unit`, if it is known. */
  progress(title: string, unit: string, total?: number): Progress;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the database, such as `KEY VALUE`. */
  readonly arguments: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  /** It needs no DATABASE. */
  readonly withoutDatabase?: true;
  /** Names of OPTIONS, beside those that every command has. */
  readonly options: readonly string[];
  /** What it does, and the behaviour of RocksDB behind it. */
  readonly details: string;
  /** Command lines without the program's name, and what they are for. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Loads what it needs, and nothing else; returns the exit code. */
  run(context: Context): Promise<number>;
}
