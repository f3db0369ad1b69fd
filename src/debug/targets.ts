/** Which engines are looked at. */

import { Engine } from '../engine.js';
import { InvalidArgumentError } from '../errors.js';
import type { HeapMonitor } from '../monitor/heap-monitor.js';
import { engines as allEngines } from '../monitor/registry.js';
import { shown } from '../shown.js';

/** An engine, or a database, whose engine is meant. */
export type DebugTarget = Engine | { readonly engine: Engine };

/**
 * The engines that were given, or all of the process. It holds no engine that it was not given, so that one that the
 * program has lost can be collected.
 */
export class Targets {
  readonly #chosen: readonly Engine[] | undefined;
  /** What ends the sampling of each. */
  readonly #watching = new WeakMap<HeapMonitor, () => void>();
  #stopped = false;

  /** Throws InvalidArgumentError. */
  constructor(engines: readonly DebugTarget[] | undefined) {
    if (engines !== undefined && !Array.isArray(engines)) {
      throw invalidTargets('an array of engines or databases', engines);
    }
    this.#chosen = engines && [...new Set(engines.map(engineOf))];
    this.list();
  }

  /** Those that are not freed, in the order in which they were made. Each is sampled from now on. */
  list(): Engine[] {
    const engines = this.#chosen ?? registered();
    const present = engines.filter(({ freed, crashed }) => !freed || crashed);
    for (const { heap, crashed } of present) {
      if (this.#stopped || crashed || this.#watching.has(heap)) continue;
      this.#watching.set(heap, heap.watch());
    }
    return present;
  }

  /** Ends the sampling. */
  stop(): void {
    for (const { heap } of this.list()) this.#watching.get(heap)?.();
    this.#stopped = true;
  }
}

/** Those of the process that are not lost. */
function registered(): Engine[] {
  return allEngines().flatMap(({ host }) => (host instanceof Engine ? host : []));
}

function engineOf(target: DebugTarget): Engine {
  if (target instanceof Engine) return target;
  const engine = (target as { readonly engine?: unknown } | undefined)?.engine;
  if (engine instanceof Engine) return engine;
  throw invalidTargets('engines or databases', target);
}

function invalidTargets(expected: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `engines: expected ${expected}, got ${shown(value)}`,
  );
}
