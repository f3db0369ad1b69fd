/** Commands on a database as a whole. */
import type { Command } from '../command.js';

export const MAINTENANCE_COMMANDS: readonly Command[] = [];
