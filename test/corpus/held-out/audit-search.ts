/** An audit trail: what people did is recorded, and searched by who did it and what it says. */
import { type Database, program } from '../world.js';

const ACTORS = 40;
const EVENTS_PER_ACTOR = 200;
const EVENTS_PER_REQUEST = 5;
const RESULTS_MAX = 12;
const VERBS = ['opened', 'changed', 'approved', 'deleted', 'exported'];

interface Search {
  readonly actor: string;
  readonly since: string;
  readonly pattern: string;
}

class BadPatternError extends Error {}

const sequenceOf = (number: number) => String(number).padStart(6, '0');

/** `word` or `word*`; an asterisk anywhere else is refused. */
function matcherOf(pattern: string): (text: string) => boolean {
  const at = pattern.indexOf('*');
  if (at < 0) return (text) => text.split(' ').includes(pattern);
  if (at < pattern.length - 1) throw new BadPatternError(`not at the end: ${pattern}`);
  const begin = pattern.slice(0, at);
  return (text) => text.split(' ').some((word) => word.startsWith(begin));
}

function search(db: Database, { actor, since, pattern }: Search): string[] {
  const events = db.iterator({ gte: `${actor}/${since}`, lt: `${actor}/~`, limit: RESULTS_MAX });
  const matches = matcherOf(pattern);
  const found: string[] = [];
  for (const [key, text] of events) if (matches(text)) found.push(key);
  events.free();
  return found;
}

function respond(db: Database, query: Search): { status: number; found: string[] } {
  try {
    return { status: 200, found: search(db, query) };
  } catch (error) {
    if (error instanceof BadPatternError) return { status: 400, found: [] };
    throw error;
  }
}

export default program({
  setup(world) {
    return { db: world.open('audit'), events: 0, statuses: new Map<number, number>() };
  },

  operation(state, world) {
    const { random } = world;
    for (let i = 0; i < EVENTS_PER_REQUEST; i++) {
      const actor = `actor-${random.skewed(ACTORS)}`;
      const sequence = sequenceOf(state.events++ % EVENTS_PER_ACTOR);
      state.db.put(`${actor}/${sequence}`, `${random.pick(VERBS)} file-${random.below(500)}`);
    }
    const verb = random.pick(VERBS);
    const { status } = respond(state.db, {
      actor: `actor-${random.skewed(ACTORS)}`,
      since: sequenceOf(random.below(EVENTS_PER_ACTOR)),
      pattern: world.chance('mistyped pattern', 1 / 600) ? `*${verb}` : `${verb.slice(0, 4)}*`,
    });
    state.statuses.set(status, (state.statuses.get(status) ?? 0) + 1);
  },

  teardown({ db }) {
    db.close();
  },
});
