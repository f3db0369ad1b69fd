/** Runs a workload on a disk, cuts the power at many moments, and has each state that could be left checked. */
import { Engine, ManualClock, SeededRandom } from 'rocksdb-wasm';
import { diskDigest } from '../../src/faults/disk-digest.js';
import { drawsOf } from '../../src/faults/draws.js';
import {
  PowerCutFileSystem,
  type PowerCutModel,
  type PowerCutOperation,
} from '../../src/faults/power-cut-file-system.js';
import type { MemoryFileSystem } from '../../src/wasi/memory-fs.js';
import { Checker, type Survived } from './checker.js';
import { Expected } from './expected.js';
import { BROKEN, type Broken } from './file-systems.js';
import { type Workload, World } from './world.js';

export interface CrashPlan {
  readonly workload: Workload;
  readonly seed: number;
  /** How often the disk that a power cut left is worked on further. */
  readonly lives: number;
  /** How much the workload does: 1 is usual. */
  readonly size: number;
  /** Of 1000 operations, at how many the power is cut: where something is synced, and elsewhere. */
  readonly permille: { readonly sync: number; readonly other: number };
  /** States that are made at each such moment. */
  readonly cuts: number;
  /** Stop after so many distinct states. */
  readonly statesMax?: number;
  readonly model: PowerCutModel;
  readonly broken?: Broken;
  /** Only this state: `LIFE.OPERATION.CUT`. */
  readonly only?: string;
  /** Stop at the first failure. Default: true. */
  readonly stopEarly?: boolean;
}

export interface Failure {
  readonly state: string;
  readonly message: string;
}

export interface CrashReport {
  readonly checked: number;
  readonly digests: readonly string[];
  /** States that had more than what was durable. */
  readonly beyond: number;
  /** States that the power was cut in again while they were recovered. */
  readonly twice: number;
  readonly failures: readonly Failure[];
}

const SYNCS: ReadonlySet<PowerCutOperation> = new Set(['sync', 'dataSync', 'syncDirectory']);
/** RocksDB's own messages, and what names the lock's owner. */
const ignore = (path: string) => /\/(LOG|LOCK)[^/]*$/.test(path);

/**
 * RocksDB takes a MANIFEST whose last record has zeros in it for a damaged one, and refuses to open (every build of it
 * does): there the file system must write data before sizes. Of all other files it needs no such order.
 */
const appends = (path: string) => (path.includes('/MANIFEST-') ? 'inOrder' : 'any');

export async function crash(plan: CrashPlan, wasm: WebAssembly.Module): Promise<CrashReport> {
  const checker = await Checker.create(wasm);
  const run = new Run(plan, checker);
  try {
    let disk: MemoryFileSystem | undefined;
    for (let life = 0; life < plan.lives && !run.over; life++) {
      disk = await run.live(life, disk, wasm);
      if (disk === undefined) break;
    }
    return run.report;
  } finally {
    checker.free();
  }
}

/** What the next life begins with. */
interface Next {
  readonly disk: MemoryFileSystem;
  readonly expected: Expected;
  readonly survived: Survived;
}

class Run {
  readonly #failures: Failure[] = [];
  readonly #seen = new Set<string>();
  readonly #digests = new Set<string>();
  #checked = 0;
  #beyond = 0;
  #twice = 0;
  #expected: Expected;
  #next: Next | undefined;

  constructor(
    readonly plan: CrashPlan,
    readonly checker: Checker,
  ) {
    this.#expected = new Expected(plan.workload.timelineOf);
  }

  get over(): boolean {
    const { statesMax = Number.POSITIVE_INFINITY, stopEarly = true } = this.plan;
    const failed = this.#failures.length > 0 && stopEarly;
    return failed || this.#digests.size >= statesMax || this.checker.engine.crashed;
  }

  get report(): CrashReport {
    return {
      checked: this.#checked,
      digests: [...this.#digests],
      beyond: this.#beyond,
      twice: this.#twice,
      failures: this.#failures,
    };
  }

  /** Returns the disk for the next life. */
  async live(
    life: number,
    contents: MemoryFileSystem | undefined,
    wasm: WebAssembly.Module,
  ): Promise<MemoryFileSystem | undefined> {
    const { workload, seed, model, broken, size } = this.plan;
    const { wrap, dataSyncKeepsSize } = BROKEN[broken ?? 'not'];
    const clock = new ManualClock({ stepNs: 1000n });
    const disk = new PowerCutFileSystem({
      model,
      appends,
      dataSyncKeepsSize,
      clock,
      ...(contents && { contents }),
    });
    const under = wrap(disk);
    const random = new SeededRandom(seed * 100 + life);
    const fileSystem = workload.wrap?.(under) ?? under;
    const engine = await Engine.create({ wasm, clock, random, fileSystem });
    const draw = drawsOf(seed * 100 + life);
    const world = new World(workload, engine, this.#expected, draw, life, size);
    const last = new Cutter(this, disk, life);
    disk.onOperation = (operation) => last.look(operation);
    try {
      workload.run(world);
      last.look('sync');
    } catch (error) {
      this.fail(`${life}`, `the workload itself failed: ${(error as Error).stack ?? error}`);
    } finally {
      disk.onOperation = undefined;
      if (!engine.crashed) engine.free();
    }
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return undefined;
    for (const [name, beyond] of next.survived) next.expected.timeline(name).survived(beyond);
    this.#expected = next.expected;
    return next.disk;
  }

  /** Makes one state, and has it checked. */
  cut(disk: PowerCutFileSystem, life: number, at: number, cut: number): void {
    const { seed, workload } = this.plan;
    const state = `${life}.${at}.${cut}`;
    const cutSeed = ((seed * 64 + life) * 65_536 + at) * 64 + cut;
    const left = disk.afterPowerCut({ seed: cutSeed });
    const expected = this.#expected;
    // The same disk must do again when more is expected of it.
    const once = `${diskDigest(left, { ignore })} ${expected.version}`;
    if (this.#seen.has(once)) return;
    this.#seen.add(once);
    this.#checked++;
    const draw = drawsOf(cutSeed + 1);
    try {
      const again = draw(8) === 0;
      const found = again ? this.#cutAgain(left, draw(2 ** 31)) : left;
      const kept = draw(6) === 0 ? copyOf(found) : undefined;
      this.#digests.add(diskDigest(found, { ignore }));
      const survived = this.checker.check(workload, found, expected);
      if ([...survived.values()].some((count) => count > 0)) this.#beyond++;
      if (kept !== undefined && life + 1 < this.plan.lives) {
        this.#next = { disk: kept, expected: expected.clone(), survived };
      }
    } catch (error) {
      this.fail(state, `${error}`);
    }
  }

  /** The power goes again while the database is being opened. */
  #cutAgain(left: MemoryFileSystem, seed: number): MemoryFileSystem {
    const { workload, model } = this.plan;
    const disk = new PowerCutFileSystem({ model, appends, contents: left });
    const draw = drawsOf(seed);
    let twice: MemoryFileSystem | undefined;
    disk.onOperation = () => {
      if (twice === undefined || draw(10) === 0)
        twice = disk.afterPowerCut({ seed: draw(2 ** 31) });
    };
    const { checker } = this;
    checker.disk.turnTo(workload.wrap?.(disk) ?? disk);
    checker.open(workload, this.#expected).close();
    if (twice === undefined) return left;
    this.#twice++;
    return twice;
  }

  fail(state: string, message: string): void {
    this.#failures.push({ state, message });
  }
}

function copyOf(disk: MemoryFileSystem): MemoryFileSystem {
  return new PowerCutFileSystem({ contents: disk }).afterPowerCut({ seed: 0, survival: 'none' });
}

/** Decides when the power is cut, by the seed and the number of the operation alone. */
class Cutter {
  #afterSync = false;
  #operation = 0;
  readonly #only: readonly number[] | undefined;

  constructor(
    readonly run: Run,
    readonly disk: PowerCutFileSystem,
    readonly life: number,
  ) {
    this.#only = run.plan.only?.split('.').map(Number);
  }

  look(operation: PowerCutOperation): void {
    const at = ++this.#operation;
    const sync = SYNCS.has(operation) || this.#afterSync;
    this.#afterSync = SYNCS.has(operation);
    const { plan } = this.run;
    // Earlier lives are as they were: one of their states is what this one begins with.
    if (this.#only?.[0] === this.life) {
      const [, only, cut = 0] = this.#only;
      if (only === at) this.run.cut(this.disk, this.life, at, cut);
      return;
    }
    if (this.run.over) return;
    const draw = drawsOf((plan.seed * 64 + this.life) * 65_536 + at);
    if (draw(1000) >= (sync ? plan.permille.sync : plan.permille.other)) return;
    for (let cut = 0; cut < plan.cuts; cut++) this.run.cut(this.disk, this.life, at, cut);
  }
}
