/** What the monitor tells by itself, to listeners and on `node:diagnostics_channel`. */

import { type Channel, channel } from 'node:diagnostics_channel';
import { shown } from '../shown.js';
import type { AlertEvent } from './alert-rules.js';
import type { GrowthSuspect } from './growth/suspect.js';
import type { HandleKind, HandleRecord } from './ledger.js';

/** A handle of a certain age. Its record is a copy, as it was when the event was made. */
export interface AgeEvent {
  readonly handle: HandleRecord;
  /** Operations of the engine since it was made. */
  readonly ageOperations: number;
  /** Milliseconds, likewise. */
  readonly ageMs: number;
}

/** A handle has been live for as long as its kind's leakDetectionThreshold. Told once of each. */
export interface LeakEvent extends AgeEvent {
  /** The handle in words, without what it keeps alive: `heap.why(event.handle)` says that, too, at some cost. */
  readonly why: string;
}

/** A handle's time to live has ended. */
export interface ExpiredEvent extends AgeEvent {
  /** What became of it: the policy's `onExpire`, or `event`, when it could not be refreshed. */
  readonly outcome: 'event' | 'throwOnUse' | 'free' | 'refresh';
  /** Why it could not be refreshed. */
  readonly problem?: string;
}

/** A handle that nobody freed was freed, by a policy or since the garbage collector found it lost. */
export interface ReclaimedEvent {
  readonly handle: HandleRecord;
  readonly by: 'ttl' | 'finalizer' | 'pool';
}

/** A policy's limit was passed. It is told once, and again when it was kept in between. */
export interface LimitEvent {
  readonly limit: 'maxLive' | 'maxPinnedBytes' | 'softMaxBytes';
  /** Undefined of softMaxBytes, which is the heap's. */
  readonly kind: HandleKind | undefined;
  /** Of `maxPinnedBytes` of a single handle: that one. */
  readonly handle?: HandleRecord;
  /** Handles or bytes. */
  readonly value: number;
  readonly max: number;
}

/** What is told of, by name. Pieces that tell more add to it. */
export interface MonitorEventMap {
  leak: LeakEvent;
  /** The growth detector suspects something: see `heap.watchGrowth()`. */
  growth: GrowthSuspect;
  expired: ExpiredEvent;
  reclaimed: ReclaimedEvent;
  limit: LimitEvent;
  alert: AlertEvent;
}

export type MonitorEvent = keyof MonitorEventMap;

export const MONITOR_EVENTS = [
  'leak',
  'growth',
  'expired',
  'reclaimed',
  'limit',
  'alert',
] as const satisfies readonly MonitorEvent[];

/** Each event is published on the channel of this name and its own. */
export const CHANNEL_PREFIX = 'rocksdb-wasm:';

/** The message on a channel: the event, and the engine's ledger that it is of. */
export type MonitorMessage<E extends MonitorEvent = MonitorEvent> = MonitorEventMap[E] & {
  readonly engine: number;
};

type Listener = (event: never) => unknown;

/** How listeners are called: at a moment when they may use the database. */
export type Later = (call: () => void) => void;

const channels = new Map<MonitorEvent, Channel>(
  MONITOR_EVENTS.map((name) => [name, channel(CHANNEL_PREFIX + name)]),
);

/** The listeners of one engine. */
export class MonitorEvents {
  readonly #listeners = new Map<MonitorEvent, Set<Listener>>();
  /** Its number in the process. */
  readonly engine: number;
  readonly #later: Later;
  readonly #warn: (message: string) => void;

  /** `engine`: its number in the process, which tells the engines of a channel's messages apart. */
  constructor(engine: number, later: Later, warn: (message: string) => void) {
    this.engine = engine;
    this.#later = later;
    this.#warn = warn;
  }

  /** Returns the function that takes the listener back. */
  on<E extends MonitorEvent>(name: E, listener: (event: MonitorEventMap[E]) => unknown) {
    if (!channels.has(name)) {
      throw new TypeError(
        `event: expected one of ${MONITOR_EVENTS.join(', ')}, got ${shown(name)}`,
      );
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`listener of ${name}: expected a function, got ${typeof listener}`);
    }
    const own = (event: MonitorEventMap[E]) => listener(event);
    const listeners = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, listeners.add(own));
    return () => {
      listeners.delete(own);
    };
  }

  /** Whether anybody would hear of it. */
  heard(name: MonitorEvent): boolean {
    if (channels.get(name)?.hasSubscribers === true) return true;
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Tells of an event, soon; what a listener throws is a warning of the process. */
  emit<E extends MonitorEvent>(name: E, event: MonitorEventMap[E]): void {
    if (!this.heard(name)) return;
    this.#later(() => {
      // Those that a listener adds hear of the next one.
      for (const listener of [...(this.#listeners.get(name) ?? [])]) {
        this.#guard(name, () => (listener as (event: MonitorEventMap[E]) => unknown)(event));
      }
      channels.get(name)?.publish({ ...event, engine: this.engine });
    });
  }

  /** Calls a function of the program's as a listener is called. */
  call<E extends MonitorEvent>(
    name: E,
    listener: (event: MonitorEventMap[E]) => unknown,
    event: MonitorEventMap[E],
  ): void {
    this.#later(() => this.#guard(name, () => listener(event)));
  }

  #guard(name: MonitorEvent, call: () => unknown): void {
    const failed = (error: unknown) =>
      this.#warn(`a listener of '${name}' threw: ${String(error)}`);
    try {
      const result = call();
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
