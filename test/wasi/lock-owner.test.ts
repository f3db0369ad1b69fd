import * as fs from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import {
  identify,
  type OwnerRecord,
  type ProcessProbe,
  parseRecord,
  systemProbe,
  whyHeld,
} from '../../src/wasi/lock-owner.js';
import { DEAD, OTHER_PID, probe } from './lock-fixtures.js';

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
    expect(judge({}, { exists, startTime: () => '2001' })).toBe(undefined);
    expect(judge({}, { exists, startTime: () => '2000' })).toBe('alive');
    expect(judge({ startTime: null }, { exists, startTime: () => '2001' })).toBe('alive');
    expect(judge({}, { exists, startTime: () => null })).toBe('alive');
  });

  it('is refuted by another boot of the same host', () => {
    expect(judge({ bootId: 'earlier' }, { exists })).toBe(undefined);
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
    expect(judge({ pid: 100, startTime: '1000' })).toBe(
      'this process: another thread, or another copy of this package',
    );
    expect(judge({ pid: 100, startTime: '999' })).toBe(undefined);
    // Our own existence needs no permission to be seen.
    const blind = { exists: denied('Requires run access') };
    expect(judge({ pid: 100, startTime: '999' }, blind)).toBe(undefined);
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
      { exists, startTime: denied('Requires sys access') },
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
    const mac = { platform: 'darwin', bootId: () => null, pidNamespace: () => null };
    const record = { bootId: null, pidNamespace: null, startTime: null };
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
    expect(systemProbe.startTime(OTHER_PID + 200_000)).toBe(null);
  });
});
