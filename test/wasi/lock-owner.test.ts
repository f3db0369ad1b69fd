import * as fs from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import {
  INITIAL_PID_NAMESPACE,
  identify,
  type OwnerRecord,
  parseRecord,
  whyHeld,
} from '../../src/wasi/lock-owner.js';
import {
  machineIdIn,
  type ProcessProbe,
  parseState,
  systemProbe,
} from '../../src/wasi/process-probe.js';
import { DEAD, OTHER_PID, probe, running } from './lock-fixtures.js';

function denied(message: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { name: 'NotCapable' });
  };
}

describe('whether an owner lives', () => {
  const judge = (record: Partial<OwnerRecord>, changes: Partial<ProcessProbe> = {}) => {
    const machine = probe(changes);
    return whyHeld({ ...DEAD, ...record }, identify(machine), machine);
  };
  const exists = () => true;

  it('is refuted by a process that is gone', () => {
    expect(judge({})).toBe(undefined);
    expect(judge({}, { exists })).toBe('alive');
  });

  it('is refuted by another start time: the pid was given anew', () => {
    const started = (startTime: string) => ({ exists, state: () => running(startTime) });
    expect(judge({}, started('2001'))).toBe(undefined);
    expect(judge({}, started('2000'))).toBe('alive');
    expect(judge({ startTime: null }, started('2001'))).toBe('alive');
    expect(judge({}, { exists, state: () => null })).toBe('alive');
    // Another clock counts otherwise.
    expect(judge({ timeNamespace: 'time:[2]' }, started('2001'))).toBe('alive');
    expect(judge({ timeNamespace: null }, started('2001'))).toBe('alive');
  });

  it('is refuted by a process that has ended, though nobody has waited for it', () => {
    const state = () => ({ startTime: '2000', ended: true });
    expect(judge({}, { exists, state })).toBe(undefined);
    expect(judge({ startTime: null, timeNamespace: null }, { exists, state })).toBe(undefined);
  });

  it('is refuted by the end of its thread', () => {
    const threads = (startTime: string | null) => ({
      exists,
      state: (_pid: number, thread?: number) => {
        if (thread === undefined) return running('2000');
        return startTime === null ? null : running(startTime);
      },
    });
    const worker = { threadId: OTHER_PID + 1, threadStartTime: '2100' };
    expect(judge(worker, threads('2100'))).toBe('alive');
    expect(judge(worker, threads(null))).toBe(undefined);
    expect(judge(worker, threads('2200'))).toBe(undefined);
    // Nothing is told of the process: nothing follows from nothing being told of its thread.
    expect(judge(worker, { exists, state: () => null })).toBe('alive');
    expect(judge({ threadId: null, threadStartTime: null }, threads(null))).toBe('alive');
    // A worker of our own process, which has ended.
    const own = { pid: 100, startTime: '1000', threadId: 102, threadStartTime: '1100' };
    expect(judge(own)).toBe(undefined);
  });

  it('is refuted by another boot of the same host', () => {
    const outside = { pidNamespace: INITIAL_PID_NAMESPACE };
    const machine = { exists, pidNamespace: () => INITIAL_PID_NAMESPACE };
    expect(judge({ ...outside, bootId: 'earlier' }, machine)).toBe(undefined);
  });

  it('is not refuted by another boot of what may be another machine', () => {
    const outside = { pidNamespace: INITIAL_PID_NAMESPACE, bootId: 'earlier' };
    const machine = { pidNamespace: () => INITIAL_PID_NAMESPACE };
    // Replicas of a container: one name, one image, and the same folder on two machines.
    const container = 'in a container of another boot, perhaps on another machine';
    expect(judge({ bootId: 'earlier' })).toBe(container);
    expect(judge({ bootId: 'earlier' }, machine)).toBe(container);
    expect(judge(outside)).toBe(container);
    expect(judge({ ...outside, pidNamespace: null }, machine)).toBe(container);
    expect(judge({ ...outside, machineId: null }, { ...machine, machineId: () => null })).toBe(
      'of another boot, perhaps of another machine',
    );
    for (const text of [null, '', 'uninitialized', 'b'.repeat(31)]) {
      expect(machineIdIn(text)).toBe(null);
    }
    expect(machineIdIn('b0'.repeat(16))).toBe('b0'.repeat(16));
  });

  it('is refuted by its release', () => {
    expect(judge({ released: true }, { exists })).toBe(undefined);
    expect(judge({ released: false }, { exists })).toBe('alive');
  });

  it('is not refuted from another host, whatever its boot', () => {
    expect(judge({ host: 'elsewhere' })).toBe('on another host');
    expect(judge({ host: 'elsewhere', bootId: 'earlier' })).toBe('on another host');
    const twin = judge({ machineId: 'other', bootId: 'earlier' });
    expect(twin).toBe('on another machine of the same name');
  });

  it('is not refuted from another PID namespace', () => {
    expect(judge({ pidNamespace: 'pid:[2]' })).toBe('in another PID namespace (another container)');
  });

  it('is not refuted for our own pid, unless we started at another time', () => {
    const own = { pid: 100, startTime: '1000', threadId: 101, threadStartTime: '1000' };
    expect(judge(own)).toBe('this process and thread: another copy of this package');
    expect(judge({ ...own, threadId: null, threadStartTime: null })).toBe(
      'this process: another thread, or another copy of this package',
    );
    expect(judge({ ...own, startTime: '999' })).toBe(undefined);
    // Our own existence needs no permission to be seen.
    const blind = { exists: denied('Requires run access') };
    expect(judge({ ...own, startTime: '999' }, blind)).toBe(undefined);
  });

  it('is not refuted by age', () => {
    expect(judge({ since: 0 }, { exists })).toBe('alive');
  });

  it('cannot be told without the means to tell, and the missing permission is named', () => {
    const cases: Partial<ProcessProbe>[] = [
      { host: denied('Requires sys access') },
      { bootId: denied('Requires sys access') },
      { machineId: denied('Requires sys access') },
      { pidNamespace: denied('Requires sys access') },
      { exists: denied('Requires sys access') },
      { exists, state: denied('Requires sys access') },
    ];
    for (const changes of cases) {
      expect(judge({}, changes)?.includes('Requires sys access')).toBe(true);
    }
    // Written without them, read without them: nothing is proven by both being null.
    const blind = { bootId: () => null, pidNamespace: () => null };
    expect(judge({ bootId: null, pidNamespace: null }, blind)).toBe(
      'its owner file does not say its boot id',
    );
    expect(judge({ pidNamespace: null }, { pidNamespace: () => null })).toBe(
      'its owner file does not say its PID namespace',
    );
    expect(judge({ host: null })).toBe('its owner file does not say its host');
  });

  it('is refuted by pid alone where there is neither boot id nor namespace', () => {
    const nothing = () => null;
    const mac = {
      platform: 'darwin',
      state: nothing,
      bootId: nothing,
      pidNamespace: nothing,
      timeNamespace: nothing,
    };
    const record = { bootId: null, pidNamespace: null, timeNamespace: null, startTime: null };
    expect(judge(record, mac)).toBe(undefined);
    expect(judge(record, { ...mac, exists })).toBe('alive');
  });
});

describe('owner records', () => {
  it('are read whole or not at all', () => {
    const whole = JSON.stringify(DEAD);
    expect(parseRecord(whole)).toEqual(DEAD);
    for (let length = 0; length < whole.length; length++) {
      expect(parseRecord(whole.slice(0, length))).toBe(undefined);
    }
  });

  it('may lack what earlier ones did not have', () => {
    const { threadId, threadStartTime, timeNamespace, machineId, ...rest } = DEAD;
    expect(parseRecord(JSON.stringify(rest))).toEqual({
      ...DEAD,
      threadId: null,
      threadStartTime: null,
      timeNamespace: null,
      machineId: null,
    });
    expect(parseRecord(JSON.stringify({ ...DEAD, threadId: 'x' }))).toBe(undefined);
    expect(parseRecord(JSON.stringify({ ...DEAD, timeNamespace: 7 }))).toBe(undefined);
  });

  it('have times that can be told', () => {
    for (const since of [8.64e15 + 1, -1e300, null, '7', undefined]) {
      expect(parseRecord(JSON.stringify({ ...DEAD, since }))).toBe(undefined);
    }
    expect(parseRecord(JSON.stringify({ ...DEAD, since: 8.64e15 }))?.since).toBe(8.64e15);
  });

  it('never name what kill() takes for a group', () => {
    for (const pid of [0, -1, 1.5, '7', null]) {
      expect(parseRecord(JSON.stringify({ ...DEAD, pid }))).toBe(undefined);
    }
    for (const text of ['null', '[]', '7', '"x"', '{}', '{"pid":7}']) {
      expect(parseRecord(text)).toBe(undefined);
    }
  });
});

describe('systemProbe', () => {
  it('knows this process', () => {
    const { identity, outOfReach } = identify(systemProbe);
    expect(outOfReach).toEqual([]);
    expect(identity.pid).toBe(process.pid);
    expect(systemProbe.exists(process.pid)).toBe(true);
    expect(systemProbe.exists(OTHER_PID + 200_000)).toBe(false);
    if (process.platform !== 'linux') return;
    // The number of ticks since boot is less than those since 1970, and more than none.
    const ticks = Number(identity.startTime);
    const uptime = Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    expect(ticks).toBeGreaterThan(0);
    expect(ticks).toBeLessThanOrEqual((uptime + 1) * 100);
    expect(identity.bootId?.length).toBe(36);
    expect(identity.pidNamespace?.startsWith('pid:[')).toBe(true);
    expect(identity.timeNamespace === null || identity.timeNamespace.startsWith('time:[')).toBe(
      true,
    );
    expect(fs.existsSync(`/proc/self/task/${identity.threadId}`)).toBe(true);
    expect(Number(identity.threadStartTime)).toBeGreaterThanOrEqual(ticks);
    expect(systemProbe.state(OTHER_PID + 200_000)).toBe(null);
    expect(systemProbe.state(process.pid, OTHER_PID + 200_000)).toBe(null);
    expect(/^(node|deno|bun)/.test(systemProbe.program(process.pid) ?? '')).toBe(true);
    expect(systemProbe.program(OTHER_PID + 200_000)).toBe(undefined);
  });

  it('reads states whatever a program is called', () => {
    const stat = (name: string, state: string, threads: number) =>
      `7 (${name}) ${state} 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 ${threads} 0 4711 99 100`;
    for (const name of ['node', 'a b', ') Z 1', '((']) {
      expect(parseState(stat(name, 'S', 11))).toEqual(running('4711'));
    }
    expect(parseState(stat('node', 'Z', 1))).toEqual({ startTime: '4711', ended: true });
    expect(parseState(stat('node', 'X', 0))).toEqual({ startTime: '4711', ended: true });
    // Its first thread has ended; others may be in the middle of a write.
    expect(parseState(stat('node', 'Z', 3))).toEqual(running('4711'));
    for (const text of [null, '', '7 (node) S 1 2']) expect(parseState(text)).toBe(null);
  });
});
