/** The command line into a command and what it is given; what is wrong with it names what was probably meant. */
import { parseArgs } from 'node:util';
import { nearest } from '../option-errors.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { UsageError } from './exit.js';
import { Given } from './given.js';
import { ALIASES, COMMON, OPTIONS } from './options.js';

export interface Parsed {
  readonly command: Command | undefined;
  readonly given: Given;
  /** `help NAME`, `NAME --help`, or nothing at all. */
  readonly help: boolean;
  readonly version: boolean;
}

/** Throws UsageError. */
export function parse(args: readonly string[]): Parsed {
  const { words, options } = split(args);
  const [first, ...rest] = words;
  const version = options.has('version');
  options.delete('version');
  if (first === 'help' || first === undefined) {
    const command = first === undefined || rest[0] === undefined ? undefined : commandOf(rest[0]);
    return { command, given: new Given(options, undefined, rest), help: true, version };
  }
  const command = commandOf(first);
  checkOptions(command, options);
  if (options.has('help')) {
    return { command, given: new Given(options, undefined, rest), help: true, version };
  }
  const named = options.get('db')?.at(-1) as string | undefined;
  const database = named ?? (command.withoutDatabase ? undefined : rest.shift());
  if (database === undefined && !command.withoutDatabase) {
    throw new UsageError(`${command.name}: give the database: ${usageOf(command)}`);
  }
  checkArguments(command, rest);
  return { command, given: new Given(options, database, rest), help: false, version };
}

export function usageOf({ name, arguments: args, withoutDatabase }: Command): string {
  const parts = ['rocksdb-wasm', name, withoutDatabase ? '' : 'DATABASE', args, '[OPTIONS]'];
  return parts.filter((part) => part !== '').join(' ');
}

type Options = Map<string, (string | true)[]>;

/** Options may stand anywhere; those of all commands are known, so that their values are not taken for arguments. */
function split(args: readonly string[]): { words: string[]; options: Options } {
  const known = Object.entries(OPTIONS).map(
    ([name, { value }]) =>
      [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }] as const,
  );
  const { tokens } = parseArgs({
    args: args.map(canonical),
    options: { ...Object.fromEntries(known), version: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const options: Options = new Map();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const spec = name === 'version' ? { summary: '' } : OPTIONS[name];
    if (spec === undefined) throw unknownOption(rawName, Object.keys(OPTIONS));
    if (spec.value === undefined && value !== undefined) {
      throw new UsageError(`${rawName}: it takes no value, got '${value}'`);
    }
    // What begins with two dashes is the next option, unless it stands behind =.
    const missing = value === undefined || (!token.inlineValue && value.startsWith('--'));
    if (spec.value !== undefined && missing) {
      throw new UsageError(`${rawName}: give a value: --${name}=${spec.value}`);
    }
    const before = options.get(name) ?? [];
    if (before.length > 0 && spec.value !== undefined && !spec.multiple) {
      throw new UsageError(`${rawName}: it is given twice`);
    }
    options.set(name, [...before, value ?? true]);
  }
  return { words, options };
}

/** `--column_family=x` and `--max_keys=1` as ldb has them. What follows `--` stays as it is. */
function canonical(arg: string, index: number, all: readonly string[]): string {
  const [, name = '', rest = ''] = /^--([A-Za-z][\w-]*)((?:=.*)?)$/s.exec(arg) ?? [];
  const end = all.indexOf('--');
  if (name === '' || (end >= 0 && index > end)) return arg;
  const dashed = name.replaceAll('_', '-');
  return `--${ALIASES[dashed] ?? dashed}${rest}`;
}

function commandOf(name: string): Command {
  const dashed = name.replaceAll('_', '-');
  const command = COMMANDS.find((each) => each.name === dashed);
  if (command !== undefined) return command;
  const names = COMMANDS.map((each) => each.name);
  const meant = nearest(dashed, names);
  const hint = meant === undefined ? `'rocksdb-wasm help' lists them` : `did you mean '${meant}'?`;
  throw new UsageError(`there is no command '${name}'; ${hint}`);
}

function unknownOption(raw: string, names: readonly string[]): UsageError {
  const meant = nearest(raw.replace(/^-+/, ''), names);
  return new UsageError(
    `there is no option ${raw}${meant === undefined ? '' : `; did you mean --${meant}?`} ` +
      '(keys and values that begin with a dash come after --)',
  );
}

function checkOptions(command: Command, options: Options): void {
  const allowed = [...COMMON, ...command.options];
  for (const name of options.keys()) {
    if (allowed.includes(name)) continue;
    throw new UsageError(
      `${command.name}: --${name} is not for this command; see 'rocksdb-wasm help ${command.name}'`,
    );
  }
}

function checkArguments(command: Command, args: readonly string[]): void {
  const { name, minArguments, maxArguments } = command;
  if (args.length >= minArguments && args.length <= maxArguments) return;
  const what = args.length < minArguments ? 'something is missing' : `'${args.at(-1)}' is too much`;
  throw new UsageError(`${name}: ${what}: ${usageOf(command)}`);
}
