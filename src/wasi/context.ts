/** What the groups of WASI functions share. */
import type { Clock } from './clock.js';
import type { FdTable, FileDescriptor, FolderDescriptor } from './fd-table.js';
import { type FileSystem, FileSystemError } from './file-system.js';
import { type MemoryViews, readText } from './guest-memory.js';
import { joinInside } from './paths.js';
import type { Random } from './random.js';

/** A WASI function: returns an errno, or throws what errnoOf() turns into one. */
export type Call = (...args: never[]) => number;
export type Calls = Readonly<Record<string, Call>>;

/** What the host is at, for whoever must not enter the guest meanwhile. */
export interface HostState {
  active: boolean;
}

export class CallContext {
  /** What the running call is about, for the error that it may end with. */
  path: string | undefined;

  constructor(
    /** `active` while a call runs: the guest waits for it. */
    readonly host: HostState,
    readonly fileSystem: FileSystem,
    readonly fds: FdTable,
    readonly memory: () => MemoryViews,
    readonly clock: Clock,
    readonly random: Random,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  file(fd: number): FileDescriptor {
    const descriptor = this.fds.get(fd);
    if (descriptor.kind === 'file') {
      this.path = descriptor.path;
      return descriptor;
    }
    if (descriptor.kind === 'stdio') throw new FileSystemError('ESPIPE', `${fd} is not a file`);
    this.path = descriptor.path;
    throw new FileSystemError('EISDIR', `${descriptor.path} is a directory`);
  }

  folder(fd: number): FolderDescriptor {
    const descriptor = this.fds.get(fd);
    if (descriptor.kind === 'preopen' || descriptor.kind === 'directory') {
      this.path = descriptor.path;
      return descriptor;
    }
    throw new FileSystemError('ENOTDIR', `${fd} is not a directory`);
  }

  /** The absolute path that the guest's text means, relative to one of its folders. */
  resolve(fd: number, pointer: number, length: number): string {
    const folder = this.folder(fd).path;
    const relative = readText(this.memory().u8, pointer >>> 0, length >>> 0);
    this.path = folder.endsWith('/') ? folder + relative : `${folder}/${relative}`;
    this.path = joinInside(folder, relative);
    return this.path;
  }
}
