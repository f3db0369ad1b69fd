import { describe } from 'vitest';
import { batchSuite } from './batch-suite.js';
import { batchWithIndexSuite } from './batch-with-index-suite.js';
import { columnFamilySuite } from './column-family-suite.js';
import { encodingSuite } from './encoding-suite.js';
import { handleSuite } from './handle-suite.js';
import type { MakeHost } from './host.js';
import { iteratorSuite } from './iterator-suite.js';
import { maintenanceSuite } from './maintenance-suite.js';
import { monitorSuite } from './monitor-suite.js';
import { openSuite } from './open-suite.js';
import { optimisticSuite } from './optimistic-suite.js';
import { pinnedSliceSuite } from './pinned-slice-suite.js';
import { readWriteSuite } from './read-write-suite.js';
import { seekSuite } from './seek-suite.js';
import { snapshotSuite } from './snapshot-suite.js';
import { transactionSuite } from './transaction-suite.js';
import { twoPhaseSuite } from './two-phase-suite.js';

/** What holds for a database, wherever its files and its engine are. */
export function databaseSuite(name: string, makeHost: MakeHost): void {
  describe(name, () => {
    openSuite(makeHost);
    readWriteSuite(makeHost);
    batchSuite(makeHost);
    iteratorSuite(makeHost);
    seekSuite(makeHost);
    snapshotSuite(makeHost);
    pinnedSliceSuite(makeHost);
    columnFamilySuite(makeHost);
    encodingSuite(makeHost);
    maintenanceSuite(makeHost);
    handleSuite(makeHost);
    monitorSuite(makeHost);
    transactionSuite(makeHost);
    twoPhaseSuite(makeHost);
    optimisticSuite(makeHost);
    batchWithIndexSuite(makeHost);
  });
}
