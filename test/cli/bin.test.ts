/** The built command on each runtime: a look at all that differs between them, which is processes, pipes and files. */
import * as fs from 'node:fs';
import { expect, it } from 'vitest';
import { tempFolder } from '../support/open.js';
import { cli, json, ok } from './run.js';

it('writes, reads, dumps, loads and examines', () => {
  const folder = `${tempFolder()}/db`;
  const copy = `${folder}-copy`;
  ok(['put', folder, 'a', '1', '--create-if-missing', '--sync']);
  ok(['batchput', folder, 'b', '00ff', 'c', 'ff', '--value-hex']);
  expect(ok(['get', folder, 'a'])).toBe('1\n');
  expect(ok(['scan', folder])).toBe('a ==> 1\nb ==> 0x00FF\nc ==> 0xFF\n');
  const dumped = ok(['dump', folder]);
  ok(['load', copy, '--create-if-missing'], { input: dumped });
  expect(ok(['dump', copy])).toBe(dumped);
  expect(json(['doctor', copy])).toMatchObject({ healthy: true, findings: [] });
  expect(json(['bench', 'fillseq', '--num=10']).results[0].operations).toBe(10);
  fs.rmSync(`${copy}/CURRENT`);
  const ill = cli(['doctor', copy]);
  expect([ill.code, ill.stderr]).toEqual([1, '']);
  expect(ill.stdout).toContain('CURRENT_MISSING');
});

it('ends with the code of what happened', () => {
  const folder = `${tempFolder()}/db`;
  expect(cli(['get', folder, 'a']).code).toBe(3);
  ok(['put', folder, 'a', '1', '--create-if-missing']);
  expect(cli(['get', folder, 'b']).code).toBe(1);
  expect(cli(['gte', folder, 'a']).code).toBe(2);
  expect(ok(['help'])).toContain('doctor');
});
