import { FILE_TARGETS } from './file-target.js';
import type { Target } from './world.js';

export const TARGETS: readonly Target[] = [...FILE_TARGETS];
