import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HandleKind } from 'rocksdb-wasm';
import type { Program, Shape } from './programs/base.js';
import { programs } from './programs/index.js';

export const PROGRAMS_FOLDER = fileURLToPath(new URL('./programs', import.meta.url));

export interface Case extends Program {
  /** What is forgotten. */
  readonly name: string;
  readonly kind: HandleKind;
  readonly shape: Shape;
  readonly inRunners: boolean;
  /** Where the handle is made that the leaky program forgets. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** That line's text. */
  readonly text: string;
}

/** Lines that end with a comment on a leak, by its text: `NAME, SHAPE`, or `NAME` for all shapes. */
const marked = new Map(
  fs.readdirSync(PROGRAMS_FOLDER).flatMap((name) => {
    const file = `${PROGRAMS_FOLDER}/${name}`;
    return fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, index) => {
        const mark = /\/\/ leak: (.+)$/.exec(text)?.[1];
        return mark === undefined ? [] : [[mark, { file, line: index + 1, text: text.trim() }]];
      });
  }) as [string, Pick<Case, 'file' | 'line' | 'text'>][],
);

function placeOf(name: string, shape: Shape) {
  const place = marked.get(`${name}, ${shape}`) ?? marked.get(name);
  if (place === undefined) throw new Error(`no line has the mark leak: ${name}, ${shape}`);
  return place;
}

/** All programs, with what a report of their leak has to say. */
export const cases: readonly Case[] = Object.entries(programs).flatMap(
  ([name, { kind, shapes, inRunners }]) =>
    (Object.entries(shapes) as [Shape, Program][]).map(([shape, program]) => ({
      ...program,
      ...placeOf(name, shape),
      name,
      kind,
      shape,
      inRunners: inRunners.includes(shape),
    })),
);
