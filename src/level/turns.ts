/**
 * The engine is synchronous: a loop that only awaits its calls would run in microtasks for ever, and no timer or socket
 * would get its turn. So calls are done at once, but once a turn of the event loop has had its share of them,
 * their results wait for the next turn.
 */

/** Milliseconds of calls after which results wait. */
const SHARE_MS = 4;

// As they are now: a test's fake timers would stand still.
const nextTurn: (work: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (work) => setTimeout(work, 0);
const now = performance.now.bind(performance);

/** When the share of this turn is used up; 0: nothing was called in it yet. */
let end = 0;
let next: Promise<void> | undefined;

/** Resolves in the next turn; undefined when this one has time left. */
export function pause(): Promise<void> | undefined {
  const time = now();
  if (end === 0) {
    end = time + SHARE_MS;
    nextTurn(beginTurn);
    return undefined;
  }
  if (time < end) return undefined;
  next ??= new Promise((resolve) => {
    nextTurn(() => {
      beginTurn();
      next = undefined;
      resolve();
    });
  });
  return next;
}

function beginTurn(): void {
  end = 0;
}

/** A result, when its time has come. */
export function paced<T>(value: T): T | Promise<T> {
  const waiting = pause();
  return waiting === undefined ? value : waiting.then(() => value);
}
