/** A game is launched: players come faster and faster, until all servers are full. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const PLACES = 170;
const ITEMS = 20;
/** Operations until as many come as there will ever. */
const RAMP = 14_000;
const ARRIVALS_MAX = 0.5;
const STAY = 700;

interface Player {
  readonly inventory: DBIterator<string, string>;
  readonly leavesAt: number;
}

interface Game {
  readonly db: Database;
  players: Player[];
  ticks: number;
}

function join({ db, players, ticks }: Game, { random }: World): void {
  if (players.length >= PLACES) return;
  const inventory = db.iterator({ prefix: `${random.below(PLACES)}/` });
  players.push({ inventory, leavesAt: ticks + 1 + Math.round(random.exponential(STAY)) });
}

function part(game: Game, now: number): void {
  const stay: Player[] = [];
  for (const player of game.players) {
    if (player.leavesAt <= now) player.inventory.free();
    else stay.push(player);
  }
  game.players = stay;
}

function play({ db, players }: Game, { random }: World): void {
  for (let i = 0; i < 3; i++) db.put(`${random.below(PLACES)}/${random.below(ITEMS)}`, 'sword');
  if (players.length === 0) return;
  for (let i = 0; i < 2; i++) {
    const { inventory } = random.pick(players);
    inventory.refresh();
    inventory.nextMany(4);
  }
}

export default program({
  everyMs: 16,

  setup(world): Game {
    return { db: world.open('game'), players: [], ticks: 0 };
  },

  operation(game, world) {
    const probability = ARRIVALS_MAX * Math.min(1, ++game.ticks / RAMP);
    if (world.mode === 'test' ? game.ticks % 2 === 0 : world.random.float() < probability) {
      join(game, world);
    }
    part(game, game.ticks);
    play(game, world);
  },

  settle(game) {
    part(game, Number.POSITIVE_INFINITY);
    game.ticks = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
