import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  deviceOfMount,
  deviceOfStat,
  holderIn,
  nativeHolderOf,
} from '../../src/wasi/native-locks.js';
import { withFolder } from './helpers.js';

describe('native locks', () => {
  const file = { devices: ['fe:00', '00:2a'], inode: '123' };
  const holder = (...lines: string[]) => holderIn(lines.join('\n'), file);

  it('are those that fcntl would fail at, on that very file', () => {
    const lock = '1: POSIX  ADVISORY  WRITE 77 fe:00:123 0 EOF';
    expect(holder(lock)).toEqual({ pid: 77 });
    expect(holder('9: POSIX  MANDATORY READ 78 00:2a:123 5 6')).toEqual({ pid: 78 });
    for (const other of [
      '1: FLOCK  ADVISORY  WRITE 77 fe:00:123 0 EOF',
      '1: LEASE  ACTIVE    WRITE 77 fe:00:123 0 EOF',
      '1: -> POSIX  ADVISORY  WRITE 77 fe:00:123 0 EOF',
      '1: POSIX  ADVISORY  WRITE 77 fe:00:1234 0 EOF',
      '1: POSIX  ADVISORY  WRITE 77 fe:00:12 0 EOF',
      '1: POSIX  ADVISORY  WRITE 77 fe:01:123 0 EOF',
      '1: POSIX  ADVISORY  WRITE 77 0fe:00:123 0 EOF',
      'nonsense',
      '',
    ]) {
      expect(holder(other)).toBe(undefined);
      expect(holder(other, lock)).toEqual({ pid: 77 });
    }
  });

  it('may be of nobody that is named: open files, other namespaces, other machines', () => {
    for (const pid of [-1, 0, -4321]) {
      expect(holder(`1: OFDLCK ADVISORY  WRITE ${pid} fe:00:123 0 EOF`)).toEqual({
        pid: undefined,
      });
    }
  });

  it('know a device by the number of stat() and by that of the mount', () => {
    expect(deviceOfStat(0xfe00n)).toBe('fe:00');
    expect(deviceOfStat(0x2an)).toBe('00:2a');
    // 12 bits of the minor number lie above the major one, and 20 of the major one above those.
    expect(deviceOfStat(0x1234500n | 0x67n)).toBe('345:1267');
    expect(deviceOfStat(0xabcde00012345678n)).toBe('abcde456:12378');
    const mounts = [
      '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '30 27 0:42 /sub /srv/my\\040data rw - btrfs /dev/vdb rw',
      '31 27 0:43 / /srv/my rw - tmpfs tmpfs rw',
      '32 30 0:44 / /srv/my\\040data/over rw - overlay overlay rw',
      '33 30 8:17 / /srv/my\\040data/over rw - ext4 /dev/sdb1 rw',
      'nonsense',
    ].join('\n');
    const device = (path: string) => deviceOfMount(path, mounts);
    expect(device('/tmp/db/LOCK')).toBe('fe:00');
    expect(device('/srv/my data/db/LOCK')).toBe('00:2a');
    expect(device('/srv/my data2/LOCK')).toBe('fe:00');
    expect(device('/srv/my/LOCK')).toBe('00:2b');
    // The later of two at one place is the one that is seen.
    expect(device('/srv/my data/over/LOCK')).toBe('08:11');
    expect(deviceOfMount('/x', null)).toBe(undefined);
  });

  it('are nobody`s on a file that nobody has locked, or that is not there', () =>
    withFolder((folder) => {
      fs.writeFileSync(`${folder}/LOCK`, '');
      expect(nativeHolderOf(`${folder}/LOCK`)).toBe(undefined);
      expect(nativeHolderOf(`${folder}/none/LOCK`)).toBe(undefined);
    }));
});
