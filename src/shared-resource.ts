import type { Engine } from './engine.js';
import { InvalidOptionError } from './errors.js';
import type { HandleKind } from './monitor/ledger.js';
import type { Exports } from './native/exports.gen.js';
import type { Release } from './native/handle-core.js';
import { NativeObject } from './native/native-object.js';

/**
 * What databases of one engine share: a cache, statistics, a limiter. It is passed to them as an option. They
 * keep it alive in RocksDB; freeing the handle gives up only the handle's own hold.
 */
export abstract class SharedResource extends NativeObject {
  readonly #engine: Engine;

  /** @internal */
  protected constructor(engine: Engine, kind: HandleKind, pointer: number, release: Release) {
    super(engine.context, kind, engine, pointer, release);
    this.#engine = engine;
  }

  /** @internal The pointer, when the handle is live and of this engine. */
  pointerFor(engine: Engine, path: string): number {
    this.assertLive();
    if (engine !== this.#engine) {
      const name = this.constructor.name;
      throw new InvalidOptionError(
        `${path}: expected a ${name} of the same engine, got one of another engine`,
        path,
        this,
      );
    }
    this.touch();
    return this.core.pointer;
  }

  /** Counts an operation; the engine, when it and the handle can be used. */
  protected used(): Engine {
    this.#engine.assertUsable();
    this.assertLive();
    this.use();
    return this.#engine;
  }

  /** The exports, likewise. */
  protected calls(): Exports {
    return this.used().native.calls;
  }
}
