/** Reading what the system says of itself, where there is such a system. */
import * as fs from 'node:fs';

/** The trimmed text of a file; null when it is not there. Throws when a permission is missing. */
export function readSystemFile(path: string): string | null {
  return ifThere(() => fs.readFileSync(path, 'utf8').trim());
}

/** Null when what it reads is not there, as outside Linux. */
export function ifThere(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return null;
    throw error;
  }
}
