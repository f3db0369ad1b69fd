/** Documents with an index of their words. A search asks for a ranking, and does not wait for ever. */
import { type Database, program, type World } from '../world.js';

const DOCUMENTS = 800;
const POSTINGS_MAX = 24;
const RANKED_MAX = 5;
const WORDS = 'river stone cloud paper engine winter signal garden copper market'.split(' ');

interface Index {
  readonly db: Database;
  written: number;
}

function add({ db }: Index, id: string, words: readonly string[]): void {
  const batch = db.batch();
  try {
    batch.put(`document/${id}`, words.join(' '));
    for (const word of new Set(words)) {
      const ids = (db.get(`word/${word}`) ?? '').split(',').filter((each) => each !== '');
      batch.put(`word/${word}`, [id, ...ids].slice(0, POSTINGS_MAX).join(','));
    }
    db.write(batch);
  } finally {
    batch.free();
  }
}

/** The ranking service. Now and then it takes a request and never answers. */
function rank(world: World, texts: readonly string[]): Promise<readonly string[]> {
  if (world.chance('no answer', 1 / 40)) return new Promise(() => {});
  return Promise.resolve([...texts].sort());
}

async function deadline(): Promise<readonly string[]> {
  for (let turn = 0; turn < 6; turn++) await undefined;
  return [];
}

async function ranked({ db }: Index, world: World, word: string): Promise<readonly string[]> {
  const state = db.snapshot();
  const ids = (db.get(`word/${word}`, { snapshot: state }) ?? '').split(',');
  const keys = ids.slice(0, RANKED_MAX).map((id) => `document/${id}`);
  const texts = keys.map((key) => db.get(key, { snapshot: state }) ?? '');
  const best = await rank(world, texts);
  const answer = best.map((text) => (db.has(text, { snapshot: state }) ? '' : text));
  state.free();
  return answer;
}

const search = (index: Index, world: World, word: string) =>
  Promise.race([ranked(index, world, word), deadline()]);

export default program({
  everyMs: 15,

  setup(world): Index {
    return { db: world.open('documents'), written: 0 };
  },

  async operation(index, world) {
    const { random } = world;
    const words = Array.from({ length: 4 }, () => random.pick(WORDS));
    add(index, String(index.written++ % DOCUMENTS), words);
    await search(index, world, random.pick(WORDS));
  },

  teardown({ db }) {
    db.close();
  },
});
