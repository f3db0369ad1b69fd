import { describe, expect, it } from 'vitest';
import { isInside, joinInside, nameOf, normalizeAbsolute, parentOf } from '../../src/wasi/paths.js';
import { codeOf } from './helpers.js';

describe('normalizeAbsolute', () => {
  it('leaves nothing to interpret', () => {
    expect(normalizeAbsolute('/a//b/./c/')).toBe('/a/b/c');
    expect(normalizeAbsolute('/a/../b')).toBe('/b');
    expect(normalizeAbsolute('/../../a')).toBe('/a');
    expect(normalizeAbsolute('/')).toBe('/');
    expect(normalizeAbsolute('C:/a/../b')).toBe('C:/b');
    expect(normalizeAbsolute('C:/..')).toBe('C:/');
  });

  it('refuses what is not absolute, and NUL', () => {
    expect(codeOf(() => normalizeAbsolute('a/b'))).toBe('EINVAL');
    expect(codeOf(() => normalizeAbsolute(''))).toBe('EINVAL');
    expect(codeOf(() => normalizeAbsolute('/a\0b'))).toBe('EINVAL');
  });
});

describe('joinInside', () => {
  it('joins what stays inside', () => {
    expect(joinInside('/a', 'b')).toBe('/a/b');
    expect(joinInside('/a', '.')).toBe('/a');
    expect(joinInside('/a', '')).toBe('/a');
    expect(joinInside('/a', 'b/../c/.')).toBe('/a/c');
    expect(joinInside('/a', '..b')).toBe('/a/..b');
    expect(joinInside('/', 'b')).toBe('/b');
  });

  it('refuses what leaves the folder, however it comes back', () => {
    for (const path of ['..', '../x', 'b/../..', 'b/../../a/b', '/etc/passwd', '/', 'a\0b']) {
      expect(codeOf(() => joinInside('/a', path))).toBe('ENOTCAPABLE');
    }
    expect(codeOf(() => joinInside('/', '..'))).toBe('ENOTCAPABLE');
  });

  it('refuses what only Windows takes for a separator, there', () => {
    expect(codeOf(() => joinInside('C:/a', '..\\..\\x'))).toBe('ENOTCAPABLE');
    expect(codeOf(() => joinInside('C:/a', 'D:x'))).toBe('ENOTCAPABLE');
    expect(joinInside('/a', 'b\\c')).toBe('/a/b\\c');
  });
});

describe('parts of paths', () => {
  it('tells inside from beside', () => {
    expect(isInside('/a', '/a')).toBe(true);
    expect(isInside('/a', '/a/b')).toBe(true);
    expect(isInside('/a', '/ab')).toBe(false);
    expect(isInside('/', '/a')).toBe(true);
  });

  it('ends at the root', () => {
    expect(parentOf('/a/b')).toBe('/a');
    expect(parentOf('/a')).toBe('/');
    expect(parentOf('/')).toBe('/');
    expect(parentOf('C:/a')).toBe('C:/');
    expect(parentOf('C:/')).toBe('C:/');
    expect(nameOf('/a/b')).toBe('b');
  });
});
