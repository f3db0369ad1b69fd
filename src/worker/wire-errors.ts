/** Errors on their way between threads: the class, all that is on them, and both stacks. */
import * as errors from '../errors.js';
import { DamagedHeap } from '../monitor/heap-walk.js';
import { callersIn } from '../monitor/sites.js';
import { FileSystemError, LockHeldError } from '../wasi/file-system.js';
import { WorkerGoneError } from './worker-errors.js';

interface PackedError {
  /** By name; undefined: it is none of those that both sides know. */
  readonly kind: string | undefined;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Own properties, cause among them. */
  readonly properties: readonly (readonly [string, unknown])[];
}

type ErrorClass = abstract new (...values: never[]) => Error;

const CLASSES: Readonly<Record<string, ErrorClass>> = {
  ...Object.fromEntries(
    Object.entries(errors).filter(([, value]) => value.prototype instanceof Error),
  ),
  DamagedHeap,
  FileSystemError,
  LockHeldError,
  WorkerGoneError,
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
};
const NAMES = new Map(Object.entries(CLASSES).map(([name, each]) => [each.prototype, name]));

export function packError(error: Error, pack: (value: unknown) => unknown): PackedError {
  const properties = Object.getOwnPropertyNames(error)
    .filter((name) => name !== 'stack' && name !== 'message')
    .map((name) => [name, pack((error as unknown as Record<string, unknown>)[name])] as const);
  return {
    kind: kindOf(error),
    name: error.name,
    message: error.message,
    stack: String(error.stack ?? ''),
    properties: properties.filter(([, value]) => typeof value !== 'symbol'),
  };
}

function kindOf(error: Error): string | undefined {
  if (typeof DOMException !== 'undefined' && error instanceof DOMException) return 'DOMException';
  let prototype = Object.getPrototypeOf(error);
  while (prototype !== null) {
    const name = NAMES.get(prototype);
    if (name !== undefined) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

export function unpackError(packed: unknown, unpack: (value: unknown) => unknown): Error {
  const { kind, name, message, stack, properties } = packed as PackedError;
  if (kind === 'DOMException') return new DOMException(message, name);
  const error = new Error(message);
  const known = kind === undefined ? undefined : CLASSES[kind];
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  if (error.name !== name) define(error, 'name', name);
  for (const [property, value] of properties) {
    if (property === 'line' || property === 'column' || property === 'sourceURL') continue;
    define(error, property, unpack(value), property !== 'cause');
  }
  define(error, 'stack', stack, false);
  return error;
}

function define(error: Error, name: string, value: unknown, enumerable = true): void {
  Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true });
}

/** The frames of the client's call come first, those in the worker after them. */
export function joinStacks(error: Error, call: Error): void {
  const inside = framesOf(String(error.stack ?? ''));
  const outside = callersIn(String(call.stack ?? ''));
  const head = `${error.name}: ${error.message}`;
  const stack = [head, outside, '    in the worker:', inside].filter((part) => part !== '');
  define(error, 'stack', stack.join('\n'), false);
}

/** A stack without its first line or lines, which are the error's text. */
function framesOf(stack: string): string {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => /^\s+at |^[^\s@]*@/.test(line));
  return first < 0 ? '' : lines.slice(first).join('\n');
}
