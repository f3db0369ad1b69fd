/** What a fault may strike: the calls of a FileSystem, of its files, folders and locks. */
export const OPERATIONS = [
  /** Opens a file that is to be there. */
  'open',
  /** Opens a file that is made if there is none: flags.create. */
  'create',
  /** Of a file or folder. It is closed, whatever is reported. */
  'close',
  'openDirectory',
  /** By path, or of what is open. */
  'stat',
  'readDirectory',
  'createDirectory',
  'removeDirectory',
  'removeFile',
  /** The path is the old one. */
  'rename',
  /** The path is that of the file which is there already. */
  'link',
  'setModified',
  'read',
  'write',
  'truncate',
  /** Fsync and fdatasync of a file. */
  'sync',
  /** Fsync of a folder. */
  'syncDirectory',
  /** Taking a database's lock, or forgetting it. */
  'lock',
  /** Giving it back. It is given back, whatever is reported. */
  'unlock',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export function isOperation(value: unknown): value is Operation {
  return (OPERATIONS as readonly unknown[]).includes(value);
}
