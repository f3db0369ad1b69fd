import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { excerptAt, sourceLineAt, userPlace } from '../../src/testing/places.js';
import { forgetSources, originalLocation } from '../../src/testing/source-maps.js';
import { tempFolder } from '../support/open.js';

/** Maps the third line of the generated file, from its column 3 on, to line 2, column 5 of the source. */
const MAP = { version: 3, names: [], mappings: ';;EACI' };

/** A folder with the source `in/app.ts` and, below `out/`, a generated file that ends as given. */
function projectWith(ending: string, map?: object): { generated: string; source: string } {
  forgetSources();
  const folder = tempFolder();
  for (const name of ['in', 'out']) fs.mkdirSync(path.join(folder, name));
  const source = path.join(folder, 'in/app.ts');
  fs.writeFileSync(source, 'first\n    second\nthird\n');
  const generated = path.join(folder, 'out/app.js');
  fs.writeFileSync(generated, `1\n2\n  34567\n${ending}\n`);
  if (map !== undefined) fs.writeFileSync(`${generated}.map`, JSON.stringify(map));
  return { generated, source };
}

const inGenerated = (file: string) => originalLocation({ file, line: 3, column: 4 });

describe('a place in a generated file', () => {
  it('is mapped by the map beside it', () => {
    const map = { ...MAP, sources: ['../in/app.ts'] };
    const { generated, source } = projectWith('//# sourceMappingURL=app.js.map', map);
    expect(inGenerated(generated)).toEqual({ file: source, line: 2, column: 5 });
    expect(sourceLineAt(inGenerated(generated))).toBe('second');
  });

  it('is mapped by a map in the file, in base64 or percent-encoded', () => {
    const text = JSON.stringify({ ...MAP, sources: ['../in/app.ts'] });
    const urls = [
      `data:application/json;charset=utf-8;base64,${btoa(text)}`,
      `data:application/json,${encodeURIComponent(text)}`,
    ];
    for (const url of urls) {
      const { generated, source } = projectWith(`//# sourceMappingURL=${url}`);
      expect(inGenerated(generated), url.slice(0, 40)).toEqual({
        file: source,
        line: 2,
        column: 5,
      });
    }
  });

  it('follows the source root, and the last of several comments', () => {
    const map = { ...MAP, sourceRoot: '../in', sources: ['app.ts'] };
    const ending = '//# sourceMappingURL=other.map\n//# sourceMappingURL=app.js.map';
    const { generated, source } = projectWith(ending, map);
    expect(inGenerated(generated).file).toBe(source);
  });

  it('has the text that came with the map when the source is not there', () => {
    const map = { ...MAP, sources: ['../gone.ts'], sourcesContent: ['first\nfrom the map\n'] };
    const { generated } = projectWith('//# sourceMappingURL=app.js.map', map);
    expect(sourceLineAt(inGenerated(generated))).toBe('from the map');
  });

  it('stays when there is no map, or a damaged one', () => {
    for (const ending of ['', '//# sourceMappingURL=gone.map', '//# sourceMappingURL=data:,']) {
      const { generated } = projectWith(ending);
      expect(inGenerated(generated), ending).toEqual({ file: generated, line: 3, column: 4 });
    }
    const damaged = projectWith('//# sourceMappingURL=app.js.map', { version: 3, mappings: 7 });
    expect(inGenerated(damaged.generated).file).toBe(damaged.generated);
  });

  it('is not mapped twice when the runtime has mapped it', () => {
    const map = { ...MAP, sources: ['../in/app.ts'] };
    const { source } = projectWith('//# sourceMappingURL=app.js.map', map);
    expect(inGenerated(source)).toEqual({ file: source, line: 3, column: 4 });
  });
});

describe("the user's frame", () => {
  it('is the first that is not of the runtime, of this package or of an installed one', () => {
    const stack = [
      'at Array.map (<anonymous>)',
      'at node:internal/process/task_queues:95:5',
      'at iterator (file:///app/node_modules/rocksdb-wasm/dist/rocksdb-wasm-A.js:10:2)',
      'at helper (/app/node_modules/helper/index.js:1:1)',
      'at async read (file:///app/a%20folder%20(2)/store.ts?v=12:7:9)',
      'at /app/test.ts:1:1',
    ];
    expect(userPlace(stack.join('\n'))).toEqual({
      file: '/app/a folder (2)/store.ts',
      line: 7,
      column: 9,
    });
  });

  it('is that of an installed package when there is no other, and never of a test runner', () => {
    const runner = 'at run (/app/node_modules/@vitest/runner/dist/index.js:1:1)';
    const helper = 'at helper (/app/node_modules/helper/index.js:3:1)';
    expect(userPlace(`${runner}\n${helper}`)?.line).toBe(3);
    expect(userPlace(runner)).toBe(undefined);
    expect(userPlace('at unknown\nat map (native:1:11)')).toBe(undefined);
    expect(userPlace('at eval (eval at f (/app/a.ts:1:2), <anonymous>:1:1)')).toBe(undefined);
  });

  it('is read from the stacks of all runtimes', () => {
    const places = [
      'at file:///app/a.ts:3:4',
      'at new Store (/app/a.ts:3:4)',
      'at <anonymous> (/app/a.ts:3:4)',
      'at Object.<anonymous> (/app/a.ts:3:4)',
      'read@/app/a.ts:3:4',
      'at Store.read [as get] (/app/a.ts:3:4)',
    ].map((frame) => userPlace(frame));
    for (const place of places)
      expect(place).toMatchObject({ file: '/app/a.ts', line: 3, column: 4 });
  });
});

describe('an excerpt', () => {
  it('has the neighbours of the line, and marks the column', () => {
    const file = path.join(tempFolder(), 'a.ts');
    fs.writeFileSync(file, 'one\ntwo\n\tthree()\nfour\nfive\nsix\n');
    expect(excerptAt({ file, line: 3, column: 2 })).toBe(
      '  1 | one\n  2 | two\n> 3 | \tthree()\n    | \t^\n  4 | four\n  5 | five',
    );
    expect(excerptAt({ file, line: 1, column: 1 })).toBe(
      '> 1 | one\n    | ^\n  2 | two\n  3 | \tthree()',
    );
    expect(excerptAt({ file: `${file}.gone`, line: 1, column: 1 })).toBe('');
  });
});
