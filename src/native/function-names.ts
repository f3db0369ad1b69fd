/** Names of the wasm's functions, which the release build keeps in a file of their own. */
import { readFileSync } from 'node:fs';
import { NAMES_FILE } from './module.js';

/** A wasm frame without a name: of V8 (`at wasm://wasm/0af:wasm-function[12]:0x34`). */
const V8_FRAME = /^at wasm:\/\/\S*?:?wasm-function\[(\d+)\]:(0x[0-9a-f]+)$/;
/** Of JavaScriptCore: `at .wasm-function[12] (native)` as Bun writes it, `<?>.wasm-function[12]@[wasm code]`. */
const JSC_FRAME = /^(?:at )?(?:<\?>)?\.?wasm-function\[(\d+)\](?:[@ ].*)?$/;

let names: ReadonlyMap<number, string> | undefined;

/** By function index; empty when the file is not there. */
function functionNames(): ReadonlyMap<number, string> {
  if (names !== undefined) return names;
  const map = new Map<number, string>();
  try {
    const text = readFileSync(NAMES_FILE, 'utf8');
    for (const line of text.split('\n')) {
      const space = line.indexOf(' ');
      if (space > 0) map.set(Number(line.slice(0, space)), line.slice(space + 1));
    }
  } catch {
    // Numbers are better than no stack.
  }
  names = map;
  return map;
}

/**
 * A captured stack as text for people: a line a frame, innermost first, wasm frames with their C++ names
 * (`rocksdb::DBImpl::Get(...) (wasm-function[12]:0x34)`). Wasm that carries names itself (the debug build)
 * keeps them.
 */
export function readableStack(stack: string): string {
  const lines = stack.split('\n').filter((line) => /^\s*at |@|wasm-function/.test(line));
  // Above the wasm are the frames of what captures the stack.
  const first = lines.findIndex((line) => line.includes('wasm-function['));
  return lines
    .slice(Math.max(first, 0))
    .map((line) => readableFrame(line.trim()))
    .join('\n');
}

function readableFrame(line: string): string {
  const v8 = V8_FRAME.exec(line);
  const index = v8?.[1] ?? JSC_FRAME.exec(line)?.[1];
  if (index === undefined) return line;
  const name = functionNames().get(Number(index));
  const where = v8 === null ? `wasm-function[${index}]` : `wasm-function[${index}]:${v8[2]}`;
  return name === undefined ? line : `at ${name} (${where})`;
}
