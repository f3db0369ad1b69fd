/** The help: a list of the commands, and each command with what is behind it. */
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { COMMON, OPTIONS } from './options.js';
import { usageOf } from './parse.js';

const EXIT_CODES = [
  '0 done, 1 not found or something found by the doctor, 2 wrong command line, 3 error of the database,',
  '4 locked by another process, 5 damaged, 130 interrupted',
];

export function helpText(command: Command | undefined): string {
  return command === undefined ? overview() : helpOf(command);
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'rocksdb-wasm COMMAND DATABASE [ARGUMENTS] [OPTIONS]',
    '',
    'Reads, writes and examines RocksDB databases, native ones as well. DATABASE is a folder. Commands that read take',
    'no lock and write nothing, so that they may be used beside a program that has the database open.',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options of all commands:',
    ...optionLines(COMMON),
    '',
    `Exit codes: ${EXIT_CODES[0]}`,
    `${EXIT_CODES[1]}.`,
    '',
    "'rocksdb-wasm help COMMAND' has options, examples and the behaviour of RocksDB behind a command.",
    '',
  ].join('\n');
}

function helpOf(command: Command): string {
  return [
    usageOf(command),
    '',
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    '',
    command.details.trim(),
    '',
    'Options:',
    ...optionLines(command.options),
    ...optionLines(COMMON),
    '',
    'Examples:',
    ...command.examples.flatMap(([line, what]) => [`  # ${what}`, `  rocksdb-wasm ${line}`]),
    '',
  ].join('\n');
}

function optionLines(names: readonly string[]): string[] {
  const heads = names.map((name) => {
    const value = OPTIONS[name]?.value;
    return value === undefined ? `--${name}` : `--${name}=${value}`;
  });
  return names.map((name, index) => `  ${heads[index]?.padEnd(27)} ${OPTIONS[name]?.summary}`);
}
