/** What all options that are objects of the program's have in common. */
import type { Engine } from '../engine.js';
import { InvalidOptionError } from '../errors.js';
import { HostObjectLayout } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import { expected } from '../option-errors.js';
import { NAMES } from '../options.gen.js';

/** @internal An object as C++ is told of it. */
export interface Described {
  readonly object: HostObject;
  /** rdb_host_traits */
  readonly traits: number;
  readonly timestampSize: number;
}

interface Methods {
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  /** At least one of these. */
  readonly someOf?: readonly string[];
}

/** Throws when methods are missing, or are something else. */
export function checkMethods(value: unknown, path: string, methods: Methods): void {
  if (typeof value !== 'object' || value === null) throw expected('an object', path, value);
  const object = value as Readonly<Record<string, unknown>>;
  const { required = [], optional = [], someOf = [] } = methods;
  for (const name of required) {
    if (typeof object[name] !== 'function') {
      throw expected('a function', `${path}.${name}`, object[name]);
    }
  }
  for (const name of [...optional, ...someOf]) {
    if (object[name] !== undefined && typeof object[name] !== 'function') {
      throw expected('a function', `${path}.${name}`, object[name]);
    }
  }
  if (someOf.length > 0 && someOf.every((name) => object[name] === undefined)) {
    throw expected(`an object with ${someOf.join(', ')} or several of them`, path, value);
  }
}

/** Names are written to option files; those of RocksDB's own objects would be taken for these. */
export function checkName(value: object, path: string): void {
  const { name } = value as { name?: unknown };
  const at = `${path}.name`;
  if (typeof name !== 'string' || !/^[\w.-]{1,255}$/.test(name)) {
    throw expected('a name of letters, digits and . _ - (it is stored with the data)', at, name);
  }
  const builtIn = Object.values(NAMES).some(
    (names) => Object.hasOwn(names, name) || Object.values(names).includes(name),
  );
  if (builtIn || /^(rocksdb|leveldb)\./.test(name)) {
    throw new InvalidOptionError(
      `${at}: '${name}' is a name of RocksDB's own: choose another one`,
      at,
      name,
    );
  }
}

export function checkFlag(value: object, name: string, path: string): void {
  const flag = (value as Readonly<Record<string, unknown>>)[name];
  if (flag !== undefined && typeof flag !== 'boolean') {
    throw expected('true or false', `${path}.${name}`, flag);
  }
}

/**
 * Writes rdb_host_object into staging. The number that the object gets is held until staging ends; by then C++
 * has taken it, or never will.
 */
export function stageHostObject(engine: Engine, name: string, described: Described): number {
  const { staging, native } = engine;
  const layout = HostObjectLayout;
  const at = staging.reserve(layout.byteLength);
  staging.push(name, 'name', 255);
  const put = (offset: number, value: number) => native.heap.setWord(at + offset, value);
  put(layout.name, staging.address);
  put(layout.nameLength, staging.length);
  put(layout.callback, staging.addCallback(described.object));
  put(layout.methods, described.object.has ?? 0);
  put(layout.traits, described.traits);
  put(layout.timestampSize, described.timestampSize);
  return at;
}
