import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Kind, type Program, programs, type Shape } from './programs.js';

export const PROGRAMS_FILE = fileURLToPath(new URL('./programs.ts', import.meta.url));

export interface Case extends Program {
  readonly kind: Kind;
  readonly shape: Shape;
  /** Where the handle is made that the leaky program forgets, from 1. */
  readonly line: number;
  /** That line's text. */
  readonly text: string;
}

const lines = fs.readFileSync(PROGRAMS_FILE, 'utf8').split('\n');

/** All programs, with what a report of their leak has to say. */
export const cases: readonly Case[] = Object.entries(programs).flatMap(([kind, shapes]) =>
  Object.entries(shapes).map(([shape, program]) => {
    const mark = `// leak: ${kind}, ${shape}`;
    const index = lines.findIndex((line) => line.endsWith(mark));
    if (index < 0) throw new Error(`no line has the mark ${mark}`);
    const text = lines[index]?.trim() ?? '';
    return { ...program, kind: kind as Kind, shape: shape as Shape, line: index + 1, text };
  }),
);
