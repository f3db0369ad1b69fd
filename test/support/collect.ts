/** Forced garbage collection, on every runtime. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

function collector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Collects what nothing reaches; weak references last for the turn that they were made or read in. */
export const collect: () => void = collector();

/** Collects, turn after turn, until `done` holds; at most a hundred times. Returns whether it does. */
export async function collectUntil(done: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !done(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    collect();
  }
  return done();
}

/** Collects a few times, so that what would be found has been found. */
export async function collectAll(): Promise<void> {
  let rounds = 0;
  await collectUntil(() => rounds++ === 8);
}
