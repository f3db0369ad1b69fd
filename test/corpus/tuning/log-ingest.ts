/** Log lines come in batches, and are stored with an index by level. */
import { type Database, program, type World } from '../world.js';

const LINES_PER_BATCH = 4;
const LINES_KEPT = 20_000;
const LEVELS = ['debug', 'info', 'warning', 'error'];

interface Ingest {
  readonly db: Database;
  stored: number;
  refused: number;
}

interface Line {
  readonly level: string;
  readonly text: string;
}

function linesOf(world: World): string[] {
  const { random } = world;
  const lines = Array.from(
    { length: LINES_PER_BATCH },
    () => `${random.pick(LEVELS)}: request ${random.below(1000)} took ${random.below(90)} ms`,
  );
  // A sender was killed in the middle of a line.
  if (world.chance('cut line', 1 / 850)) lines[random.below(LINES_PER_BATCH)] = 'reques';
  return lines;
}

function parse(line: string): Line | undefined {
  const at = line.indexOf(': ');
  return at < 0 ? undefined : { level: line.slice(0, at), text: line.slice(at + 2) };
}

/** Stores all of the lines, or, when one of them cannot be read, none. */
function ingest(service: Ingest, lines: readonly string[]): boolean {
  const batch = service.db.batch();
  for (const [index, line] of lines.entries()) {
    const parsed = parse(line);
    if (parsed === undefined) {
      service.refused++;
      return false;
    }
    const id = String((service.stored + index) % LINES_KEPT).padStart(8, '0');
    batch.put(`line/${id}`, parsed.text).put(`level/${parsed.level}/${id}`, '');
  }
  service.db.write(batch);
  batch.free();
  service.stored += lines.length;
  return true;
}

function newestErrors({ db }: Ingest): string[] {
  const index = db.iterator({ prefix: 'level/error/', reverse: true, limit: 8, values: false });
  const keys = [...index.keys()];
  index.free();
  return keys;
}

export default program({
  everyMs: 10,

  setup(world): Ingest {
    return { db: world.open('logs'), stored: 0, refused: 0 };
  },

  operation(service, world) {
    ingest(service, linesOf(world));
    newestErrors(service);
  },

  teardown({ db }) {
    db.close();
  },
});
