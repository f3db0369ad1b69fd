/** From places in generated files to places in their sources, by the source map that a file names. */
import * as fs from 'node:fs';
import { SourceMap } from 'node:module';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Location {
  /** Absolute path, or the source map's own name for it where that is no path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

interface Loaded {
  readonly map: SourceMap;
  /** What the map's sources are relative to. */
  readonly folder: string;
  readonly root: string;
  /** By the map's own name of the source. */
  readonly texts: ReadonlyMap<string, string>;
}

/** By generated file; null when it has no map, which most files have not. */
const loaded = new Map<string, Loaded | null>();
/** Texts that came with maps, by the source's path. */
const embedded = new Map<string, string>();
const texts = new Map<string, readonly string[] | undefined>();

/** Forgets what was read: files change between two runs of a watcher. */
export function forgetSources(): void {
  loaded.clear();
  embedded.clear();
  texts.clear();
}

/**
 * The place in the source, or the same place when the file has no source map. A runtime that maps stacks
 * itself gives places in sources, which have none, so nothing is mapped twice.
 */
export function originalLocation(place: Location): Location {
  if (!loaded.has(place.file)) loaded.set(place.file, load(place.file));
  const found = loaded.get(place.file);
  if (!found) return place;
  const entry = found.map.findEntry(place.line - 1, place.column - 1);
  if (!('originalSource' in entry) || typeof entry.originalSource !== 'string') return place;
  const file = sourcePath(found, entry.originalSource);
  const text = found.texts.get(entry.originalSource);
  if (text !== undefined) embedded.set(file, text);
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** The lines of a source file; undefined when it cannot be read. */
export function linesOf(file: string): readonly string[] | undefined {
  if (!texts.has(file)) texts.set(file, (readText(file) ?? embedded.get(file))?.split(/\r?\n/));
  return texts.get(file);
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined; // Not there, or not allowed: the report has a place without its text then.
  }
}

function load(file: string): Loaded | null {
  const text = readText(file);
  const reference = text === undefined ? undefined : lastReference(text);
  if (reference === undefined) return null;
  const source = readMap(file, reference);
  if (source === undefined) return null;
  try {
    const payload = JSON.parse(source.text);
    const sources: (string | null)[] = payload.sources ?? [];
    const contents: (string | null)[] = payload.sourcesContent ?? [];
    const pairs = sources.flatMap((name, index) => {
      const content = contents[index];
      return typeof name === 'string' && typeof content === 'string'
        ? ([[name, content]] as const)
        : [];
    });
    return {
      map: new SourceMap(payload),
      folder: source.folder,
      root: payload.sourceRoot ?? '',
      texts: new Map(pairs),
    };
  } catch {
    return null; // A damaged map: the generated place is better than none.
  }
}

/** The last comment that names a source map. */
function lastReference(text: string): string | undefined {
  const comment = /^\s*\/[/*][#@] sourceMappingURL=([^\s*]+)/gm;
  let last: string | undefined;
  for (const [, url] of text.matchAll(comment)) last = url;
  return last;
}

function readMap(file: string, url: string): { text: string; folder: string } | undefined {
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (inline !== null) {
    const [, base64, data = ''] = inline;
    const bytes = base64 === undefined ? undefined : Uint8Array.from(atob(data), codeOf);
    const text = bytes === undefined ? decodeURIComponent(data) : new TextDecoder().decode(bytes);
    return { text, folder: path.dirname(file) };
  }
  const mapFile = url.startsWith('file:')
    ? fileURLToPath(url)
    : path.resolve(path.dirname(file), decodeURI(url));
  const text = readText(mapFile);
  return text === undefined ? undefined : { text, folder: path.dirname(mapFile) };
}

const codeOf = (character: string) => character.charCodeAt(0);

function sourcePath({ folder, root }: Loaded, source: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  // webpack://name/./src/file.ts: relative to the project, which is where the tests run.
  const bundled = /^[a-z-]+:\/\/[^/]*\/(?:\.\/)?(.*)$/.exec(source);
  if (bundled !== null) {
    const file = path.resolve(bundled[1] ?? '');
    return fs.existsSync(file) ? file : source;
  }
  const base = root.startsWith('file:') ? fileURLToPath(root) : root;
  return path.resolve(folder, base, source);
}
