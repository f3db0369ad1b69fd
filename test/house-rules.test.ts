// runtime: node
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const sources = fs
  .readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'));
const textOf = (name: string) => fs.readFileSync(path.join(ROOT, 'src', name), 'utf8');

/** How refused values are shown: on no layer, since it imports nothing. */
const ON_NO_LAYER = 'shown.ts';

/** Files of src/ on layers that a file imports, types included. */
function importsOf(name: string): string[] {
  const found = textOf(name).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  return [...found]
    .map(([, target = '']) =>
      path.posix.join(path.posix.dirname(name), target).replace(/\.js$/, '.ts'),
    )
    .filter((target) => target !== ON_NO_LAYER);
}
const folderOf = (name: string) => (name.includes('/') ? name.slice(0, name.indexOf('/')) : '');

describe('layers', () => {
  it('what is on none of them imports nothing', () => {
    expect(textOf(ON_NO_LAYER)).not.toMatch(/\bimport\b/);
  });

  it('wasi/ imports nothing but itself', () => {
    for (const name of sources.filter((each) => folderOf(each) === 'wasi')) {
      for (const target of importsOf(name)) expect(target, name).toMatch(/^wasi\//);
    }
  });

  it('monitor/ imports nothing but itself: no API class', () => {
    for (const name of sources.filter((each) => folderOf(each) === 'monitor')) {
      for (const target of importsOf(name)) expect(target, name).toMatch(/^monitor\//);
    }
  });

  it('native/ imports no API class', () => {
    for (const name of sources.filter((each) => folderOf(each) === 'native')) {
      for (const target of importsOf(name)) {
        expect(target, name).toMatch(/^(native|wasi|monitor)\/|^errors\.ts$/);
      }
    }
  });

  it('worker/ stands on top: nothing else imports it', () => {
    for (const name of sources.filter((each) => folderOf(each) !== 'worker')) {
      for (const target of importsOf(name)) expect(target, name).not.toMatch(/^worker\//);
    }
  });

  it('only the tests of users import testing/', () => {
    const own = (name: string) => folderOf(name) === 'testing' || name === 'vitest.ts';
    for (const name of sources.filter((each) => !own(each))) {
      for (const target of importsOf(name)) expect(target, name).not.toMatch(/^testing\/|^vitest/);
    }
  });

  it('only native/ names the wasm, and only native/heap.ts makes views of its memory', () => {
    const loading = ['native/module.ts', 'native/package-files.ts'];
    for (const name of sources) {
      if (!loading.includes(name)) expect(textOf(name), name).not.toContain('rocksdb.wasm');
      if (name === 'native/heap.ts' || name.startsWith('wasi/')) continue;
      expect(textOf(name), name).not.toMatch(/memory\.buffer/);
    }
  });

  it('only encryption/cipher.ts names the platform cipher', () => {
    const names = sources.filter((name) => textOf(name).includes("'node:crypto'"));
    expect(names).toEqual(['encryption/cipher.ts']);
  });

  it('encryption/ stands on file systems and errors alone', () => {
    for (const name of sources.filter((each) => folderOf(each) === 'encryption')) {
      for (const target of importsOf(name)) {
        expect(target, name).toMatch(/^(encryption|wasi)\/|^errors\.ts$/);
      }
    }
  });

  it('faults/ stands on file systems and errors alone', () => {
    for (const name of sources.filter((each) => folderOf(each) === 'faults')) {
      for (const target of importsOf(name)) {
        expect(target, name).toMatch(/^(faults|wasi)\/|^errors\.ts$/);
      }
    }
  });

  it('there are no cycles of imports that run', () => {
    const graph = new Map(
      sources.map((name) => {
        const code = textOf(name)
          .replace(/import type [^;]+;/g, '')
          .replace(/export type [^;]+;/g, '');
        const targets = [
          ...code.matchAll(/(?:import|export)\s*(\{[^}]*\}|\*(?: as \w+)?)\s*from\s*'(\.[^']+)'/g),
        ]
          .filter(([, names = '']) => !/^\{(\s*type \w+,?\s*)+\}$/.test(names))
          .map(([, , target = '']) =>
            path.posix.join(path.posix.dirname(name), target).replace(/\.js$/, '.ts'),
          );
        return [name, targets] as const;
      }),
    );
    const done = new Set<string>();
    const visit = (name: string, trail: string[]): void => {
      expect(trail, `cycle: ${[...trail, name].join(' -> ')}`).not.toContain(name);
      if (done.has(name)) return;
      for (const target of graph.get(name) ?? []) visit(target, [...trail, name]);
      done.add(name);
    };
    for (const name of sources) visit(name, []);
  });
});

describe('what is committed', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((name) => name !== '' && fs.existsSync(path.join(ROOT, name)));

  it('has no third-party tree, no binary and no large file', () => {
    for (const name of files) {
      expect(name).not.toMatch(/^rocksdb-src\/.+\/|\.(wasm|a|o|so|node|tgz|tar|gz|xz|zip)$/);
      expect(fs.statSync(path.join(ROOT, name)).size, name).toBeLessThan(400 * 1024);
    }
  });

  it('names no registry host and no path of a machine', () => {
    const banned = /registry\.npmjs\.org|deb\.debian\.org|\/home\/\w|\/root\/|\/work\/main/;
    for (const name of files) {
      if (name === 'test/house-rules.test.ts') continue;
      expect(fs.readFileSync(path.join(ROOT, name), 'utf8'), name).not.toMatch(banned);
    }
  });

  it('keeps TypeScript files of src/ to 600 lines, generated ones aside', () => {
    for (const name of sources.filter((each) => !each.endsWith('.gen.ts'))) {
      expect(textOf(name).split('\n').length, name).toBeLessThanOrEqual(600);
    }
  });
});
