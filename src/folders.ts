/** Folders that the engine may reach for one call: checkpoints, exports, SST files of others. */
import type { Engine } from './engine.js';
import { parentOf } from './wasi/paths.js';

/** Runs `work` with these folders open to the wasm; they need not be there yet. */
export function withFolders<T>(engine: Engine, folders: readonly string[], work: () => T): T {
  const opened: string[] = [];
  try {
    for (const folder of new Set(folders)) {
      openFolder(engine, folder);
      opened.push(folder);
    }
    return work();
  } finally {
    for (const folder of opened) closeFolder(engine, folder);
  }
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
