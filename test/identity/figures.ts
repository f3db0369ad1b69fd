/** What a database and its engine tell about themselves. */
import type { Plain } from './plain.js';
import type { Weighted } from './world.js';

export function figureSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  const { engine } = world;
  const seldom = (step: () => unknown) => [1, world.rarely(6, step)] as const;
  return [
    [1, () => engine.pump(world.below(3))],
    [1, () => plain.db.getProperty('rocksdb.stats')],
    [1, () => plain.db.getIntProperty('rocksdb.estimate-num-keys', plain.target())],
    [1, () => plain.db.getMapProperty('rocksdb.cfstats', plain.target())],
    [1, () => measure(plain)],
    seldom(() => plain.db.getAggregatedIntProperty('rocksdb.cur-size-all-mem-tables')),
    seldom(() => plain.db.stats()),
    seldom(() => plain.db.blockCacheEntryStats()),
    seldom(() => plain.db.writeStallState(plain.target())),
    seldom(() => plain.db.getPropertiesOfAllTables(plain.target())),
    seldom(() => plain.db.getColumnFamilyMetaData(plain.target())),
    seldom(() => plain.db.getLiveFilesMetaData()),
    seldom(() => plain.db.getStatsHistory()),
    seldom(() => plain.db.memoryUsageByType()),
    seldom(() => plain.db.getOptions(plain.target())),
    seldom(() => plain.db.resetStats()),
    seldom(() => engine.heap.top()),
    seldom(() => engine.ioStatsContext.report()),
  ];
}

/** Once in four times what is measured fails. */
function measure({ world, db }: Plain): void {
  db.withPerfContext('enableTime', () => {
    db.get(world.key());
    if (world.once(4)) db.get(world.key(), { timestamp: 1n });
  });
}
