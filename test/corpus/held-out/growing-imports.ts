/** Customers send files that are taken in piece by piece; each time they send more. */
import type { WriteBatch } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const IMPORT_EVERY = 450;
const FIRST_PIECES = 6;
const PIECES_MORE_EACH_TIME = 9;
const PIECES_MAX = 320;
const PIECES_PER_OPERATION = 4;
const ROWS_PER_PIECE = 2;

interface Import {
  readonly number: number;
  readonly pieces: number;
  /** Checked, and not yet written: the whole import is written, or nothing. */
  readonly checked: WriteBatch<'utf8', 'utf8'>[];
}

interface Intake {
  readonly db: Database;
  operations: number;
  imports: number;
  current: Import | undefined;
}

function begin(intake: Intake): void {
  const number = intake.imports++;
  const pieces = Math.min(PIECES_MAX, FIRST_PIECES + number * PIECES_MORE_EACH_TIME);
  intake.current = { number, pieces, checked: [] };
}

function takePiece({ db }: Intake, { number, checked }: Import, { random }: World): void {
  const piece = db.batch();
  for (let row = 0; row < ROWS_PER_PIECE; row++) {
    piece.put(`import-${number % 5}/${checked.length}/${row}`, `value ${random.below(1000)}`);
  }
  checked.push(piece);
}

function finish(intake: Intake, { checked }: Import): void {
  for (const piece of checked) {
    intake.db.write(piece);
    piece.free();
  }
  intake.current = undefined;
}

function work(intake: Intake, world: World): void {
  const { current } = intake;
  if (current === undefined) return;
  for (let i = 0; i < PIECES_PER_OPERATION; i++) {
    if (current.checked.length < current.pieces) takePiece(intake, current, world);
  }
  if (current.checked.length === current.pieces) finish(intake, current);
}

function browse({ db }: Intake, { random }: World): void {
  const rows = db.iterator({ prefix: `import-${random.below(5)}/`, limit: 10 });
  for (const [key] of rows) if (key.endsWith('/0')) db.get(key);
  rows.free();
}

export default program({
  everyMs: 10,

  setup(world): Intake {
    return { db: world.open('intake'), operations: 0, imports: 0, current: undefined };
  },

  operation(intake, world) {
    if (intake.operations++ % IMPORT_EVERY === 0) begin(intake);
    work(intake, world);
    browse(intake, world);
  },

  settle(intake, world) {
    if (intake.current === undefined) begin(intake);
    while (intake.current !== undefined) work(intake, world);
  },

  teardown({ db }) {
    db.close();
  },
});
