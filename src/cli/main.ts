#!/usr/bin/env node
/** The command `rocksdb-wasm`: see docs/command-line.md. Each command is loaded when it is run, and not before. */
import process from 'node:process';
import { RocksDBError } from '../errors.js';
import type { Context } from './command.js';
import { EXIT, exitCodeOf, OutputClosed, UsageError } from './exit.js';
import type { Given } from './given.js';
import { helpText } from './help.js';
import { hintOf } from './hints.js';
import { Output } from './output.js';
import { type Parsed, parse } from './parse.js';
import { Progress, type ProgressPlace } from './progress.js';
import { jsonOf } from './text.js';

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** Standard error may be gone, too: then there is nobody to tell. */
function say(text: string): void {
  process.stderr.write(text);
}

function contextOf(given: Given, out: Output, signal: AbortSignal): Context {
  const terminal = process.stderr.isTTY === true;
  const quiet = given.flag('quiet');
  const visible = !quiet && (terminal || given.flag('progress'));
  const place: ProgressPlace = {
    write: visible ? say : undefined,
    terminal,
    now: () => performance.now(),
  };
  return {
    given,
    out,
    signal,
    note: (text) => {
      if (!quiet && !given.json) say(`${text}\n`);
    },
    progress: (title, unit, total) => new Progress(place, title, unit, total),
  };
}

async function runParsed({ command, given, help, version }: Parsed, out: Output): Promise<number> {
  if (version) {
    const { versionText } = await import('./version.js');
    out.write(`${await versionText()}\n`);
    return EXIT.ok;
  }
  if (help || command === undefined) {
    out.write(helpText(command));
    return EXIT.ok;
  }
  const abort = new AbortController();
  let code: number | undefined;
  const handlers = Object.entries(SIGNALS).map(([name, exitCode]) => {
    const handler = () => {
      code ??= exitCode;
      abort.abort(new Error(`interrupted by ${name}`));
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  try {
    const result = await command.run(contextOf(given, out, abort.signal));
    return code ?? result;
  } catch (error) {
    if (code === undefined) throw error;
    return code;
  } finally {
    for (const off of handlers) off();
  }
}

function tell(error: unknown, json: boolean): void {
  const { message } = error as Error;
  const hint = hintOf(error);
  if (json) {
    const code = (error as { code?: string }).code ?? 'ERR_ROCKSDB_INTERNAL';
    say(`${jsonOf({ error: { code, message, hint } })}\n`);
    return;
  }
  say(`rocksdb-wasm: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  // A mistake of this program: the place says more than the message.
  const expected = error instanceof RocksDBError || error instanceof UsageError;
  if (!expected) say(`${(error as Error).stack}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const out = new Output(process.stdout);
  process.stderr.on('error', () => {});
  try {
    const code = await runParsed(parse(args), out);
    await out.drain();
    return code;
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT.ok;
    // What was written before the error belongs to the reader.
    await out.drain().catch(() => {});
    tell(error, args.includes('--json'));
    return exitCodeOf(error);
  }
}

process.exitCode = await main(process.argv.slice(2));
