/**
 * Folders that the engine may reach, each as often as it was opened: for one call (checkpoints, exports, SST files of
 * others), or as long as something lives that has files there (databases, traces).
 */
import type { Engine } from './engine.js';
import { parentOf } from './wasi/paths.js';

/** Runs `work` with these folders open to the wasm; they need not be there yet. */
export function withFolders<T>(engine: Engine, folders: readonly string[], work: () => T): T {
  const opened = [...new Set(folders)];
  openFolders(engine, opened);
  try {
    return work();
  } finally {
    closeFolders(engine, opened);
  }
}

/** Each wants its closeFolder(); none is open when it throws. */
export function openFolders(engine: Engine, folders: readonly string[]): void {
  const opened: string[] = [];
  try {
    for (const folder of folders) {
      openFolder(engine, folder);
      opened.push(folder);
    }
  } catch (error) {
    closeFolders(engine, opened);
    throw error;
  }
}

export function closeFolders(engine: Pick<Engine, 'native'>, folders: readonly string[]): void {
  for (const folder of folders) closeFolder(engine, folder);
}

/** Each wants its closeFolder(). */
export function openFolder({ native }: Engine, folder: string): void {
  native.wasi.fds.addPreopen(folder);
}

/** After a crash all of them are gone already. */
export function closeFolder({ native }: Pick<Engine, 'native'>, folder: string): void {
  if (!native.stopped) native.wasi.fds.removePreopen(folder);
}

/** The folders that these paths are in. */
export function parentsOf(paths: readonly string[]): string[] {
  return paths.map(parentOf);
}
