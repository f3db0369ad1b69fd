import * as fs from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { LockHeldError } from '../../src/wasi/file-system.js';
import { FileLocks } from '../../src/wasi/lock.js';
import { identify, type OwnerRecord } from '../../src/wasi/lock-owner.js';
import { type ProcessProbe, systemProbe } from '../../src/wasi/process-probe.js';
import { codeOf, withFolder } from './helpers.js';
import { DEAD, OTHER_PID, probe } from './lock-fixtures.js';

function put(folder: string, generation: number | string, record: object | string): void {
  const content = typeof record === 'string' ? record : JSON.stringify(record);
  fs.writeFileSync(`${folder}/LOCK.owner.${generation}`, content);
}

function get(folder: string, generation: number): OwnerRecord {
  return JSON.parse(fs.readFileSync(`${folder}/LOCK.owner.${generation}`, 'utf8'));
}

function refusal(run: () => unknown): LockHeldError {
  try {
    run();
  } catch (error) {
    return error as LockHeldError;
  }
  throw new Error('it was not refused');
}

describe('a file lock', () => {
  const locks = new FileLocks(probe());

  it('is one file beside LOCK, which itself is left alone', () =>
    withFolder((folder) => {
      const lock = locks.acquire(`${folder}/LOCK`);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.1']);
      const { token, since, ...identity } = get(folder, 1);
      expect(identity).toEqual(identify(probe()).identity);
      expect(Math.abs(Date.now() - since)).toBeLessThan(60_000);
      expect(token.length).toBe(36);
      lock.release();
      expect(fs.readdirSync(folder)).toEqual([]);
    }));

  it('is refused to a second engine of this process, however it names the file', () =>
    withFolder((folder) => {
      const lock = locks.acquire(`${folder}/LOCK`);
      fs.symlinkSync(folder, `${folder}/again`);
      for (const path of [`${folder}/LOCK`, `${folder}/again/LOCK`]) {
        // Another instance, as another engine has.
        const error = refusal(() => new FileLocks().acquire(path));
        expect([error.code, error.name, error.path]).toEqual(['EAGAIN', 'LockHeldError', path]);
        expect(error.owner?.thisProcess).toBe(true);
        expect(error.owner?.token).toBe(lock.token);
        expect(error.message.includes('is held by this process since 2')).toBe(true);
      }
      lock.release();
      new FileLocks().acquire(`${folder}/again/LOCK`).release();
    }));

  it('is refused when our own pid holds it under a token that is not known here', () =>
    withFolder((folder) => {
      put(folder, 1, { ...identify(systemProbe).identity, token: 'thread', since: 0 });
      const error = refusal(() => new FileLocks().acquire(`${folder}/LOCK`));
      expect([error.owner?.pid, error.owner?.thisProcess]).toEqual([process.pid, false]);
      expect(error.message.includes('another copy of this package')).toBe(true);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.1']);
    }));

  it('is refused with the name of the holder, the time, the reason and the way out', () =>
    withFolder((folder) => {
      put(folder, 7, { ...DEAD, host: 'elsewhere' });
      const { message, owner } = refusal(() => locks.acquire(`${folder}/LOCK`));
      expect(owner).toEqual({
        pid: OTHER_PID,
        since: 1_600_000_000_000,
        host: 'elsewhere',
        thisProcess: false,
        native: false,
        token: 'token',
      });
      for (const part of [
        `process ${OTHER_PID} on elsewhere since 2020-09-13T12:26:40.000Z`,
        'on another host',
        `remove ${folder}/LOCK.owner.7`,
      ]) {
        expect(message.includes(part)).toBe(true);
      }
    }));

  it('is taken over from the dead with the next generation, and tidied up', () =>
    withFolder((folder) => {
      put(folder, 2, DEAD);
      put(folder, 9, { ...DEAD, token: 'later' });
      fs.writeFileSync(`${folder}/LOCK.owner.new.abandoned`, '');
      fs.writeFileSync(`${folder}/LOCK.owner.x`, 'not ours');
      const lock = locks.acquire(`${folder}/LOCK`);
      expect(fs.readdirSync(folder).sort()).toEqual(['LOCK.owner.10', 'LOCK.owner.x']);
      lock.release();
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.x']);
    }));

  it('is refused for a live owner of whatever generation', () =>
    withFolder((folder) => {
      put(folder, 2, { ...DEAD, pid: 200, token: 'alive' });
      put(folder, 9, DEAD);
      const machine = probe({ exists: (pid) => pid === 200 });
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      expect(fs.readdirSync(folder).length).toBe(2);
    }));

  it('counts as held while its record is not whole', () =>
    withFolder((folder) => {
      put(folder, 1, JSON.stringify(DEAD).slice(0, 40));
      const error = refusal(() => locks.acquire(`${folder}/LOCK`));
      expect([error.code, error.owner]).toEqual(['EAGAIN', undefined]);
      expect(error.message.includes(`${folder}/LOCK.owner.1`)).toBe(true);
      put(folder, 1, DEAD);
      locks.acquire(`${folder}/LOCK`).release();
    }));

  it('is not taken where numbers end: the next would have no name that is looked for', () =>
    withFolder((folder) => {
      const last = 999_999_999_999_999;
      put(folder, last - 1, DEAD);
      const lock = locks.acquire(`${folder}/LOCK`);
      expect(fs.readdirSync(folder)).toEqual([`LOCK.owner.${last}`]);
      expect(codeOf(() => new FileLocks(probe()).acquire(`${folder}/LOCK`))).toBe('EAGAIN');
      lock.release();
      put(folder, last, DEAD);
      const error = refusal(() => locks.acquire(`${folder}/LOCK`));
      expect(error.message.endsWith(`remove ${folder}/LOCK.owner.${last}`)).toBe(true);
    }));

  it('is free when its record says that it was released', () =>
    withFolder((folder) => {
      put(folder, 1, { ...DEAD, host: 'elsewhere', released: true });
      locks.acquire(`${folder}/LOCK`).release();
      expect(fs.readdirSync(folder)).toEqual([]);
    }));

  it('is released with its own token only', () =>
    withFolder((folder) => {
      const lock = locks.acquire(`${folder}/LOCK`);
      // As if somebody had removed our file by hand, and another had come.
      put(folder, 1, { ...DEAD, token: 'another' });
      lock.release();
      expect(get(folder, 1).token).toBe('another');
    }));

  it('is released in peace when its folder is gone', () =>
    withFolder((folder) => {
      fs.mkdirSync(`${folder}/db`);
      const lock = locks.acquire(`${folder}/db/LOCK`);
      fs.rmSync(`${folder}/db`, { recursive: true });
      lock.release();
      fs.mkdirSync(`${folder}/db`);
      locks.acquire(`${folder}/db/LOCK`).release();
    }));

  it('names the program of a holder, where the number is of our own namespace', () =>
    withFolder((folder) => {
      const machine = probe({ exists: () => true, program: () => 'server' });
      put(folder, 1, DEAD);
      const near = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(near.owner?.program).toBe('server');
      expect(near.message.includes(`process ${OTHER_PID} (server) on host since`)).toBe(true);
      put(folder, 1, { ...DEAD, pidNamespace: 'pid:[2]' });
      const far = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(far.owner?.program).toBe(undefined);
      expect(far.message.includes('server')).toBe(false);
    }));

  it('is refused, and nothing left behind, where a native process has it', () =>
    withFolder((folder) => {
      const native = { pid: 7, program: 'ldb', startedAt: 1_600_000_000_000 };
      const refused = (nativeHolder: ProcessProbe['nativeHolder']) =>
        refusal(() => new FileLocks(probe({ nativeHolder })).acquire(`${folder}/LOCK`));
      const error = refused(() => native);
      expect(error.message).toBe(
        `${folder}/LOCK is locked natively by process 7 (ldb), which runs since ` +
          '2020-09-13T12:26:40.000Z: close the database there',
      );
      const { pid, program, since, thisProcess, native: isNative } = error.owner ?? {};
      expect([pid, program, since, thisProcess, isNative]).toEqual([
        7,
        'ldb',
        undefined,
        false,
        true,
      ]);
      expect(refused(() => ({ pid: undefined })).message).toBe(
        `${folder}/LOCK is locked natively by a process that the system does not name: close the database there`,
      );
      expect(refused(() => ({ pid: 100 })).message.includes('by this process itself')).toBe(true);
      expect(fs.readdirSync(folder)).toEqual([]);
      locks.acquire(`${folder}/LOCK`).release();
    }));

  it('is ours to take again when its file could not be removed', () =>
    withFolder((folder) => {
      fs.mkdirSync(`${folder}/db`);
      const own = new FileLocks();
      const lock = own.acquire(`${folder}/db/LOCK`);
      fs.renameSync(`${folder}/db`, `${folder}/moved`);
      lock.release();
      expect(fs.readdirSync(`${folder}/moved`)).toEqual(['LOCK.owner.1']);
      own.acquire(`${folder}/moved/LOCK`).release();
      expect(fs.readdirSync(`${folder}/moved`)).toEqual([]);
    }));

  it('keeps one database apart from another of the same folder', () =>
    withFolder((folder) => {
      const lock = locks.acquire(`${folder}/LOCK`);
      locks.acquire(`${folder}/LOCK2`).release();
      expect(codeOf(() => locks.acquire(`${folder}/LOCK`))).toBe('EAGAIN');
      lock.release();
    }));
});

describe('a race for a file lock', () => {
  const RIVAL = { ...DEAD, pid: 200, startTime: null, token: 'rival' };

  /** An owner file whose owner is not yet sure to have the lock. */
  const contend = (folder: string, generation: number) => {
    put(folder, generation, RIVAL);
    const file = `${folder}/LOCK.owner.${generation}`;
    fs.linkSync(file, `${folder}/LOCK.owner.new.rival`);
  };
  const remove = (folder: string, ...names: string[]) => {
    for (const name of names) fs.unlinkSync(`${folder}/LOCK.owner.${name}`);
  };

  /** A contender that finds out that the owner is dead, and is overtaken by `event` just then. */
  const overtaken = (event: () => void, rivalExists: () => boolean = () => true): ProcessProbe => {
    let done = false;
    return probe({
      exists(pid) {
        if (!done) event();
        done = true;
        return pid === 200 && rivalExists();
      },
    });
  };

  it('is lost to a live file of a lower generation, made when numbers began anew', () =>
    withFolder((folder) => {
      put(folder, 5, DEAD);
      const machine = overtaken(() => put(folder, 1, RIVAL));
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      // Its own file, the sixth, is gone again.
      expect(fs.readdirSync(folder).sort()).toEqual(['LOCK.owner.1', 'LOCK.owner.5']);
    }));

  it('is won when a straggler with a higher generation withdraws', () =>
    withFolder((folder) => {
      put(folder, 1, DEAD);
      let looks = 0;
      const machine = overtaken(
        () => put(folder, 7, RIVAL),
        () => {
          if (++looks === 3) fs.unlinkSync(`${folder}/LOCK.owner.7`);
          return true;
        },
      );
      const lock = new FileLocks(machine).acquire(`${folder}/LOCK`);
      expect(looks).toBe(3);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.2']);
      lock.release();
    }));

  it('is won when all that contend withdraw, however long it takes them', () =>
    withFolder((folder) => {
      for (const generation of [1, 7]) {
        put(folder, 3, DEAD);
        let looks = 0;
        const machine = overtaken(
          () => contend(folder, generation),
          () => {
            if (++looks === 30) remove(folder, String(generation), 'new.rival');
            return true;
          },
        );
        const lock = new FileLocks(machine).acquire(`${folder}/LOCK`);
        expect(looks).toBe(30);
        expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.4']);
        lock.release();
      }
    }));

  it('is lost when one that contends gets it', () =>
    withFolder((folder) => {
      for (const generation of [1, 7]) {
        put(folder, 3, DEAD);
        let looks = 0;
        const machine = overtaken(
          () => contend(folder, generation),
          () => {
            if (++looks === 30) remove(folder, 'new.rival');
            return true;
          },
        );
        const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
        expect(error.owner?.pid).toBe(200);
        expect(looks).toBeGreaterThanOrEqual(30);
        remove(folder, '3', String(generation));
        expect(fs.readdirSync(folder)).toEqual([]);
      }
    }));

  it('is lost to one that contends and is stopped', () =>
    withFolder((folder) => {
      contend(folder, 1);
      const machine = probe({ exists: (pid) => pid === 200 });
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.1', 'LOCK.owner.new.rival']);
    }));

  it('is contended while its own file has its draft', () =>
    withFolder((folder) => {
      put(folder, 1, DEAD);
      const seen: string[][] = [];
      const machine = probe({
        nativeHolder: () => {
          seen.push(fs.readdirSync(folder).map((name) => name.replace(/new\..*/, 'new')));
          return undefined;
        },
      });
      const lock = new FileLocks(machine).acquire(`${folder}/LOCK`);
      expect(seen.map((names) => names.sort())).toEqual([
        ['LOCK.owner.1', 'LOCK.owner.2', 'LOCK.owner.new'],
      ]);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.2']);
      lock.release();
    }));

  it('leaves the drafts of others that contend', () =>
    withFolder((folder) => {
      put(folder, 'new.alive', { ...RIVAL, token: 'alive' });
      put(folder, 'new.dead', DEAD);
      put(folder, 'new.torn', '{"pid":');
      const machine = probe({ exists: (pid) => pid === 200 });
      new FileLocks(machine).acquire(`${folder}/LOCK`).release();
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.new.alive']);
    }));

  it('is lost when the higher generation stays', () =>
    withFolder((folder) => {
      put(folder, 1, DEAD);
      const machine = overtaken(() => put(folder, 7, RIVAL));
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      expect(fs.readdirSync(folder).sort()).toEqual(['LOCK.owner.1', 'LOCK.owner.7']);
    }));

  it('is lost to who took over and tidied up between the listing and the look', () =>
    withFolder((folder) => {
      put(folder, 8, DEAD);
      put(folder, 9, DEAD);
      const seen = new Set<string>();
      const machine = overtaken(
        () => {
          for (const generation of [8, 9]) fs.unlinkSync(`${folder}/LOCK.owner.${generation}`);
          put(folder, 10, RIVAL);
        },
        () => {
          for (const name of fs.readdirSync(folder)) seen.add(name);
          return true;
        },
      );
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      expect(get(folder, 10).token).toBe('rival');
      // Nobody else was told, by a file of ours, that we hold it.
      expect([...seen]).toEqual(['LOCK.owner.10']);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.10']);
    }));

  it('is lost to who took the same generation first', () =>
    withFolder((folder) => {
      put(folder, 1, DEAD);
      const machine = overtaken(() => put(folder, 2, RIVAL));
      const error = refusal(() => new FileLocks(machine).acquire(`${folder}/LOCK`));
      expect(error.owner?.pid).toBe(200);
      expect(get(folder, 2).token).toBe('rival');
    }));
});

describe('forget', () => {
  const locks = new FileLocks(probe());

  it('removes what the dead have left, so that the folder can go', () =>
    withFolder((folder) => {
      put(folder, 3, DEAD);
      fs.writeFileSync(`${folder}/LOCK.owner.new.abandoned`, '');
      locks.forget(`${folder}/LOCK`);
      expect(fs.readdirSync(folder)).toEqual([]);
    }));

  it('leaves a lock that is held', () =>
    withFolder((folder) => {
      const lock = locks.acquire(`${folder}/LOCK`);
      locks.forget(`${folder}/LOCK`);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.1']);
      lock.release();
      put(folder, 1, { ...DEAD, host: 'elsewhere' });
      locks.forget(`${folder}/LOCK`);
      expect(fs.readdirSync(folder)).toEqual(['LOCK.owner.1']);
    }));

  it('has nothing to do where the folder is gone', () =>
    withFolder((folder) => locks.forget(`${folder}/none/LOCK`)));
});
