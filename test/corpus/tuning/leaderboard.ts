/** A leaderboard. All who look within a while see the same state of it; who looks last turns off the light. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PLAYERS = 600;
/** Requests that share one state. */
const SHARED_BY = 25;

interface Board {
  readonly db: Database;
  shared: Snapshot | undefined;
  requests: number;
  impatient: number;
}

const keyOf = (player: number) => `score/${String(player).padStart(5, '0')}`;

class Impatient extends Error {}

function present(board: Board): Snapshot {
  if (board.shared === undefined || board.requests++ % SHARED_BY === 0) {
    board.shared?.release();
    board.shared = board.db.snapshot();
  }
  return board.shared;
}

function top(board: Board, world: World): string[] {
  const state = present(board).retain();
  const from = keyOf(world.random.below(PLAYERS));
  const scores = board.db.iterator({ gte: from, limit: 10, snapshot: state });
  const shown = [...scores.values()];
  scores.free();
  if (world.chance('connection lost', 1 / 300)) throw new Impatient();
  state.release();
  return shown;
}

function play({ db }: Board, { random }: World): void {
  for (let i = 0; i < 3; i++) db.put(keyOf(random.below(PLAYERS)), String(random.below(9999)));
}

export default program({
  everyMs: 7,

  setup(world): Board {
    const db = world.open('scores');
    for (let i = 0; i < PLAYERS; i++) db.put(keyOf(i), '0');
    return { db, shared: undefined, requests: 0, impatient: 0 };
  },

  operation(board, world) {
    play(board, world);
    try {
      top(board, world);
    } catch (error) {
      if (!(error instanceof Impatient)) throw error;
      board.impatient++;
    }
  },

  settle(board) {
    board.shared?.release();
    board.shared = undefined;
  },

  teardown({ db }) {
    db.close();
  },
});
