/** Suggestions as one types: a cursor for each beginning that was ever asked for. The rare ones come late. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const LETTERS = 'abcdefghijklmnopqrstuvwx';
const WORDS_PER_BEGINNING = 6;

interface Suggestions {
  readonly db: Database;
  readonly cursors: Map<string, DBIterator<string, string>>;
  learned: number;
}

function beginningOf({ random }: World): string {
  const first = LETTERS[random.skewed(LETTERS.length)] ?? 'a';
  return first + (LETTERS[random.skewed(LETTERS.length)] ?? 'a');
}

function suggest({ db, cursors }: Suggestions, beginning: string): string[] {
  let cursor = cursors.get(beginning);
  if (cursor === undefined) {
    cursor = db.iterator({ prefix: beginning });
    cursors.set(beginning, cursor);
  } else {
    cursor.refresh();
  }
  return cursor.nextMany(5).map(([word]) => word);
}

function learn(suggestions: Suggestions, beginning: string): void {
  const word = `${beginning}${suggestions.learned++ % WORDS_PER_BEGINNING}`;
  suggestions.db.put(word, String(suggestions.learned));
}

export default program({
  setup(world): Suggestions {
    return { db: world.open('words'), cursors: new Map(), learned: 0 };
  },

  operation(suggestions, world) {
    for (let i = 0; i < 3; i++) learn(suggestions, beginningOf(world));
    suggest(suggestions, beginningOf(world));
  },

  settle({ cursors }) {
    for (const cursor of cursors.values()) cursor.free();
    cursors.clear();
  },

  teardown({ db }) {
    db.close();
  },
});
