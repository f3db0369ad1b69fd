import { readFileSync } from 'node:fs';
import { Engine } from '../engine.js';

/** Of the package, and of the RocksDB in it. */
export async function versionText(): Promise<string> {
  // From dist/, where this file is bundled to.
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  const engine = await Engine.create();
  try {
    return `${name} ${version}, RocksDB ${engine.rocksdbVersion}`;
  } finally {
    engine.free();
  }
}
