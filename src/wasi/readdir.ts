/**
 * fd_readdir. A listing is taken at cookie 0 and kept with the descriptor, so that names that come
 * and go meanwhile neither hide others nor show them twice. A cookie is the number of entries
 * before it.
 */
import { Dirent, Errno, FileType } from './abi.js';
import type { CallContext, Calls } from './context.js';
import type { FolderDescriptor, ListedEntry } from './fd-table.js';
import { fileTypeOf } from './filestat.js';
import { checkRange } from './guest-memory.js';

const UTF8 = new TextEncoder();

export function readdirCalls(context: CallContext): Calls {
  const header = new Uint8Array(Dirent.SIZE);
  const headerView = new DataView(header.buffer);

  return {
    fd_readdir(fd: number, pointer: number, length: number, cookie: bigint, result: number) {
      const folder = context.folder(fd);
      if (cookie === 0n) folder.listing = undefined;
      folder.listing ??= list(context, folder);
      const entries = folder.listing;
      const { u8, view } = context.memory();
      const start = pointer >>> 0;
      const end = start + (length >>> 0);
      checkRange(u8, start, length >>> 0);

      let at = start;
      for (let index = Number(BigInt.asUintN(64, cookie)); at < end; index++) {
        const entry = entries[index];
        if (entry === undefined) break;
        headerView.setBigUint64(Dirent.NEXT, BigInt(index + 1), true);
        // 0: not known. A stat of each entry would tell, and nobody asks.
        headerView.setBigUint64(Dirent.INODE, 0n, true);
        headerView.setUint32(Dirent.NAME_LENGTH, entry.name.length, true);
        headerView.setUint8(Dirent.FILETYPE, entry.type);
        // The last entry is cut where the buffer ends: a full buffer says that there is more.
        at = put(u8, at, end, header);
        at = put(u8, at, end, entry.name);
      }
      view.setUint32(result >>> 0, at - start, true);
      return Errno.ESUCCESS;
    },
  };
}

function list(context: CallContext, folder: FolderDescriptor): readonly ListedEntry[] {
  const entries = context.fileSystem.readDirectory(folder.path);
  return [
    { name: UTF8.encode('.'), type: FileType.DIRECTORY },
    { name: UTF8.encode('..'), type: FileType.DIRECTORY },
    ...entries.map(({ name, type }) => ({ name: UTF8.encode(name), type: fileTypeOf(type) })),
  ];
}

function put(u8: Uint8Array, at: number, end: number, bytes: Uint8Array): number {
  const fitting = Math.min(bytes.length, end - at);
  u8.set(fitting === bytes.length ? bytes : bytes.subarray(0, fitting), at);
  return at + fitting;
}
