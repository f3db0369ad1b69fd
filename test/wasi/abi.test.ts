import { describe, expect, it } from 'vitest';
import { Errno, errnoName, errnoOf, missingPermission } from '../../src/wasi/abi.js';
import { FileSystemError, LockHeldError } from '../../src/wasi/file-system.js';

function named(name: string): Error {
  return Object.assign(new Error('?'), { name });
}

describe('errnos', () => {
  it('are those of wasi_snapshot_preview1', () => {
    const numbers = Object.values(Errno);
    expect(numbers).toEqual(Array.from({ length: 77 }, (_, index) => index));
    // The corners of the alphabet, where a slip would show.
    const { E2BIG, EDQUOT, EIO, ENOENT, ENOTEMPTY, EPERM, EXDEV, ENOTCAPABLE } = Errno;
    expect([E2BIG, EDQUOT, EIO, ENOENT]).toEqual([1, 19, 29, 44]);
    expect([ENOTEMPTY, EPERM, EXDEV, ENOTCAPABLE]).toEqual([55, 63, 75, 76]);
  });

  it('have names', () => {
    expect(errnoName(0)).toBe('ESUCCESS');
    expect(errnoName(44)).toBe('ENOENT');
    expect(errnoName(200)).toBe('errno 200');
  });
});

describe('errnoOf', () => {
  it('goes by the code', () => {
    expect(errnoOf(Object.assign(new Error('?'), { code: 'ENOSPC' }))).toBe(Errno.ENOSPC);
    expect(errnoOf(new FileSystemError('ENOTDIR', '/f'))).toBe(Errno.ENOTDIR);
    expect(errnoOf(new LockHeldError('/LOCK', undefined, 'held'))).toBe(Errno.EAGAIN);
    expect(errnoOf({ code: 'EROFS' })).toBe(Errno.EROFS);
  });

  it('knows other names of the same error', () => {
    expect(errnoOf({ code: 'EWOULDBLOCK' })).toBe(Errno.EAGAIN);
    expect(errnoOf({ code: 'EOPNOTSUPP' })).toBe(Errno.ENOTSUP);
    expect(errnoOf({ code: 'ERR_ACCESS_DENIED' })).toBe(Errno.EACCES);
    expect(errnoOf(Object.assign(new RangeError('?'), { code: 'ERR_OUT_OF_RANGE' }))).toBe(
      Errno.EINVAL,
    );
  });

  it('goes by the name where there is no code, as with Deno', () => {
    expect(errnoOf(named('NotFound'))).toBe(Errno.ENOENT);
    expect(errnoOf(named('PermissionDenied'))).toBe(Errno.EACCES);
    expect(errnoOf(named('NotCapable'))).toBe(Errno.EACCES);
    expect(errnoOf(named('AlreadyExists'))).toBe(Errno.EEXIST);
  });

  it('knows the words of a runtime that was not given a permission', () => {
    const deno = Object.assign(named('NotCapable'), { message: 'Requires write access' });
    expect(missingPermission(deno)).toBe('Requires write access');
    const node = Object.assign(new Error('API access'), { code: 'ERR_ACCESS_DENIED' });
    expect(missingPermission(node)).toBe('API access');
    for (const other of [named('PermissionDenied'), { code: 'EACCES' }, undefined, null]) {
      expect(missingPermission(other)).toBe(undefined);
    }
  });

  it('takes a view that was exceeded for a bad pointer', () => {
    let error: unknown;
    try {
      new DataView(new ArrayBuffer(4)).getUint32(2, true);
    } catch (thrown) {
      error = thrown;
    }
    expect(errnoOf(error)).toBe(Errno.EFAULT);
  });

  it('calls what it does not know an input/output error', () => {
    for (const error of [undefined, null, 'ENOENT', 7, new Error('?'), { code: 'EWHAT' }]) {
      expect(errnoOf(error)).toBe(Errno.EIO);
    }
    // Not a name of any errno, but one of every object.
    expect(errnoOf({ code: 'toString' })).toBe(Errno.EIO);
  });
});
