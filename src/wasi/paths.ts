/**
 * Guest paths. They are taken apart by their text alone: `..` removes the name before it, whatever
 * that name is on disk, so that what a path may reach is decided before any file system is asked.
 * Symbolic links inside a folder are the host's own, and are followed.
 */
import { FileSystemError } from './file-system.js';

const DRIVE = /^[A-Za-z]:(?=\/|$)/;

/** The absolute path without `.`, `..`, doubled or trailing slashes. `C:/x` is absolute too. */
export function normalizeAbsolute(path: string): string {
  const drive = DRIVE.exec(path)?.[0] ?? '';
  const rest = path.slice(drive.length);
  if (path.includes('\0')) throw new FileSystemError('EINVAL', 'a path with a NUL');
  if (!rest.startsWith('/')) throw new FileSystemError('EINVAL', `not an absolute path: ${path}`);
  const names: string[] = [];
  for (const name of rest.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `${drive}/${names.join('/')}`;
}

/**
 * The path inside `folder` that a guest's relative path means; ENOTCAPABLE when it is not inside.
 */
export function joinInside(folder: string, relative: string): string {
  if (relative.startsWith('/') || relative.includes('\0')) throw outside(folder, relative);
  // Windows knows more separators than the guest does.
  if (DRIVE.test(folder) && /[\\:]/.test(relative)) throw outside(folder, relative);
  const names: string[] = [];
  for (const name of relative.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) throw outside(folder, relative);
  }
  if (names.length === 0) return folder;
  return folder.endsWith('/') ? folder + names.join('/') : `${folder}/${names.join('/')}`;
}

/** Whether a normalized path is `folder` or lies in it. */
export function isInside(folder: string, path: string): boolean {
  if (path === folder) return true;
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The folder of a normalized path; that of a root is itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  const root = DRIVE.test(path) ? 2 : 0;
  return slash > root ? path.slice(0, slash) : path.slice(0, root + 1);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function outside(folder: string, relative: string): FileSystemError {
  return new FileSystemError('ENOTCAPABLE', `${JSON.stringify(relative)} is outside ${folder}`);
}
