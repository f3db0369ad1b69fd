import { describe } from 'vitest';
import { batchContentSuite } from './batch-content-suite.js';
import { batchSuite } from './batch-suite.js';
import { columnFamilySuite } from './column-family-suite.js';
import { encodingSuite } from './encoding-suite.js';
import { eventsSuite } from './events-suite.js';
import { handleSuite } from './handle-suite.js';
import type { MakeHost } from './host.js';
import { iteratorSuite } from './iterator-suite.js';
import { logSuite } from './log-suite.js';
import { maintenanceSuite } from './maintenance-suite.js';
import { monitorSuite } from './monitor-suite.js';
import { openSuite } from './open-suite.js';
import { optionSuite } from './option-suite.js';
import { pinnedSliceSuite } from './pinned-slice-suite.js';
import { readWriteSuite } from './read-write-suite.js';
import { readingSuite } from './reading-suite.js';
import { seekSuite } from './seek-suite.js';
import { snapshotSuite } from './snapshot-suite.js';
import { timestampSuite } from './timestamp-suite.js';
import { wideColumnSuite } from './wide-column-suite.js';

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
    readingSuite(makeHost);
    wideColumnSuite(makeHost);
    timestampSuite(makeHost);
    batchContentSuite(makeHost);
    columnFamilySuite(makeHost);
    encodingSuite(makeHost);
    maintenanceSuite(makeHost);
    optionSuite(makeHost);
    handleSuite(makeHost);
    eventsSuite(makeHost);
    logSuite(makeHost);
    monitorSuite(makeHost);
  });
}
