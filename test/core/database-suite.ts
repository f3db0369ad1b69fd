import { describe } from 'vitest';
import { backupSuite, destroySuite } from './backup-suite.js';
import { batchSuite } from './batch-suite.js';
import { checkpointSuite } from './checkpoint-suite.js';
import { columnFamilySuite } from './column-family-suite.js';
import { copySuite } from './copy-suite.js';
import { encodingSuite } from './encoding-suite.js';
import { filesSuite } from './files-suite.js';
import { handleSuite } from './handle-suite.js';
import type { MakeHost } from './host.js';
import { iteratorSuite } from './iterator-suite.js';
import { maintenanceSuite } from './maintenance-suite.js';
import { monitorSuite } from './monitor-suite.js';
import { openSuite } from './open-suite.js';
import { pinnedSliceSuite } from './pinned-slice-suite.js';
import { readWriteSuite } from './read-write-suite.js';
import { seekSuite } from './seek-suite.js';
import { snapshotSuite } from './snapshot-suite.js';
import { sstFileSuite } from './sst-file-suite.js';

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
    checkpointSuite(makeHost);
    sstFileSuite(makeHost);
    backupSuite(makeHost);
    destroySuite(makeHost);
    filesSuite(makeHost);
    copySuite(makeHost);
    handleSuite(makeHost);
    monitorSuite(makeHost);
  });
}
