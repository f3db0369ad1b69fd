/** All subjects together, in an order that the seed decides; the heap is looked at after each step. */
import { expect } from 'vitest';
import { ledgerIsClean } from '../support/open.js';
import { Callbacks } from './callbacks.js';
import { figureSteps } from './figures.js';
import { Files } from './files.js';
import { logSteps } from './log.js';
import { misuseSteps } from './misuse.js';
import { openingSteps } from './openings.js';
import { Plain } from './plain.js';
import { poolSteps } from './pools.js';
import { readSteps } from './reads.js';
import { Resources } from './resources.js';
import { Transactions } from './transactions.js';
import type { Step, Subject, World } from './world.js';
import { writeSteps } from './writes.js';

interface Drawn {
  readonly subject: Subject;
  readonly step: Step;
}

export class Workload {
  readonly #subjects: readonly Subject[];
  readonly #drawn: readonly Drawn[];

  constructor(readonly world: World) {
    const plain = new Plain(world, [
      readSteps,
      writeSteps,
      misuseSteps,
      figureSteps,
      logSteps,
      openingSteps,
      poolSteps,
    ]);
    this.#subjects = [
      plain,
      new Files(plain),
      new Transactions(world),
      new Resources(world),
      new Callbacks(world),
    ];
    this.#drawn = this.#subjects.flatMap((subject) =>
      subject.steps.flatMap(([weight, step]) => Array<Drawn>(weight).fill({ subject, step })),
    );
  }

  async run(operations: number): Promise<void> {
    for (let i = 0; i < operations; i++) {
      await this.#step();
      const { problems, unexplainedBytes } = this.world.engine.heap.verify();
      if (problems.length > 0 || unexplainedBytes !== 0) {
        const what = [...problems, `${unexplainedBytes} bytes unexplained`].join('; ');
        throw new Error(`after operation ${i}: ${what}`);
      }
    }
  }

  /** Nothing is left then but what the engine holds for its own use. */
  close(): void {
    for (const subject of this.#subjects.toReversed()) subject.close();
    expect(this.world.engine.heap.verify().problems).toEqual([]);
    ledgerIsClean(this.world.engine);
  }

  async #step(): Promise<void> {
    const { world } = this;
    const { subject, step } = world.pick(this.#drawn) as Drawn;
    try {
      await step();
    } catch (error) {
      if (world.note(error).severity !== undefined || subject.lost) this.#recover(subject);
    }
  }

  /** Closing and opening may fail by what background work has met before; not twice. */
  #recover(subject: Subject): void {
    try {
      subject.recover();
    } catch (error) {
      this.world.note(error);
      subject.recover();
    }
  }
}
