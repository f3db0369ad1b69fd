/** Sites as frames: the text of a stack, whichever runtime wrote it, taken apart. */

export interface StackFrame {
  /** Empty when the function has none. */
  readonly name: string;
  /** A path or a URL; empty when there is no place. */
  readonly file: string;
  /** From 1; 0 when there is no place. */
  readonly line: number;
  readonly column: number;
}

/** V8 and Bun: `at name (file:1:2)`, `at file:1:2`; of Safari's engine: `name@file:1:2`. */
const WITH_PARENTHESES = /^(.*?) \((.*?)(?::(\d+))?(?::(\d+))?\)$/;
const PLACE = /^(.*?):(\d+):(\d+)$/;

/** The frames of a site, innermost first. */
export function framesOf(site: string): StackFrame[] {
  return site
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(frameOf);
}

function frameOf(line: string): StackFrame {
  const text = line.replace(/^at (?:async )?/, '');
  const found = WITH_PARENTHESES.exec(text);
  if (found !== null) return frame(found[1], found[2], found[3], found[4]);
  const at = text === line ? text.indexOf('@') : -1;
  const place = PLACE.exec(text.slice(at + 1));
  if (place !== null) return frame(text.slice(0, Math.max(at, 0)), place[1], place[2], place[3]);
  return frame(text, '', undefined, undefined);
}

function frame(name = '', file = '', line = '0', column = '0'): StackFrame {
  const path = file === '<anonymous>' || file === 'native' ? '' : file;
  return { name, file: pathOf(path), line: Number(line), column: Number(column) };
}

/** A file's URL as its path, as other tools name it. */
function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file;
  try {
    return decodeURIComponent(file.slice('file://'.length));
  } catch {
    return file; // it is not written as a URL is
  }
}
