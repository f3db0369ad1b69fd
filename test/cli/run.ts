/** Runs the built command, on the runtime that the test runs on. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const onDeno = 'Deno' in globalThis;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface How {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

function command(args: readonly string[]): string[] {
  return [...(onDeno ? ['run', '-A', '--quiet'] : []), BIN, ...args];
}

function environment(env: How['env']) {
  return { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', ...env };
}

/** Waits for its end. */
export function cli(args: readonly string[], { input = '', env, cwd }: How = {}): Ended {
  const result = spawnSync(process.execPath, command(args), {
    input: Buffer.from(input as string),
    cwd,
    env: environment(env),
    encoding: 'buffer',
    maxBuffer: 1 << 30,
  });
  if (result.error !== undefined) throw result.error;
  return {
    code: result.status,
    stdout: result.stdout.toString(),
    stderr: result.stderr.toString(),
  };
}

/** What it prints; throws when it does not end with 0. */
export function ok(args: readonly string[], how?: How): string {
  const { code, stdout, stderr } = cli(args, how);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}

/** The one document that it prints with --json, whatever it ends with. */
// biome-ignore lint/suspicious/noExplicitAny: documents of all shapes
export function json(args: readonly string[], how?: How): any {
  const { stdout, stderr, code } = cli([...args, '--json'], how);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${args.join(' ')} ended with ${code}, no JSON:\n${stderr}${stdout}`);
  }
}

/** The lines of JSON that it prints. */
// biome-ignore lint/suspicious/noExplicitAny: documents of all shapes
export function jsonLines(args: readonly string[], how?: How): any[] {
  const lines = ok([...args, '--json'], how).split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

/** Runs beside the test, which talks to it and ends it. */
export function start(args: readonly string[], stdin: 'pipe' | 'ignore' = 'ignore'): ChildProcess {
  return spawn(process.execPath, command(args), {
    stdio: [stdin, 'pipe', 'pipe'],
    env: environment({}),
  });
}
