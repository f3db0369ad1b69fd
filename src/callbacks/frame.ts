/** How the methods of the program's objects read their arguments from linear memory, and give results. */
import {
  BytesCallLayout,
  CompareCallLayout,
  CreateCallLayout,
  ResultCallLayout,
  SliceLayout,
} from '../native/exports.gen.js';
import type { Heap } from '../native/heap.js';
import type { HostObject } from '../native/host-callbacks.js';

/** What a callback may give for bytes: text is taken as UTF-8. */
export type CallbackBytes = string | Uint8Array;

type Method = (at: number) => void;

/** A value of the program's, told in an error. */
export function describeResult(value: unknown): string {
  if (value instanceof Promise) return 'a promise (callbacks are synchronous)';
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}

export function wrongResult(method: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${method}: expected ${wanted}, got ${describeResult(value)}`);
}

const encoder = new TextEncoder();

export function toBytes(value: unknown, method: string): Uint8Array {
  if (typeof value === 'string') return encoder.encode(value);
  if (value instanceof Uint8Array) return value;
  throw wrongResult(method, 'a Uint8Array or a string', value);
}

/** {uint32 length, bytes} for each part, in pairs: columns and properties. */
export function packPairs(pairs: unknown, method: string): Uint8Array {
  if (typeof pairs !== 'object' || pairs === null) {
    throw wrongResult(method, 'an object or pairs of a name and bytes', pairs);
  }
  const entries =
    Symbol.iterator in pairs ? (pairs as Iterable<readonly unknown[]>) : Object.entries(pairs);
  const parts = [...entries].flatMap(([name, value]) => [
    toBytes(name, method),
    toBytes(value, method),
  ]);
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    packed.set(part, at + 4);
    at += 4 + part.length;
  }
  return packed;
}

/** @internal The memory side of one object. Views are of linear memory: they hold what they should during the call only. */
export class Frame {
  readonly heap: Heap;
  /** What of a result did not fit; C++ makes room for it and asks again. */
  #rest: Uint8Array | undefined;

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** With the methods by number, from 1 on; undefined: it does not have it. */
  object(methods: readonly (Method | undefined)[]): HostObject {
    const missing: Method = () => {
      throw new TypeError('there is no such method');
    };
    const takeRest = (at: number) => {
      const rest = this.#rest;
      this.#rest = undefined;
      if (rest !== undefined) this.heap.copyIn(rest, this.word(at + ResultCallLayout.data));
    };
    const all = [takeRest, ...methods.map((method) => method ?? missing)];
    const has = methods.reduce(
      (bits, method, index) => (method === undefined ? bits : bits | (2 << index)),
      0,
    );
    return { methods: all, has };
  }

  word(at: number): number {
    return this.heap.getWord(at);
  }

  /** The bytes of a slice's two words. */
  slice(at: number): Uint8Array {
    return this.heap.bytes(this.word(at), this.word(at + 4));
  }

  first(at: number): Uint8Array {
    return this.slice(at + CompareCallLayout.a);
  }

  second(at: number): Uint8Array {
    return this.slice(at + CompareCallLayout.b);
  }

  key(at: number): Uint8Array {
    return this.slice(at + BytesCallLayout.key);
  }

  value(at: number): Uint8Array {
    return this.slice(at + BytesCallLayout.value);
  }

  existing(at: number): Uint8Array | undefined {
    return this.word(at + BytesCallLayout.present) === 0 ? undefined : this.value(at);
  }

  operands(at: number): Uint8Array[] {
    const base = this.word(at + BytesCallLayout.operands);
    const count = this.word(at + BytesCallLayout.operandCount);
    return Array.from({ length: count }, (_, i) => this.slice(base + i * SliceLayout.byteLength));
  }

  /** `number`, signed. */
  number(at: number): number {
    return this.word(at + BytesCallLayout.number) | 0;
  }

  answer(at: number, value: number): void {
    this.heap.setWord(at + BytesCallLayout.answer, value);
  }

  /** Gives bytes to C++. What does not fit is copied: it may lie in memory that C++ is about to make grow. */
  give(at: number, value: unknown, method: string): void {
    const { heap } = this;
    const into = this.word(at + BytesCallLayout.result);
    const capacity = this.word(at + BytesCallLayout.capacity);
    let length: number;
    if (typeof value === 'string' && value.length * 3 <= capacity) {
      length = heap.writeText(value, into);
    } else {
      const bytes = toBytes(value, method);
      length = bytes.length;
      if (length <= capacity) heap.copyIn(bytes, into);
      else this.#rest = bytes.slice();
    }
    heap.setWord(at + BytesCallLayout.length, length);
  }

  /** Tells C++ of an object that a factory has made, which C++ holds from now on. */
  created(at: number, callback: number, has: number): void {
    this.heap.setWord(at + CreateCallLayout.callback, callback);
    this.heap.setWord(at + CreateCallLayout.methods, has);
  }
}

/** The result of a comparison, as C++ has it: -1, 0 or 1. */
export function signOf(value: unknown, method: string): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value < 0 ? -1 : value > 0 ? 1 : 0;
  throw wrongResult(method, 'a number', value);
}

export function truthOf(value: unknown, method: string): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  throw wrongResult(method, 'true or false', value);
}
