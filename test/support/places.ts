/** The two places where files may be, for describe.each: on disk and in memory. */
import { type EngineOptions, MemoryFileSystem } from 'rocksdb-wasm';
import { makeEngine, tempFolder } from './open.js';

export interface Place {
  readonly name: string;
  /** An engine on it, and the path of a database that is not there yet. */
  make(options?: EngineOptions): Promise<{
    engine: Awaited<ReturnType<typeof makeEngine>>;
    path: (name?: string) => string;
  }>;
}

export const PLACES: readonly Place[] = [
  {
    name: 'on disk',
    make: async (options = {}) => {
      const folder = tempFolder();
      return { engine: await makeEngine(options), path: (name = 'db') => `${folder}/${name}` };
    },
  },
  {
    name: 'in memory',
    make: async (options = {}) => {
      const fileSystem = new MemoryFileSystem();
      const engine = await makeEngine({ fileSystem, ...options });
      return { engine, path: (name = 'db') => `/${name}` };
    },
  },
];
