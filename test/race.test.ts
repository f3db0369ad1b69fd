// runtime: node
/** A short race of real processes for one database; `npm run race` is the long one. */
import * as fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { race } from '../scripts/race/coordinator.mjs';
import { violationsIn } from '../scripts/race/witness.mjs';
import { openAt, tempFolder } from './support/open.js';
import { copyPackage } from './support/package-copy.js';

const TEST_MS = 600_000;

function run(folder: string, entry: string, rounds: number) {
  const commands = [[process.execPath]];
  return race({ seed: 7, rounds, processes: 8, folder, entry, commands });
}

describe('eight processes that race for a database', () => {
  it(
    'have it one at a time, and one has it whenever nobody else has; seed 7',
    async () => {
      const dist = fileURLToPath(new URL('../dist/index.js', import.meta.url));
      const result = await run(tempFolder(), pathToFileURL(dist).href, 10);
      expect(result.violations).toEqual([]);
      expect(result.entered).toBeGreaterThanOrEqual(15);
      expect(result.kills).toBeGreaterThan(0);
      if (process.platform === 'linux') expect(result.reused).toBeGreaterThan(0);
    },
    TEST_MS,
  );

  it(
    'are found out where nothing is locked',
    async () => {
      const copy = tempFolder();
      const entry = copyPackage(copy);
      let places = 0;
      for (const name of fs.readdirSync(copy).filter((each) => each.endsWith('.js'))) {
        const source = fs.readFileSync(`${copy}/${name}`, 'utf8');
        // A bundler may have given names of its own.
        const broken = source.replace(/this\.#take\(path\d*, lock, record, self\)/, () => {
          places++;
          return "lock + '.none'";
        });
        fs.writeFileSync(`${copy}/${name}`, broken);
      }
      expect(places).toBe(1);
      const folder = tempFolder();
      (await openAt(`${folder}/db`, { createIfMissing: true })).close();
      const broken = await run(folder, entry, 3).then(
        ({ violations }) => violations.join('\n'),
        (error) => String(error),
      );
      // Either the log tells, or files that others have removed.
      expect(broken).toMatch(/has it open while|\d of 8 got it|failed (IOError|CorruptionError)/);
    },
    TEST_MS,
  );
});

describe('the witness', () => {
  const judge = (...lines: string[]) => violationsIn(lines.join('\n')).violations;

  it('sees nothing wrong in one after the other, by death or in peace', () => {
    expect(
      judge(
        ...[
          'enter a 0',
          'count a 1',
          'in a',
          'leave a',
          'enter b 1',
          'count b 2',
          'kill b',
          'in b',
        ],
        // Killed before it could say that it had counted.
        ...['enter c 2', 'kill c', 'enter d 3', 'count d 4', 'leave d'],
      ),
    ).toEqual([]);
  });

  it('sees two at once, and what is lost or made up', () => {
    const once = ['enter a 0', 'count a 1'];
    expect(judge(...once, 'enter b 1').length).toBe(1);
    expect(judge(...once, 'kill a', 'enter b 1', 'in a').length).toBe(1);
    expect(judge(...once, 'leave a', 'in a').length).toBe(1);
    expect(judge(...once, 'leave a', 'enter b 0').length).toBe(1);
    expect(judge(...once, 'leave a', 'enter b 2').length).toBe(1);
    expect(judge(...once, 'kill a', 'enter b 3').length).toBe(1);
  });
});
