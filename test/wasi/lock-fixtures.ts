import type { OwnerRecord } from '../../src/wasi/lock-owner.js';
import type { ProcessProbe } from '../../src/wasi/process-probe.js';

/** No process has it: above what Linux gives out. */
export const OTHER_PID = 4_000_000;

/** A machine that can be set up at will. */
export function probe(changes: Partial<ProcessProbe> = {}): ProcessProbe {
  return {
    pid: 100,
    platform: 'linux',
    state: (pid, thread) =>
      pid === 100 && (thread === undefined || thread === 101) ? running('1000') : null,
    thread: () => 101,
    bootId: () => 'boot',
    host: () => 'host',
    machineId: () => 'machine',
    pidNamespace: () => 'pid:[1]',
    timeNamespace: () => 'time:[1]',
    exists: (pid) => pid === 100,
    program: () => undefined,
    nativeHolder: () => undefined,
    ...changes,
  };
}

export function running(startTime: string) {
  return { startTime, ended: false };
}

/** A record of a process that probe() finds dead. */
export const DEAD: OwnerRecord = {
  pid: OTHER_PID,
  startTime: '2000',
  threadId: OTHER_PID,
  threadStartTime: '2000',
  bootId: 'boot',
  host: 'host',
  machineId: 'machine',
  pidNamespace: 'pid:[1]',
  timeNamespace: 'time:[1]',
  token: 'token',
  since: 1_600_000_000_000,
};
