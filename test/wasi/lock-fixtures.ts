import type { OwnerRecord, ProcessProbe } from '../../src/wasi/lock-owner.js';

/** No process has it: above what Linux gives out. */
export const OTHER_PID = 4_000_000;

/** A machine that can be set up at will. */
export function probe(changes: Partial<ProcessProbe> = {}): ProcessProbe {
  return {
    pid: 100,
    platform: 'linux',
    startTime: (pid) => (pid === 100 ? '1000' : null),
    bootId: () => 'boot',
    host: () => 'host',
    machineId: () => 'machine',
    pidNamespace: () => 'pid:[1]',
    exists: (pid) => pid === 100,
    ...changes,
  };
}

/** A record of a process that probe() finds dead. */
export const DEAD: OwnerRecord = {
  pid: OTHER_PID,
  startTime: '2000',
  bootId: 'boot',
  host: 'host',
  machineId: 'machine',
  pidNamespace: 'pid:[1]',
  token: 'token',
  since: 1_600_000_000_000,
};
