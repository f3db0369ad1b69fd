/** An editor in which the last steps can be undone: a snapshot a step, of which hardly any is ever looked at. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const DOCUMENTS = 10;
const STEPS_KEPT = 20;
const LINES = 40;

interface Editor {
  readonly db: Database;
  readonly steps: readonly Snapshot[][];
}

function edit({ db, steps }: Editor, document: number, { random }: World): void {
  const history = steps[document] as Snapshot[];
  history.push(db.snapshot());
  if (history.length > STEPS_KEPT) history.shift()?.free();
  for (let i = 0; i < 3; i++)
    db.put(`${document}/${random.below(LINES)}`, `text ${random.below(99)}`);
}

function undo({ db, steps }: Editor, document: number): void {
  const before = (steps[document] as Snapshot[]).pop();
  if (before === undefined) return;
  const lines = db.iterator({ prefix: `${document}/`, limit: 5, snapshot: before });
  for (const [line, text] of lines) db.put(line, text);
  lines.free();
  before.free();
}

function show({ db }: Editor, document: number): void {
  const lines = db.iterator({ prefix: `${document}/`, limit: 8 });
  for (const [, text] of lines) if (text === '') break;
  lines.free();
}

export default program({
  everyMs: 400,

  setup(world): Editor {
    return { db: world.open('documents'), steps: Array.from({ length: DOCUMENTS }, () => []) };
  },

  operation(editor, world) {
    const document = world.random.skewed(DOCUMENTS);
    show(editor, document);
    if (world.chance('edit', 1 / 5)) edit(editor, document, world);
    else if (world.chance('undo', 1 / 40)) undo(editor, document);
  },

  settle({ steps }) {
    for (const history of steps) for (const step of history.splice(0)) step.free();
  },

  teardown({ db }) {
    db.close();
  },
});
