import { API_TARGET } from './api-target.js';
import { FILE_TARGETS } from './file-target.js';
import { OPTION_TARGET } from './option-target.js';
import { TEXT_TARGETS } from './text-target.js';
import type { Target } from './world.js';

export const TARGETS: readonly Target[] = [
  ...FILE_TARGETS,
  OPTION_TARGET,
  API_TARGET,
  ...TEXT_TARGETS,
];
