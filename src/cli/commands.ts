/** The table of commands: all that the help, the parser and the dispatcher know of them. */
import type { Command } from './command.js';
import { DATA_COMMANDS } from './tables/data.js';
import { FILE_COMMANDS } from './tables/files.js';
import { MAINTENANCE_COMMANDS } from './tables/maintenance.js';

export const COMMANDS: readonly Command[] = [
  ...DATA_COMMANDS,
  ...MAINTENANCE_COMMANDS,
  ...FILE_COMMANDS,
];
