/** From a creation stack to the place in the user's own file. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HandleRecord } from '../monitor/ledger.js';
import { type Location, linesOf, originalLocation } from './source-maps.js';

/** Lines of the source shown before and after the one in question. */
const NEIGHBOURS = 2;

/** This package's own folder with a separator at its end, unless it was bundled into the user's file. */
const OWN_FOLDER = ownFolder();

function ownFolder(): string | undefined {
  if (!import.meta.url.startsWith('file:')) return undefined;
  const here = fileURLToPath(import.meta.url);
  const folder = /^(.*[\\/](?:dist|src))[\\/](?:testing[\\/])?[^\\/]+$/.exec(here)?.[1];
  if (folder === undefined) return undefined;
  try {
    const text = fs.readFileSync(path.join(path.dirname(folder), 'package.json'), 'utf8');
    return JSON.parse(text).name === 'rocksdb-wasm' ? folder + path.sep : undefined;
  } catch {
    return undefined;
  }
}

/** Groups handles by the user's line that made them, whoever called it. */
export class Places {
  /** By creation stack; equal ones are one string. */
  readonly #names = new Map<string, string>();

  /** Handles of one kind that were made at one place, in the order given. */
  group(handles: readonly HandleRecord[]): ReadonlyMap<string, readonly HandleRecord[]> {
    const groups = new Map<string, HandleRecord[]>();
    for (const record of handles) {
      const key = `${record.kind}\n${this.#name(record.site)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [record]);
      else group.push(record);
    }
    return groups;
  }

  #name(site: string | undefined): string {
    if (site === undefined) return '';
    let name = this.#names.get(site);
    if (name === undefined) {
      const { file, line, column } = userPlace(site) ?? {};
      name = file === undefined ? site : `${file}:${line}:${column}`;
      this.#names.set(site, name);
    }
    return name;
  }
}

/** The place of the innermost frame in a file of the user's; undefined when the stack names no file. */
export function userPlace(stack: string): Location | undefined {
  const places = stack.split('\n').flatMap((line) => placeOf(line) ?? []);
  const candidates = places.filter(({ file }) => !isOwn(file)).map(originalLocation);
  const foreign = candidates.filter(({ file }) => !isOwn(file));
  return foreign.find(({ file }) => !isInstalled(file)) ?? foreign.find((each) => !isRunner(each));
}

const isOwn = (file: string) =>
  (OWN_FOLDER !== undefined && file.startsWith(OWN_FOLDER)) ||
  /[\\/]node_modules[\\/]rocksdb-wasm[\\/]/.test(file);
const isInstalled = (file: string) => /[\\/]node_modules[\\/]/.test(file);
const isRunner = ({ file }: Location) =>
  /[\\/]node_modules[\\/](?:@?vitest|@?vite|tsx|jest|mocha|ava|tap)[\\/-]/.test(file);

/**
 * A line of a stack: `at f (file:///a.js:1:2)`, `at async f (/a.js:1:2)`, `at /a.js:1:2`, `f@/a.js:1:2`.
 * Undefined for frames of the runtime, which name no file.
 */
function placeOf(line: string): Location | undefined {
  if (line.includes('(eval at ')) return undefined; // code without a file
  const [, url = '', row, column] =
    /(?<=^|[\s(@])((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?\s*$/.exec(line) ?? [];
  if (url === '') return undefined;
  // A runner may add a query, so that a changed file is loaded again.
  const file = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url;
  return {
    file: file.replace(/\?[tv]=[^/\\]*$/, ''),
    line: Number(row),
    column: Number(column),
  };
}

/** The source's line at a place, without the spaces around it; undefined when it cannot be read. */
export function sourceLineAt({ file, line }: Location): string | undefined {
  return linesOf(file)?.[line - 1]?.trim();
}

/** The lines around a place, numbered, with a mark below its column; empty when they cannot be read. */
export function excerptAt({ file, line, column }: Location): string {
  const lines = linesOf(file);
  if (lines?.[line - 1] === undefined) return '';
  const first = Math.max(1, line - NEIGHBOURS);
  const last = Math.min(lines.length, line + NEIGHBOURS);
  const width = String(last).length;
  const shown: string[] = [];
  for (let at = first; at <= last; at++) {
    const text = lines[at - 1] ?? '';
    shown.push(`${at === line ? '>' : ' '} ${String(at).padStart(width)} | ${text}`.trimEnd());
    // Tabs stay, so that the mark stands below the column whatever their width.
    const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    if (at === line) shown.push(`  ${' '.repeat(width)} | ${indent}^`);
  }
  return shown.join('\n');
}

/** Gives an error the stack of the call that it is about, from the user's frames on. */
export function pointAt<E extends Error>(error: E, stack = ''): E {
  const frames = stack.split('\n').filter((line) => {
    const file = placeOf(line)?.file;
    return file !== undefined && !isOwn(file) && !isInstalled(file);
  });
  const lines = frames.map((line) => `    ${line.trim()}`);
  const text = [`${error.name}: ${error.message}`, ...lines].join('\n');
  error.stack = text;
  if ('Deno' in globalThis) {
    // Its reports are the message and then the stack but for its first line; its console has the stack alone.
    const [headline = ''] = error.message.split('\n');
    error.stack = [`${error.name}: ${headline}`, ...lines].join('\n');
    Object.defineProperty(error, Symbol.for('Deno.customInspect'), { value: () => text });
  }
  return error;
}
