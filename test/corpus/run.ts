/** Runs a program of the leak corpus. */
import { type Program, World, type WorldOptions } from './world.js';

const DEFAULT_MS = 5;
const DEFAULT_OPERATIONS = 20;

/** A program under way. */
export class Run {
  readonly world: World;
  readonly #program: Program<unknown>;
  readonly #state: unknown;
  /** The program's own, which are several of the ledger's each. */
  operations = 0;

  private constructor(program: Program<unknown>, world: World, state: unknown) {
    this.#program = program;
    this.world = world;
    this.#state = state;
  }

  static async start(program: Program<unknown>, options: WorldOptions): Promise<Run> {
    const world = await World.create(options);
    return new Run(program, world, await program.setup(world));
  }

  /** Operations that the ledger has counted; a report has the number, too, but takes longer to make. */
  get ledgerOperations(): number {
    const { ledger } = this.world.engine as unknown as { ledger: { operations: number } };
    return ledger.operations;
  }

  /** One operation; a promise when the program's is one. */
  step(): unknown {
    this.operations++;
    this.world.wait(this.#program.everyMs ?? DEFAULT_MS);
    return this.#program.operation(this.#state, this.world);
  }

  /** A round of test mode, up to a point where nothing is under way. */
  async round(): Promise<void> {
    this.world.beginRound();
    const operations = this.#program.operationsPerRound ?? DEFAULT_OPERATIONS;
    for (let i = 0; i < operations; i++) await this.step();
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.#program.settle?.(this.#state, this.world);
  }

  /** Production mode: operations until the ledger has counted so many. */
  async until(ledgerOperations: number): Promise<void> {
    while (this.ledgerOperations < ledgerOperations) {
      const done = this.step();
      if (done instanceof Promise) await done;
    }
  }

  /** The service ends, and with it the engine. */
  async end(): Promise<void> {
    await this.#program.teardown(this.#state, this.world);
    this.world.engine.free();
  }
}
