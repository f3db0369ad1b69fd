/** Handles as a client has them: classes made of the table in api.gen.ts, whose members are calls. */
import { MEMBERS } from './api.gen.js';
import type { Connection } from './connection.js';

/** @internal */
export const LINK: unique symbol = Symbol.for('rocksdb-wasm worker');

/** @internal The way from a client's object to that in the worker. */
export class Link {
  constructor(
    readonly connection: Connection,
    readonly id: number,
    /** To a part of the handle. */
    readonly path: readonly string[],
    /** What it was made of; that is not lost before this. */
    public uses: unknown,
  ) {}

  /** The object that has this link. */
  remote: WeakRef<object> | undefined;

  call(name: string, values: readonly unknown[]): Promise<unknown> {
    return this.connection.call({ link: this, name, values });
  }
}

/** @internal */
export interface Remote {
  readonly [LINK]: Link;
}

/** @internal */
export const isRemote = (value: unknown): value is Remote =>
  typeof value === 'object' && value !== null && LINK in value;

/** @internal As the worker tells of a handle. */
export interface HandleMessage {
  readonly id: number;
  /** Its class, or `function` or `iterator`. */
  readonly kind: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How a member of a class is reached: see api.gen.ts. */
export type MemberKind = 'call' | 'async' | 'chain' | 'get' | 'getset' | 'fact' | 'part' | 'local';

export type RemoteClassName = keyof typeof MEMBERS;
type Table = Readonly<Record<string, string>>;

/** The base of them all. */
class RemoteObject implements Remote {
  declare readonly [LINK]: Link;

  constructor(link: Link) {
    Object.defineProperty(this, LINK, { value: link });
    link.remote = new WeakRef(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this[LINK].path.length === 0) await this[LINK].call('@dispose', []);
  }
}

type RemoteClass = new (link: Link) => RemoteObject;

const built = new Map<string, RemoteClass>();
/** What is written by hand for a class. */
const extras = new Map<string, object>();

/** @internal Members of classes that are more than a call. */
export function extend(members: Partial<Record<RemoteClassName, object>>): void {
  for (const [name, each] of Object.entries(members)) extras.set(name, each);
}

/** @internal The class of a name. */
export function remoteClass(name: RemoteClassName): RemoteClass {
  const known = built.get(name);
  if (known !== undefined) return known;
  const table: Table = MEMBERS[name];
  const base = table['@extends'];
  const Base = base === undefined ? RemoteObject : remoteClass(base as RemoteClassName);
  const made = { [`Async${name}`]: class extends Base {} }[`Async${name}`] as RemoteClass;
  for (const [member, kind] of Object.entries(table)) {
    if (!member.startsWith('@')) defineMember(made.prototype, member, kind as MemberKind, name);
  }
  if (table['@iterate'] !== undefined) {
    Object.defineProperty(made.prototype, Symbol.asyncIterator, {
      value: iterate,
      configurable: true,
      writable: true,
    });
  }
  const own = Object.getOwnPropertyDescriptors(extras.get(name) ?? {});
  Object.defineProperties(made.prototype, own);
  built.set(name, made);
  return made;
}

function defineMember(prototype: object, member: string, kind: MemberKind, name: string): void {
  const define = (property: string, descriptor: PropertyDescriptor) =>
    Object.defineProperty(prototype, property, { configurable: true, ...descriptor });
  switch (kind) {
    case 'call':
    case 'async':
      define(member, { value: named(member, callOf(member)), writable: true });
      break;
    case 'chain':
      define(member, { value: named(member, chainOf(member)), writable: true });
      break;
    case 'getset':
    case 'get':
      define(member, {
        get(this: Remote) {
          return this[LINK].call('@get', [member]);
        },
      });
      if (kind === 'get') break;
      define(`set${member[0]?.toUpperCase()}${member.slice(1)}`, {
        value(this: Remote, value: unknown) {
          return this[LINK].call('@set', [member, value]);
        },
        writable: true,
      });
      break;
    case 'part':
      define(member, {
        get(this: Remote) {
          return partOf(this, member, PART_CLASSES[member] ?? fail(`${name}.${member}`));
        },
      });
      break;
    case 'fact': // comes with the handle
    case 'local': // by hand
      break;
  }
}

function named<T extends (...values: never[]) => unknown>(name: string, method: T): T {
  return Object.defineProperty(method, 'name', { value: name });
}

function callOf(member: string) {
  return function (this: Remote, ...values: unknown[]): Promise<unknown> {
    return this[LINK].call(member, values);
  };
}

/** Results that can be called before they are there: of what returns its own handle. */
function chainOf(member: string) {
  return function (this: Remote & { [CHAINED]?: Promise<unknown> }, ...values: unknown[]): object {
    const { [CHAINED]: before } = this;
    const self: Remote = before === undefined ? this : Object.getPrototypeOf(this);
    const now = self[LINK].call(member, values);
    const all = before === undefined ? now : before.then(() => now);
    if (before !== undefined) now.catch(() => {}); // the first error is told, of the whole chain
    const settled = all.then(() => self);
    settled.catch(() => {});
    return Object.create(self, {
      [CHAINED]: { value: all },
      // biome-ignore lint/suspicious/noThenProperty: it is to be awaited
      then: {
        value: (...how: Parameters<Promise<unknown>['then']>) => settled.then(...how),
      },
    });
  };
}

const CHAINED = Symbol('what came before');

/** The class of a part, by the name under which it is reached. */
const PART_CLASSES: Readonly<Record<string, RemoteClassName>> = {
  heap: 'HeapMonitor',
  env: 'Env',
  perfContext: 'PerfContext',
  ioStatsContext: 'IOStatsContext',
  alerts: 'Alerts',
};

function fail(what: string): never {
  throw new TypeError(`${what} has no class in PART_CLASSES`);
}

/** Parts are made when they are asked for, each once. */
const parts = new WeakMap<object, Map<string, RemoteObject>>();

function partOf(owner: Remote, member: string, name: RemoteClassName): RemoteObject {
  const mine = parts.get(owner) ?? new Map<string, RemoteObject>();
  parts.set(owner, mine);
  const known = mine.get(member);
  if (known !== undefined) return known;
  const { connection, id, path } = owner[LINK];
  const part = new (remoteClass(name))(new Link(connection, id, [...path, member], owner));
  const facts = (owner as unknown as Record<string, Readonly<Record<string, unknown>>>)[
    `@${member}`
  ];
  for (const [fact, value] of Object.entries(facts ?? {})) defineFact(part, fact, value);
  mine.set(member, part);
  return part;
}

/** @internal */
export function make(kind: string, link: Link, facts: Readonly<Record<string, unknown>>): object {
  if (kind === 'function') {
    const fn = (...values: unknown[]) => link.call('@invoke', values);
    return Object.defineProperty(fn, LINK, { value: link });
  }
  if (kind === 'iterator') return iteratorOf(link);
  const remote = new (remoteClass(kind as RemoteClassName))(link);
  for (const [name, value] of Object.entries(facts)) defineFact(remote, name, value);
  // Whoever holds a database's column family holds the database.
  const { defaultColumnFamily: family } = facts;
  if (isRemote(family)) family[LINK].uses = remote;
  return remote;
}

function defineFact(remote: object, name: string, value: unknown): void {
  Object.defineProperty(remote, name, { value, enumerable: !name.startsWith('@') });
}

/** What a loop over a handle takes from the worker, one by one. */
function iterate(this: Remote): AsyncIterableIterator<unknown> {
  const made = this[LINK].call('@iterator', []) as Promise<AsyncIterator<unknown>>;
  made.catch(() => {}); // told by next()
  return {
    next: async () => (await made).next(),
    return: async () => (await made).return?.() ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function iteratorOf(link: Link): AsyncIterableIterator<unknown> & Remote {
  return {
    [LINK]: link,
    next: () => link.call('@next', []) as Promise<IteratorResult<unknown>>,
    return: () => link.call('@return', []) as Promise<IteratorResult<unknown>>,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
