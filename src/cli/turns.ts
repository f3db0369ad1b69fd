/** Lets signals in while something long runs: calls of the database are synchronous. */
import { setImmediate as immediate } from 'node:timers/promises';

/** Between two turns of the event loop. */
const TURN_MS = 20;

/** Returns a function to be called often: when it is time it gives the event loop a turn, and throws when aborted. */
export function turns(signal: AbortSignal): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN_MS) return undefined;
    return immediate().then(() => {
      last = performance.now();
      signal.throwIfAborted();
    });
  };
}
