import { appendFileSync, closeSync, openSync } from 'node:fs';
import { wholeStack } from './sites.js';

/** One allocation or free on the wasm heap, as it happens. */
export interface AllocationEvent {
  readonly type: 'allocate' | 'free';
  readonly address: number;
  /** As asked for. */
  readonly bytes: number;
  /** Which part of the engine, or which kind of handle, the block belongs to. */
  readonly owner: string;
  /** The engine's operation number. */
  readonly operation: number;
  /** Milliseconds since 1970, by the engine's clock, when that operation's first event came. */
  readonly time: number;
  /** Who did it: frames of C++ and of JavaScript, innermost first; undefined without stacks. */
  readonly stack: string | undefined;
}

export interface TraceOptions {
  /**
   * A function that gets the events in blocks, in order, or the path of a file that gets them as JSON lines.
   * The function must not use the engine: it is called while the engine works. Default: nowhere; the live
   * blocks are still known by their stack.
   */
  to?: string | ((events: readonly AllocationEvent[]) => void);
  /** Capture a stack for each allocation and free. Default: true. */
  stacks?: boolean;
  /** Know of each live block what allocated it: `live()` and `sites()`. Default: when there is no `to`. */
  keepLive?: boolean;
}

/** Live blocks that were allocated at one place. */
export interface AllocationSite {
  readonly owner: string;
  readonly stack: string | undefined;
  readonly bytes: number;
  readonly blocks: number;
}

/** What a trace needs of its engine. */
export interface TraceSource {
  /** The operation number, and milliseconds since 1970. */
  readonly clock: { readonly operations: number; readonly now: () => number };
  ownerName(owner: number): string;
  /** Puts function names into a captured stack. */
  readable(stack: string): string;
  /** Tells the allocator whom to call. */
  listen(trace: AllocationTrace | undefined): void;
}

const BLOCK_OF_EVENTS = 1024;
const FRAMES = 50;

/**
 * A record of every allocation and free from now on, until `stop()`. What a sink throws (or the engine's clock,
 * or what the program prepares stacks with) ends the trace and comes out of `stop()`.
 */
export class AllocationTrace {
  readonly #source: TraceSource;
  readonly #sink: ((events: readonly AllocationEvent[]) => void) | undefined;
  readonly #stacks: boolean;
  readonly #live: Map<number, AllocationEvent> | undefined;
  #events: AllocationEvent[] = [];
  #operation = -1;
  #time = 0;
  #file: number | undefined;
  #running = true;
  #error: unknown;

  /** @internal Made by `heap.trace()`. */
  constructor(source: TraceSource, options: TraceOptions = {}) {
    const { to, stacks = true, keepLive = to === undefined } = options;
    this.#source = source;
    this.#stacks = stacks;
    this.#live = keepLive ? new Map() : undefined;
    this.#sink = typeof to === 'string' ? this.#fileSink(to) : to;
    source.listen(this);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Blocks that were allocated since the trace began and are live. Needs `keepLive`. */
  live(): readonly AllocationEvent[] {
    return [...(this.#live?.values() ?? [])];
  }

  /** Live blocks by owner and stack, most bytes first. Needs `keepLive`. */
  sites(): readonly AllocationSite[] {
    const sites = new Map<string, { -readonly [K in keyof AllocationSite]: AllocationSite[K] }>();
    for (const { owner, stack, bytes } of this.live()) {
      const key = `${owner}\n${stack}`;
      const site = sites.get(key) ?? { owner, stack, bytes: 0, blocks: 0 };
      if (site.blocks === 0) sites.set(key, site);
      site.bytes += bytes;
      site.blocks++;
    }
    return [...sites.values()].sort((a, b) => b.bytes - a.bytes);
  }

  /** Gives the events so far to the sink, the last ones too. */
  flush(): void {
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    try {
      this.#sink?.(events);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the trace. Throws what its sink threw. */
  stop(): void {
    if (this.#running) {
      this.flush();
      this.#end();
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** @internal */
  allocated(address: number, bytes: number, owner: number): void {
    try {
      const event = this.#event('allocate', address, bytes, owner);
      this.#live?.set(address, event);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @internal */
  freed(address: number, bytes: number, owner: number): void {
    try {
      this.#event('free', address, bytes, owner);
      this.#live?.delete(address);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @internal The engine is gone. */
  ended(): void {
    if (this.#running) this.flush();
    this.#end();
  }

  #event(
    type: AllocationEvent['type'],
    address: number,
    bytes: number,
    owner: number,
  ): AllocationEvent {
    const operation = this.#source.clock.operations;
    if (operation !== this.#operation) {
      this.#operation = operation;
      this.#time = this.#source.clock.now();
    }
    const event: AllocationEvent = {
      type,
      address,
      bytes,
      owner: this.#source.ownerName(owner),
      operation,
      time: this.#time,
      stack: this.#stacks ? wholeStack(FRAMES, this.#source.readable) : undefined,
    };
    if (this.#sink !== undefined) {
      this.#events.push(event);
      if (this.#events.length >= BLOCK_OF_EVENTS) this.flush();
    }
    return event;
  }

  /** Nothing may be thrown through the engine, which is at work. */
  #fail(error: unknown): void {
    this.#error = error;
    this.#end();
  }

  #end(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#source.listen(undefined);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** JSON lines: `{"stack": n, "frames": [...]}` before the first event that refers to stack n. */
  #fileSink(path: string): (events: readonly AllocationEvent[]) => void {
    const file = openSync(path, 'w');
    this.#file = file;
    const known = new Map<string, number>();
    return (events) => {
      let lines = '';
      for (const event of events) {
        let stack: number | undefined;
        if (event.stack !== undefined) {
          stack = known.get(event.stack);
          if (stack === undefined) {
            stack = known.size + 1;
            known.set(event.stack, stack);
            lines += `${JSON.stringify({ stack, frames: event.stack.split('\n') })}\n`;
          }
        }
        lines += `${JSON.stringify({ ...event, stack })}\n`;
      }
      appendFileSync(file, lines);
    };
  }
}
