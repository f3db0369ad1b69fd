/** Disks that fail, for chaos drills: see docs/faults.md. */
export { FaultFileSystem, type FaultFileSystemOptions } from './fault-file-system.js';
export type { FaultFunction, InjectedFault } from './injector.js';
export { OPERATIONS, type Operation } from './operations.js';
export type { FaultEffect, FaultRule } from './rules.js';
