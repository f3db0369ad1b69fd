/** Names of the wasm's functions, which the release build keeps in a file of their own. */
import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.js';

/** A wasm frame of V8 (`wasm://wasm/0af:wasm-function[12]:0x34`) or JavaScriptCore (`wasm-function[12]`). */
const WASM_FRAME = /(?:wasm:\/\/\S*?:?)?\.?wasm-function\[(\d+|\?)\](?::0x([0-9a-f]+))?/;
/** It has its name already: in the debug build. */
const NAMED_FRAME = /^at (?!async )[^(]*\S \(wasm:\/\//;
const FRAME = /^\s*at |@|wasm-function/;

interface FunctionNames {
  readonly byIndex: ReadonlyMap<number, string>;
  /** Where their code begins, ascending, and their names. */
  readonly offsets: readonly number[];
  readonly names: readonly string[];
}

let loaded: FunctionNames | undefined;

function functionNames(): FunctionNames {
  if (loaded !== undefined) return loaded;
  const functions: { index: number; offset: number; name: string }[] = [];
  try {
    for (const line of readFileSync(packageFile('names'), 'utf8').split('\n')) {
      const [, index, offset, name] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
      if (name !== undefined)
        functions.push({ index: Number(index), offset: Number(offset), name });
    }
  } catch {
    // Numbers are better than no stack.
  }
  const coded = functions.filter(({ offset }) => offset > 0).sort((a, b) => a.offset - b.offset);
  loaded = {
    byIndex: new Map(functions.map(({ index, name }) => [index, name])),
    offsets: coded.map(({ offset }) => offset),
    names: coded.map(({ name }) => name),
  };
  return loaded;
}

/** The function whose code an offset is in. */
function nameAt(offset: number): string | undefined {
  const { offsets, names } = functionNames();
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return names[low - 1];
}

/**
 * A captured stack as text for people: a line a frame, innermost first, wasm frames with their C++ names
 * (`at rocksdb::DBImpl::Get(...) (wasm-function[12]:0x34)`). Wasm that carries names itself (the debug build)
 * keeps them.
 */
export function readableStack(stack: string): string {
  const lines = stack.split('\n').filter((line) => FRAME.test(line));
  // Above the wasm are the frames of what captures the stack.
  const first = lines.findIndex((line) => /wasm:\/\/|wasm-function\[/.test(line));
  return lines
    .slice(Math.max(first, 0))
    .map((line) => readableFrame(line.trim()))
    .join('\n');
}

function readableFrame(line: string): string {
  const frame = WASM_FRAME.exec(line);
  if (frame === null || NAMED_FRAME.test(line)) return line;
  const [, index, offset] = frame;
  // Deno tells the offset, but not the index.
  const name =
    offset === undefined
      ? functionNames().byIndex.get(Number(index))
      : nameAt(Number.parseInt(offset, 16));
  if (name === undefined) return line;
  const where = offset === undefined ? `wasm-function[${index}]` : `wasm+0x${offset}`;
  return `at ${shortened(name)} (${where})`;
}

/** Without what the C++ library adds to its names. */
function shortened(name: string): string {
  return name
    .replaceAll('std::__2::', 'std::')
    .replaceAll(
      'std::basic_string<char, std::char_traits<char>, std::allocator<char>>',
      'std::string',
    )
    .replaceAll(/\[abi:\w+\]/g, '');
}
