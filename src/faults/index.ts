/** Disks that fail, for chaos drills: see docs/faults.md and docs/power-cuts.md. */
export { type DiskDigestOptions, diskDigest } from './disk-digest.js';
export { FaultFileSystem, type FaultFileSystemOptions } from './fault-file-system.js';
export type { FaultFunction, InjectedFault } from './injector.js';
export { OPERATIONS, type Operation } from './operations.js';
export {
  type Appends,
  type PowerCut,
  PowerCutFileSystem,
  type PowerCutModel,
  type PowerCutOperation,
  type PowerCutOptions,
} from './power-cut-file-system.js';
export type { FaultEffect, FaultRule } from './rules.js';
