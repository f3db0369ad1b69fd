/** Counts views of pages, by merges, and shows the ten pages around one on a dashboard. */
import { program } from '../world.js';

const PAGES = 400;
const VIEWS_PER_REQUEST = 9;

export default program({
  operationsPerRound: 10,

  setup(world) {
    return { db: world.open('views', { mergeOperator: 'stringappend' }), shown: 0 };
  },

  operation(state, world) {
    const { random } = world;
    const { db } = state;
    for (let i = 0; i < VIEWS_PER_REQUEST; i++) {
      const page = `page/${random.skewed(PAGES)}`;
      // Now and then what was merged is summed up.
      if (random.below(12) === 0) db.put(page, String((db.get(page) ?? '').length));
      else db.merge(page, '1');
    }
    const around = db.iterator({ gte: `page/${random.below(PAGES)}`, limit: 10 });
    for (const [, count] of around) state.shown += count.length;
  },

  teardown({ db }) {
    db.close();
  },
});
