export { type Leak, LeakError } from './leak-error.js';
export { assertNoLiveHandles } from './live-handles.js';
export { assertNoLeak, type NoLeakOptions } from './no-leak.js';
export type { AnyRocksDB } from './scope.js';
export { withDb } from './with-db.js';
