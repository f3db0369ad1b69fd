/**
 * Where a call came from: the caller's frames as text, each text once. Nothing of an Error, a frame, a
 * function or a receiver is kept.
 */

/** A place in a script, and the places that it was called from. */
interface Place {
  readonly file: string | null;
  readonly callers: Map<number, Place[]>;
  site: string | undefined;
}

/** What is read of V8's frames. */
interface Frame {
  getFileName(): string | null;
  getPosition?(): number;
  getFunctionName?(): string | null;
  getLineNumber?(): number | null;
  getColumnNumber?(): number | null;
}

type Prepare = (error: Error, frames: Frame[]) => unknown;

interface ErrorClass {
  stackTraceLimit: number;
  prepareStackTrace?: Prepare | undefined;
  captureStackTrace?(target: object, above: unknown): void;
}

const Errors = Error as unknown as ErrorClass;
/** Frames of ours between the caller and the function that is left out, if one is, and if none. */
const OWN_FRAMES_BELOW = 2;
const OWN_FRAMES = 6;
const CALLER_FRAMES = 8;
/** Frames of a site that are told apart by file, too; further out a position says enough, and names cost time. */
const FRAMES_BY_FILE = 4;
/** Code that is made at run time could make sites without end. */
const SITES_MAX = 20_000;

const root: Place = { file: null, callers: new Map(), site: undefined };
/** Equal sites share one string. By the runtime's text too, where that has to be the key. */
const interned = new Map<string, string>();

/**
 * The folder of the package's own files, so that a site begins at the caller's frame. Undefined when the
 * package was bundled into a file of the caller's: then sites begin with frames of ours.
 */
const OWN_FOLDER = ownFolder();

function ownFolder(): string | undefined {
  // The source, or the chunk that scripts/build-js.mjs makes of it.
  const own =
    /((?:file:\/\/|\/)[^\s()]*?)\/(?:monitor\/sites\.[jt]s|rocksdb-wasm-[A-Z0-9]+\.js)[:?]/;
  return own.exec(new Error().stack ?? '')?.[1]?.replace('file://', '');
}

/** Frames of ours that a site may begin with. */
const FRAMES_NOT_TOLD_APART = OWN_FOLDER === undefined ? 16 : 0;

/** Folders of packages that call ours for the caller, whose frames are left out of sites as ours are. */
const passedOver: string[] = [];
/** How many of their frames there may be. */
let framesPassed = 0;

const isOwn = (line: string) =>
  (OWN_FOLDER !== undefined && line.includes(`${OWN_FOLDER}/`)) ||
  passedOver.some((folder) => line.includes(`${folder}/`));

/** The frames of a stack that are not ours, a line each; all of them when there are no others. */
export function callersIn(stack: string): string {
  const frames = stack.split('\n').filter((line) => /(^\s*at |@)/.test(line));
  const callers = frames.filter((line) => !isOwn(line));
  return (callers.length > 0 ? callers : frames).join('\n');
}

/** Frames as a place in a tree of stacks seen; reads what is cheap to read, and so many names of files. */
const placesIn =
  (tree: Place, framesByFile: number): Prepare =>
  (_, frames) => {
    let place = tree;
    let named = framesByFile;
    for (const frame of frames) {
      const position = (frame as Required<Frame>).getPosition();
      const file = named-- > 0 ? frame.getFileName() : null;
      let same = place.callers.get(position);
      if (same === undefined) {
        same = [];
        place.callers.set(position, same);
      }
      let next: Place | undefined;
      for (const known of same) if (known.file === file) next = known;
      if (next === undefined) {
        next = { file, callers: new Map(), site: undefined };
        same.push(next);
      }
      place = next;
    }
    return place;
  };

let placeOf = placesIn(root, FRAMES_BY_FILE);

/**
 * From now on, frames of the files in this folder, at most so many in a stack, are not the caller's: they stand between
 * the caller's and ours.
 */
export function passOver(folder: string, frames: number): void {
  if (passedOver.includes(folder)) return;
  passedOver.push(folder);
  framesPassed += frames;
  root.callers.clear();
  interned.clear();
  placeOf = placesIn(root, FRAMES_BY_FILE + framesPassed);
}

let assumed: string | undefined;

/** Runs `work`; what it makes was asked for at this site, before an await cut the stack. */
export function calledFrom<T>(site: string, work: () => T): T {
  const before = assumed;
  assumed = site;
  try {
    return work();
  } finally {
    assumed = before;
  }
}

/** Whether frames can be told apart by position; elsewhere the stack's text is the key. */
const POSITIONS = hasPositions();

function hasPositions(): boolean {
  if (Errors.captureStackTrace === undefined) return false;
  const first: Prepare = (_, frames) => (frames[0]?.getPosition?.() ?? 0) > 0;
  try {
    return stackBelow(undefined, first) === true;
  } catch {
    return false; // frozen, or of another kind
  }
}

/** The frames below the function `above`, by `prepare`. */
function stackBelow(above: unknown, prepare: Prepare): unknown {
  const before = Errors.prepareStackTrace;
  Errors.prepareStackTrace = prepare;
  try {
    const holder: { stack?: unknown } = {};
    Errors.captureStackTrace?.(holder, above);
    return holder.stack;
  } finally {
    Errors.prepareStackTrace = before;
  }
}

/** The frames below a function as text, by whoever prepares stacks in this program. */
function textBelow(above: unknown): string {
  const holder: { stack?: unknown } = {};
  Errors.captureStackTrace?.(holder, above);
  return textOf(holder.stack);
}

/** A stack as text also where the program has its stacks prepared as frames. */
function textOf(stack: unknown): string {
  if (typeof stack === 'string') return stack;
  if (!Array.isArray(stack)) return '';
  return (stack as Frame[])
    .map((frame) => {
      const name = frame.getFunctionName?.() ?? '<anonymous>';
      if (/wasm-function/.test(name)) return `at ${name}`;
      const file = frame.getFileName?.();
      const column = frame.getColumnNumber?.() ?? 0;
      // In wasm, the column is the offset of the instruction after it.
      if (name === '<anonymous>' && file?.startsWith('wasm://')) {
        return `at wasm-function[?]:0x${(column - 1).toString(16)}`;
      }
      const place = [file, frame.getLineNumber?.(), column];
      return `at ${name} (${place.join(':')})`;
    })
    .join('\n');
}

/**
 * The caller's frames of the present stack, innermost first, as the runtime writes them (mapped to sources
 * where it does that). `above`: a function on the stack, which is left out with all that it has called; the
 * fewer frames are looked at, the cheaper. `depth`: how many, our own among them.
 */
export function callerSite(
  above: unknown = callerSite,
  depth = CALLER_FRAMES + (above === callerSite ? OWN_FRAMES : OWN_FRAMES_BELOW),
): string {
  if (assumed !== undefined) return assumed;
  const limit = Errors.stackTraceLimit;
  const frames = depth + FRAMES_NOT_TOLD_APART + framesPassed;
  Errors.stackTraceLimit = POSITIONS ? frames : frames + OWN_FRAMES;
  try {
    if (!POSITIONS) return siteOfText(textOf(new Error().stack));
    const place = stackBelow(above, placeOf) as Place;
    place.site ??= siteOfText(textBelow(above));
    return place.site;
  } finally {
    Errors.stackTraceLimit = limit;
  }
}

const stackRoot: Place = { file: null, callers: new Map(), site: undefined };
const placeOfStack = placesIn(stackRoot, Number.POSITIVE_INFINITY);
const stackTexts = new Map<string, string>();
let stacks = 0;

/**
 * The present stack with all its frames, ours and the wasm's too, as `readable` writes it. It is asked once for
 * each stack.
 */
export function wholeStack(depth: number, readable: (stack: string) => string): string {
  const limit = Errors.stackTraceLimit;
  Errors.stackTraceLimit = depth;
  try {
    if (stacks >= SITES_MAX) {
      stackRoot.callers.clear();
      stackTexts.clear();
      stacks = 0;
    }
    if (!POSITIONS) {
      // As frames where there are any: in Bun's own text the wasm's have no name.
      const raw = textOf(stackBelow(wholeStack, (_, frames) => frames) ?? new Error().stack);
      let text = stackTexts.get(raw);
      if (text === undefined) {
        text = readable(raw);
        stackTexts.set(raw, text);
        stacks++;
      }
      return text;
    }
    const place = stackBelow(wholeStack, placeOfStack) as Place;
    if (place.site === undefined) {
      place.site = readable(textBelow(wholeStack));
      stacks++;
    }
    return place.site;
  } finally {
    Errors.stackTraceLimit = limit;
  }
}

function siteOfText(stack: string): string {
  const known = interned.get(stack);
  if (known !== undefined) return known;
  if (interned.size >= SITES_MAX) {
    interned.clear();
    root.callers.clear();
  }
  const site = callersOf(stack);
  const same = interned.get(site) ?? site;
  interned.set(stack, same);
  interned.set(site, same);
  return same;
}

/**
 * Whether a frame has a place in a script; the runtime's and the wasm's have none. A function without a name
 * may have: `at <anonymous> (file.ts:1:2)`.
 */
const hasPlace = (line: string) =>
  /:\d+:\d+\)?\s*$/.test(line) && !/\(native:|wasm:\/\/|wasm-function/.test(line);

function callersOf(stack: string): string {
  const frames = stack.split('\n').filter((line) => /(^\s*at |@)/.test(line));
  const callers = frames.filter((line) => !isOwn(line) && !/wasm:\/\/|wasm-function/.test(line));
  // On the way to the caller's: `Array.forEach (<anonymous>)`, `(native:1:11)`.
  while (callers.length > 1 && !hasPlace(callers[0] ?? '')) callers.shift();
  return (callers.length > 0 ? callers : frames)
    .slice(0, CALLER_FRAMES + FRAMES_NOT_TOLD_APART)
    .map((line) => line.trim())
    .join('\n');
}
