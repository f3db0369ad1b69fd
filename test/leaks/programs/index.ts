/** All programs. See base.ts. */
import type { HandleKind } from 'rocksdb-wasm';
import { type Program, SHAPES, type Shape } from './base.js';
import { cache } from './caches.js';
import { iterator, snapshot } from './reads.js';
import { recipes } from './recipes.js';
import { shapesOf } from './shapes.js';
import { columnFamily, writeBatch } from './writes.js';

/** Programs that forget the same, by shape. */
export interface Programs {
  /** What the ledger has for what they forget. */
  readonly kind: HandleKind;
  readonly shapes: Readonly<Record<Shape, Program>>;
  /** In the tests of a user's project, on each runtime. */
  readonly inRunners: readonly Shape[];
}

const written = { iterator, snapshot, writeBatch, columnFamily, cache };

/** By the name of what they forget. */
export const programs: Readonly<Record<string, Programs>> = {
  ...Object.fromEntries(
    Object.entries(written).map(([kind, shapes]) => [
      kind,
      { kind: kind as HandleKind, shapes, inRunners: SHAPES },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(recipes).map(([name, { kind, recipe }], index) => {
      // Runners differ in stacks and source maps, not in kinds: those above have all shapes there, and of the code that
      // these share each has one shape, by turns.
      const inRunners = [SHAPES[index % SHAPES.length] as Shape];
      return [name, { kind, shapes: shapesOf(recipe), inRunners }];
    }),
  ),
};
