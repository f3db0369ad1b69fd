/** The log, and what of a database can be held up. */
import type { DatabaseHold } from 'rocksdb-wasm';
import type { Plain } from './plain.js';
import type { Weighted } from './world.js';

export function logSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  return [
    [1, () => newLog(plain)],
    [2, () => world.pick(plain.logs)?.next()],
    [1, () => world.freeOne(plain.logs)],
    [1, world.rarely(4, () => plain.db.flushWAL(world.once(2)))],
    [1, world.rarely(4, () => plain.db.getSortedWalFiles())],
    [1, world.rarely(4, () => plain.db.getCurrentWalFile())],
    [1, world.rarely(5, () => hold(plain, () => plain.db.lockWAL()))],
    [1, world.rarely(5, () => hold(plain, () => plain.db.pauseBackgroundWork()))],
    [1, world.rarely(5, () => hold(plain, () => plain.db.disableFileDeletions()))],
    // They hinder the others, so they do not live long.
    [8, () => world.freeOne(plain.holds)],
    [1, world.rarely(8, () => plain.db.enableFileDeletions())],
  ];
}

function newLog({ world, db, logs }: Plain): void {
  world.atMost(3, logs);
  const latest = db.latestSequenceNumber;
  const back = BigInt(world.below(2000));
  logs.push(db.getUpdatesSince(back > latest ? 0n : latest - back, { allowGaps: world.once(2) }));
}

function hold({ world, holds }: Plain, take: () => DatabaseHold): void {
  world.atMost(3, holds);
  holds.push(take());
}
