// Processes that race for one database, round after round: who had it is judged by witness.mjs, and how they were
// answered here.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { random } from './random.mjs';
import { violationsIn } from './witness.mjs';

const CONTENDER = fileURLToPath(new URL('contender.mjs', import.meta.url));
/** What takes longer hangs. */
const ANSWER_MS = 300_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Contender {
  killed = false;
  /** It may be told what to do. */
  ready = false;
  #child;
  #lines = [];
  #waiting = [];
  #errors = '';

  constructor(id, [program, ...args], folder, entry) {
    this.id = id;
    this.#child = spawn(program, [...args, CONTENDER, id, folder, entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (data) => {
      this.#errors = (this.#errors + data).slice(-4000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
    this.exited = new Promise((resolve) => {
      this.#child.on('error', resolve);
      this.#child.on('close', resolve);
    }).then(() => {
      this.#take('gone');
    });
  }

  get pid() {
    return this.#child.pid;
  }

  send(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next line that it says; `gone` when it was killed. */
  async answer() {
    const line = this.#lines.shift() ?? (await this.#next());
    if (line.startsWith('failed') || (line === 'gone' && !this.killed)) {
      throw new Error(`${this.id} ${line}\n${this.#errors}`);
    }
    return line;
  }

  async ask(line) {
    this.send(line);
    return this.answer();
  }

  async kill() {
    this.killed = true;
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #next() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.id} does not answer\n${this.#errors}`)),
        ANSWER_MS,
      );
      this.#waiting.push((line) => {
        clearTimeout(timer);
        resolve(line);
      });
    });
  }

  #take(line) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#lines.push(line);
    else waiting(line);
  }
}

class Race {
  counts = { attempts: 0, kills: 0, reused: 0, foreign: 0, native: 0 };
  violations = [];
  #options;
  #random;
  #contenders = [];
  #spawned = 0;
  #db;
  /** The content of an owner file as one of them wrote it. */
  #record;

  constructor(options) {
    this.#options = options;
    this.#random = random(options.seed);
    this.#db = `${options.folder}/db`;
  }

  async run() {
    const { rounds, processes, onRound } = this.#options;
    try {
      this.#contenders = Array.from({ length: processes }, (_, slot) => this.#spawn(slot));
      for (let round = 0; round < rounds; round++) {
        await this.#round(round);
        onRound?.(round + 1, this.violations.length);
      }
      await this.#ready();
      const verdict = await this.#contenders[0].ask('verify');
      const log = fs.readFileSync(`${this.#options.folder}/witness.log`, 'utf8');
      const { violations, entered, count } = violationsIn(log);
      this.violations.push(...violations);
      if (verdict !== `verified ${count}`) {
        this.violations.push(`in the end: ${verdict}, though the log counts ${count}`);
      }
      return { ...this.counts, entered, violations: this.violations };
    } finally {
      await Promise.all(this.#contenders.map((contender) => contender.kill()));
    }
  }

  #spawn(slot) {
    const { commands, folder, entry } = this.#options;
    const id = `${slot}.${this.#spawned++}`;
    const contender = new Contender(id, commands[slot % commands.length], folder, entry);
    contender.slot = slot;
    contender.started = contender.answer();
    contender.started.catch(() => {});
    return contender;
  }

  async #ready() {
    for (const contender of this.#contenders) {
      if (contender.ready) continue;
      const line = await contender.started;
      if (line !== 'ready') throw new Error(`${contender.id} said ${line} instead of ready`);
      contender.ready = true;
    }
  }

  #complain(round, what) {
    this.violations.push(`round ${round}: ${what}`);
  }

  /** Kills it, and has another in its place for the next round. */
  #kill(contender) {
    this.counts.kills++;
    fs.appendFileSync(`${this.#options.folder}/witness.log`, `kill ${contender.id}\n`);
    const killed = contender.kill();
    this.#contenders[contender.slot] = this.#spawn(contender.slot);
    return killed;
  }

  async #round(round) {
    await this.#ready();
    const next = this.#random;
    // All are drawn in every round, so that each depends on the seed alone.
    const [kind, slot, pause, how, stray] = [100, 1000, 20, 2, 40].map(next);
    const seeds = this.#contenders.map(() => next(2 ** 31));
    const { native } = this.#options;
    let holder;
    if (kind < 5 && this.#record !== undefined) holder = await this.#foreign(round);
    else if (kind < 10 && native !== undefined && this.#record !== undefined)
      holder = await this.#native(round);
    else {
      if (kind < 25) this.#plantReused(slot);
      holder = await this.#rush(round, stray < 10 ? { slot, after: stray } : undefined);
    }
    const others = this.#contenders.filter((each) => each !== holder && each.ready);
    const seekers = others.map((each, index) => ({ each, said: each.ask(`seek ${seeds[index]}`) }));
    await sleep(pause);
    // Who wants it now gets it by and by, whatever has become of who had it.
    const given = holder === undefined ? undefined : this.#giveUp(holder, how === 0);
    await this.#handOver(round, seekers);
    await given;
  }

  #giveUp(holder, byDeath) {
    return byDeath ? this.#kill(holder) : holder.ask('close');
  }

  /** All at once: one gets it, and the others are told who. Undefined: that one was killed. */
  async #rush(round, stray) {
    const at = Date.now() + 20;
    const all = [...this.#contenders];
    const said = all.map((each) => each.ask(`try ${at}`));
    const victim = stray && all[stray.slot % all.length];
    if (victim !== undefined) {
      await sleep(20 + stray.after);
      await this.#kill(victim);
    }
    const answers = await Promise.all(said);
    this.counts.attempts += all.length;
    const winners = all.filter((_, index) => answers[index] === 'held');
    const alive = winners.filter((each) => each !== victim);
    // The victim may have had it and died, so that another got it, or may be what the others were told of.
    if (alive.length > 1 || (winners.length === 0 && victim === undefined)) {
      this.#complain(round, `${alive.length} of ${all.length} got it`);
    }
    const pids = [...winners, ...(victim === undefined ? [] : [victim])].map(({ pid }) => pid);
    for (const [index, line] of answers.entries()) {
      if (!line.startsWith('refused') || pids.includes(Number(line.split(' ')[1]))) continue;
      this.#complain(round, `${all[index].id} was ${line}, but ${pids} had it`);
    }
    if (alive.length > 0) this.#remember();
    return alive[0];
  }

  /** Those who seek it: one gets it, and the others do not until it is closed. */
  async #handOver(round, seekers) {
    const first = await Promise.race(
      seekers.map(async ({ each, said }) =>
        (await said) === 'held' ? each : new Promise(() => {}),
      ),
    );
    await sleep(this.#random(10));
    for (const { each } of seekers) if (each !== first) each.send('stop');
    const answers = await Promise.all(seekers.map(({ said }) => said));
    this.counts.attempts += seekers.length;
    const held = answers.filter((answer) => answer === 'held').length;
    if (held !== 1)
      this.#complain(round, `${held} of ${seekers.length} got it when it was given up`);
    this.#remember();
    await first.ask('close');
    const left = this.#ownerFiles();
    if (left.length > 0) this.#complain(round, `left behind: ${left}`);
  }

  /** A holder on another host, which nothing proves dead: until its record is removed by hand. */
  async #foreign(round) {
    this.counts.foreign++;
    const file = this.#plant({ host: 'elsewhere' });
    await this.#allRefused(round, this.#record.pid);
    fs.unlinkSync(file);
    return undefined;
  }

  /** A native RocksDB process, which is killed in the end. */
  async #native(round) {
    this.counts.native++;
    const [program, ...args] = this.#options.native;
    const stdio = ['pipe', 'ignore', 'inherit'];
    const child = spawn(program, [...args, 'write', this.#db], { stdio });
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
      child.stdin.write('open\n');
      const until = Date.now() + ANSWER_MS;
      while (!fs.readFileSync('/proc/locks', 'utf8').includes(` ${child.pid} `)) {
        if (Date.now() > until) throw new Error('native RocksDB does not open it');
        await sleep(5);
      }
      await this.#allRefused(round, child.pid);
    } finally {
      child.stdin.destroy();
      child.kill('SIGKILL');
      await ended;
    }
    return undefined;
  }

  async #allRefused(round, pid) {
    const at = Date.now() + 20;
    const answers = await Promise.all(this.#contenders.map((each) => each.ask(`try ${at}`)));
    this.counts.attempts += answers.length;
    for (const [index, answer] of answers.entries()) {
      if (answer === `refused ${pid}`) continue;
      this.#complain(round, `${this.#contenders[index].id}: ${answer}, instead of refused ${pid}`);
    }
  }

  /** A record of a dead process whose number another process has by now. Only Linux tells. */
  #plantReused(slot) {
    if (typeof this.#record?.startTime !== 'string') return;
    this.counts.reused++;
    const { pid } = this.#contenders[slot % this.#contenders.length];
    this.#plant({ pid, startTime: `${this.#record.startTime}0`, threadId: null });
  }

  #plant(changes) {
    const file = `${this.#db}/LOCK.owner.1`;
    fs.writeFileSync(file, JSON.stringify({ ...this.#record, token: 'planted', ...changes }));
    return file;
  }

  #ownerFiles() {
    return fs.readdirSync(this.#db).filter((name) => name.startsWith('LOCK.owner.'));
  }

  /** While one has it. */
  #remember() {
    if (this.#record !== undefined) return;
    const [name] = this.#ownerFiles().filter((each) => /\d$/.test(each));
    this.#record = JSON.parse(fs.readFileSync(`${this.#db}/${name}`, 'utf8'));
  }
}

/**
 * Runs a race; rejects when one of the processes fails or hangs.
 *
 * `folder`: where, empty. `entry`: URL of the package. `commands`: command lines of runtimes, in turn. `native`: a
 * command line of test/native/driver.cc.
 */
export function race(options) {
  return new Race(options).run();
}
