/** Kills processes at random moments, and looks at what each has left. */
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { BackupEngine, Engine, NodeFileSystem, RocksDB } from 'rocksdb-wasm';
import { type Draw, drawsOf } from '../../src/faults/draws.js';
import { type State, Timeline } from '../crash/timeline.js';
import type { ChildTask } from './child.js';
import { effectsOf, ingested, type Mark, operationOf, type Scenario } from './operations.js';

export interface KillPlan {
  /** The runtime and its arguments, then the child's program. */
  readonly command: readonly string[];
  /** test/native/driver.cc as a command line; without it native RocksDB is not asked. */
  readonly driver?: readonly string[];
  readonly wasm?: WebAssembly.Module;
  /** An empty folder. */
  readonly folder: string;
  readonly seed: number;
  /** Milliseconds that a process may take until it comes to where it is killed. */
  readonly patienceMs: number;
  /** Spoils what a process has left, before it is looked at: to see that it is found out. */
  tamper?(folder: string): void;
}

export interface RoundReport {
  readonly scenario: string;
  readonly killedAt: string;
  /** Writes that were acknowledged in this round, and that were found beyond what had to be there. */
  readonly acknowledged: number;
  readonly beyond: number;
  /** The killed process had the database open: its lock was taken over. */
  readonly tookOver: boolean;
  readonly native: boolean;
}

/** What was found is not what may be; the folder is left as it is. */
export class KillFailure extends Error {
  override readonly name = 'KillFailure';
}

/** One database through all its rounds. */
export class KillSeries {
  #timeline = new Timeline();
  #created = false;
  #next = 1;
  #backups: number[] = [];
  #round = 0;

  constructor(
    readonly plan: KillPlan,
    readonly engine: Engine,
  ) {}

  static async begin(plan: KillPlan): Promise<KillSeries> {
    const fileSystem = new NodeFileSystem();
    const engine = await Engine.create({ fileSystem, ...(plan.wasm && { wasm: plan.wasm }) });
    return new KillSeries(plan, engine);
  }

  end(): void {
    if (!this.engine.crashed) this.engine.free();
  }

  /** Throws KillFailure. */
  async round(scenario: Scenario): Promise<RoundReport> {
    const draw = drawsOf(this.plan.seed * 10_000 + ++this.#round);
    if (scenario.fresh === true) this.#forget();
    const before = this.#next;
    const { lines, killedAt } = await this.#kill(scenario, draw);
    this.#note(scenario, lines);
    this.plan.tamper?.(this.plan.folder);
    const acknowledged = lines.filter((line) => line.startsWith('done ')).length;
    // The next process may find what the killed one has left, or what recovery has made of that.
    const inPlace = draw(2) === 0;
    const native = this.#askNative();
    const folder = inPlace ? this.plan.folder : this.#copy('ours');
    const found = this.#open(`${folder}/db`);
    this.#checkBackups(`${folder}/backups`);
    if (native !== undefined) assertSame('native RocksDB finds', native, found);
    const beyond = this.#timeline.find(found);
    if (typeof beyond === 'string') throw this.#failure(beyond);
    this.#timeline.survived(beyond);
    if (this.#next < before) throw new Error('operations went back');
    const tookOver = lines.lastIndexOf('at opened') > lines.lastIndexOf('at close');
    const { name } = scenario;
    return {
      scenario: name,
      killedAt,
      acknowledged,
      beyond,
      tookOver,
      native: native !== undefined,
    };
  }

  /** Nothing is there, and nothing was promised. */
  #forget(): void {
    fs.rmSync(this.plan.folder, { recursive: true, force: true });
    fs.mkdirSync(this.plan.folder, { recursive: true });
    this.#timeline = new Timeline();
    this.#created = false;
    this.#backups = [];
  }

  /** Starts a process, and kills it shortly after one of its marks. */
  #kill(scenario: Scenario, draw: Draw): Promise<{ lines: string[]; killedAt: string }> {
    const { command, folder, seed, patienceMs } = this.plan;
    const task: ChildTask = { scenario, folder, seed, next: this.#next };
    const [program = '', ...args] = command;
    const marks = scenario.at[draw(scenario.at.length)] as Mark;
    // Of what happens often, a later one.
    let left = marks === 'written' ? draw(300) + 1 : scenario.fresh === true ? 1 : draw(6) + 1;
    const delayMs = [0, 0, draw(3), draw(20), draw(60)][draw(5)] as number;
    return new Promise((resolve, reject) => {
      const child = spawn(program, [...args, JSON.stringify(task)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let text = '';
      let errors = '';
      let seen = 0;
      const kill = () => child.kill('SIGKILL');
      const patience = setTimeout(kill, patienceMs);
      child.stderr.on('data', (data) => {
        errors = `${errors}${data}`.slice(-4000);
      });
      child.stdout.on('data', (data) => {
        text += data;
        for (let end = text.indexOf('\n', seen); end >= 0; end = text.indexOf('\n', seen)) {
          const line = text.slice(seen, end);
          seen = end + 1;
          if (line !== `at ${marks}` || --left !== 0) continue;
          if (delayMs === 0) kill();
          else setTimeout(kill, delayMs);
        }
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(patience);
        if (signal !== 'SIGKILL') {
          reject(new KillFailure(`the process ended by itself with ${code ?? signal}: ${errors}`));
          return;
        }
        const lines = text.slice(0, seen).split('\n').filter(Boolean);
        const killedAt = lines.findLast((line) => line.startsWith('at '))?.slice(3) ?? 'its start';
        resolve({ lines, killedAt });
      });
    });
  }

  /** What the process has said. A process that is killed takes nothing with it that the system has. */
  #note(scenario: Scenario, lines: readonly string[]): void {
    for (const line of lines) {
      const [what = '', value = ''] = line.split(' ');
      const number = Number(value);
      if (what === 'begun' || what === 'ingesting') {
        const operation = operationOf(this.plan.seed, number);
        const effects =
          what === 'begun'
            ? effectsOf(operation)
            : effectsOf({ ...operation, changes: ingested(operation, number) });
        this.#timeline.begin(effects);
        this.#next = number + 1;
      } else if (what === 'flushed' || (what === 'done' && scenario.manual !== true)) {
        this.#timeline.durable();
      } else if (what === 'backup') this.#backups = [...this.#backups, number].slice(-3);
      else if (line === 'at opened') this.#created = true;
    }
  }

  #open(path: string): State {
    let db: RocksDB<'utf8', 'utf8'>;
    try {
      db = RocksDB.openSync<'utf8', 'utf8'>(path, {
        keyEncoding: 'utf8',
        valueEncoding: 'utf8',
        createIfMissing: !this.#created,
        engine: this.engine,
      });
    } catch (error) {
      throw this.#failure(`the database cannot be opened: ${error}`);
    }
    try {
      db.verifyChecksum();
      return contentOf(db);
    } finally {
      db.close();
    }
  }

  #checkBackups(path: string): void {
    if (this.#backups.length === 0) return;
    const { engine } = this;
    const backups = BackupEngine.openSync(path, { engine });
    try {
      const there = new Set(backups.getBackupInfo().map(({ backupId }) => backupId));
      // The purge that follows a backup may have come to an end or not.
      const newest = this.#backups.slice(-1);
      for (const id of newest) {
        if (!there.has(id)) throw this.#failure(`backup ${id} is not there`);
        backups.verifyBackup(id, { verifyWithChecksum: true });
      }
    } finally {
      backups.free();
    }
  }

  /** Native RocksDB opens a copy for writing, then reads it. */
  #askNative(): State | undefined {
    const { driver } = this.plan;
    if (driver === undefined) return undefined;
    const path = `${this.#copy('native')}/db`;
    const stored =
      fs.existsSync(path) && fs.readdirSync(path).some((n) => n.startsWith('OPTIONS-'));
    if (!stored && this.#created) throw this.#failure('there is no OPTIONS file');
    fs.mkdirSync(path, { recursive: true });
    // Without an OPTIONS file the database was still being made; its only family is the default one.
    const opening = stored ? ['open'] : ['db create_if_missing=true', 'family default ', 'open'];
    this.#run(driver, ['write', path], `${opening.join('\n')}\n`);
    return parseDump(this.#run(driver, ['read', path]));
  }

  #run([program = '', ...first]: readonly string[], args: readonly string[], input = ''): string {
    const options = { input, encoding: 'utf8', maxBuffer: 1 << 30 } as const;
    const { status, signal, stdout, stderr } = spawnSync(program, [...first, ...args], options);
    if (status === 0) return stdout;
    throw this.#failure(`native RocksDB, ${args[0]}, ended with ${status ?? signal}: ${stderr}`);
  }

  #copy(name: string): string {
    const to = `${this.plan.folder}-${name}`;
    fs.rmSync(to, { recursive: true, force: true });
    fs.cpSync(this.plan.folder, to, { recursive: true });
    return to;
  }

  #failure(message: string): KillFailure {
    return new KillFailure(`round ${this.#round}: ${message}`);
  }
}

function contentOf(db: RocksDB<'utf8', 'utf8'>): Map<string, string> {
  const content = new Map<string, string>();
  for (const name of db.columnFamilyNames) {
    const columnFamily = db.columnFamily(name);
    const iterator = db.iterator(columnFamily === undefined ? {} : { columnFamily });
    for (const [key, value] of iterator) content.set(`${name} ${key}`, value);
    iterator.free();
  }
  return content;
}

/** See driver.cc. */
function parseDump(dump: string): Map<string, string> {
  const content = new Map<string, string>();
  const text = (hex = '-') => (hex === '-' ? '' : Buffer.from(hex, 'hex').toString());
  let family = '';
  for (const line of dump.trimEnd().split('\n').slice(1)) {
    const [first = '', second = ''] = line.split(' ');
    if (first === 'family') family = second;
    else content.set(`${family} ${text(first)}`, text(second));
  }
  return content;
}

function assertSame(what: string, found: State, expected: State): void {
  for (const key of new Set([...found.keys(), ...expected.keys()])) {
    const [is, should] = [found.get(key), expected.get(key)];
    if (is === should) continue;
    throw new KillFailure(`${what} ${is?.slice(0, 30)} at ${key}, not ${should?.slice(0, 30)}`);
  }
}
