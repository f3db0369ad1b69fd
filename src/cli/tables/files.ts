/** Commands on files and figures. */
import type { Command } from '../command.js';

export const FILE_COMMANDS: readonly Command[] = [];
