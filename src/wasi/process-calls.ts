/** Arguments, environment, clocks, randomness, and the end of the guest. */
import {
  ClockId,
  Errno,
  Event,
  EventType,
  SUBSCRIPTION_CLOCK_ABSTIME,
  Subscription,
} from './abi.js';
import type { Clock } from './clock.js';
import type { CallContext, Calls } from './context.js';
import { checkRange } from './guest-memory.js';

/** The guest called exit(): the one thing that an import throws, since it must not return. */
export class GuestExit extends Error {
  constructor(readonly exitCode: number) {
    super(`the guest has exited with ${exitCode}`);
    this.name = 'GuestExit';
  }
}

export function processCalls(context: CallContext): Calls {
  return {
    ...environmentCalls(context),
    ...clockCalls(context),

    random_get(pointer: number, length: number) {
      const { u8 } = context.memory();
      const start = pointer >>> 0;
      checkRange(u8, start, length >>> 0);
      context.random.fill(u8.subarray(start, start + (length >>> 0)));
      return Errno.ESUCCESS;
    },

    // There is nobody to yield to.
    sched_yield: () => Errno.ESUCCESS,

    proc_exit(code: number) {
      throw new GuestExit(code);
    },
  };
}

function environmentCalls(context: CallContext): Calls {
  const encoder = new TextEncoder();
  const strings = Object.entries(context.environment).map(([name, value]) =>
    encoder.encode(`${name}=${value}\0`),
  );
  const sizes = (countPointer: number, bytesPointer: number, texts: readonly Uint8Array[]) => {
    const { view } = context.memory();
    const bytes = texts.reduce((sum, text) => sum + text.length, 0);
    view.setUint32(countPointer >>> 0, texts.length, true);
    view.setUint32(bytesPointer >>> 0, bytes, true);
    return Errno.ESUCCESS;
  };

  return {
    args_get: () => Errno.ESUCCESS,
    args_sizes_get: (count: number, bytes: number) => sizes(count, bytes, []),
    environ_sizes_get: (count: number, bytes: number) => sizes(count, bytes, strings),
    environ_get(pointers: number, buffer: number) {
      const { u8, view } = context.memory();
      let at = buffer >>> 0;
      for (const [index, text] of strings.entries()) {
        checkRange(u8, at, text.length);
        view.setUint32((pointers >>> 0) + 4 * index, at, true);
        u8.set(text, at);
        at += text.length;
      }
      return Errno.ESUCCESS;
    },
  };
}

function clockCalls(context: CallContext): Calls {
  const { clock } = context;
  return {
    // A microsecond: finer than that no clock here is on every runtime.
    clock_res_get(id: number, result: number) {
      if (readClock(clock, id) === undefined) return Errno.EINVAL;
      context.memory().view.setBigUint64(result >>> 0, 1000n, true);
      return Errno.ESUCCESS;
    },

    clock_time_get(id: number, _precision: bigint, result: number) {
      const now = readClock(clock, id);
      if (now === undefined) return Errno.EINVAL;
      context.memory().view.setBigUint64(result >>> 0, now, true);
      return Errno.ESUCCESS;
    },

    poll_oneoff(input: number, output: number, count: number, result: number) {
      return poll(context, input >>> 0, output >>> 0, count >>> 0, result >>> 0);
    },
  };
}

/** Undefined: there is no such clock. */
function readClock(clock: Clock, id: number): bigint | undefined {
  if (id === ClockId.REALTIME) return clock.realtimeNs();
  if (id === ClockId.MONOTONIC) return clock.monotonicNs();
  // With one thread, its time is that of the process.
  if (id === ClockId.PROCESS_CPUTIME || id === ClockId.THREAD_CPUTIME) return clock.cpuNs();
  return undefined;
}

/**
 * Sleeps until the first of the time-outs, and reports those that are due then. Descriptors cannot
 * be waited for: a subscription to one is answered at once, with ENOTSUP.
 */
function poll(
  { clock, memory }: CallContext,
  input: number,
  output: number,
  count: number,
  result: number,
): number {
  if (count === 0) return Errno.EINVAL;
  const { u8, view } = memory();
  checkRange(u8, output, count * Event.SIZE);

  const waits: bigint[] = [];
  const errors: number[] = [];
  for (let index = 0; index < count; index++) {
    const at = input + index * Subscription.SIZE;
    const isClock = view.getUint8(at + Subscription.TAG) === EventType.CLOCK;
    const wait = isClock ? timeLeft(clock, view, at) : undefined;
    waits.push(wait ?? 0n);
    errors.push(isClock ? (wait === undefined ? Errno.EINVAL : Errno.ESUCCESS) : Errno.ENOTSUP);
  }
  let shortest = waits[0] ?? 0n;
  for (const wait of waits) {
    if (wait < shortest) shortest = wait;
  }
  clock.sleep(shortest);

  let events = 0;
  for (const [index, wait] of waits.entries()) {
    if (wait > shortest) continue;
    const from = input + index * Subscription.SIZE;
    const userdata = view.getBigUint64(from + Subscription.USERDATA, true);
    const type = view.getUint8(from + Subscription.TAG);
    const at = output + events * Event.SIZE;
    u8.fill(0, at, at + Event.SIZE);
    view.setBigUint64(at + Event.USERDATA, userdata, true);
    view.setUint16(at + Event.ERROR, errors[index] ?? 0, true);
    view.setUint8(at + Event.TYPE, type);
    events++;
  }
  view.setUint32(result, events, true);
  return Errno.ESUCCESS;
}

/**
 * How long a clock subscription waits from now on, at least 0; undefined: there is no such clock.
 */
function timeLeft(clock: Clock, view: DataView, at: number): bigint | undefined {
  const id = view.getUint32(at + Subscription.CLOCK_ID, true);
  const timeout = view.getBigUint64(at + Subscription.CLOCK_TIMEOUT, true);
  const flags = view.getUint16(at + Subscription.CLOCK_FLAGS, true);
  const now = readClock(clock, id);
  if (now === undefined || (flags & SUBSCRIPTION_CLOCK_ABSTIME) === 0) {
    return now === undefined ? undefined : timeout;
  }
  return timeout > now ? timeout - now : 0n;
}
