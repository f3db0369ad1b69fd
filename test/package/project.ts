/** The package as it would be published, and empty folders to install it into. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { environment, run } from '../../scripts/runtime-binaries.mjs';
import { longLivedFolder } from '../support/open.js';
import { type Registry, startRegistry } from './registry.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Package {
  readonly tarball: string;
  /** Paths in it. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly size: number;
  readonly registry: Registry;
}

/** npm, run by this Node wherever it is installed. */
export function npm(args: readonly string[], cwd: string, env = {}): string {
  const cli = process.env.npm_execpath;
  const [command, before] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const ended = spawnSync(command, [...before, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (ended.status !== 0) {
    throw new Error(`npm ${args.join(' ')} failed:\n${ended.stderr}\n${ended.error ?? ''}`);
  }
  return ended.stdout;
}

/** Packs the package, and has a registry serve it. */
export async function packed(): Promise<Package> {
  const folder = longLivedFolder();
  const told = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [{ filename, files, size }] = JSON.parse(told);
  const tarball = path.join(folder, filename);
  const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const upstream = npm(['config', 'get', 'registry'], ROOT).trim();
  const registry = await startRegistry({ tarball, manifest }, upstream);
  return { tarball, files, size, registry };
}

/** A folder with nothing in it but what `files` says. */
export function emptyProject(files: Readonly<Record<string, string>>): string {
  const folder = fs.realpathSync(longLivedFolder());
  for (const [name, text] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** Runs a command line of a guide's in a folder, with the registry for all that install packages. */
export async function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  registry?: Registry,
): Promise<string> {
  const env = {
    ...environment(),
    ...(registry && {
      npm_config_registry: registry.url,
      NPM_CONFIG_REGISTRY: registry.url,
      // Caches of their own: what they have of this version may be of another build.
      npm_config_cache: path.join(folder, '.npm-cache'),
      BUN_INSTALL_CACHE_DIR: path.join(folder, '.bun-cache'),
      DENO_DIR: path.join(folder, '.deno-dir'),
    }),
  };
  const { code, signal, output } = await run(command, args, { cwd: folder, env });
  if (code !== 0) {
    throw new Error(`${path.basename(command)} ${args.join(' ')}: ${signal ?? code}\n${output}`);
  }
  return output;
}
