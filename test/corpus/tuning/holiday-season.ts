/** Holiday bookings: more and more people look and hesitate until the summer, and then ever fewer. */
import type { Snapshot } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const HOTELS = 120;
const SEASON = 26_000;
const HESITATING_MAX = 130;

interface Offer {
  readonly hotel: string;
  readonly seen: Snapshot;
}

interface Agency {
  readonly db: Database;
  readonly offers: Offer[];
  ticks: number;
  changed: number;
}

const hotelOf = ({ random }: World) => `hotel/${random.skewed(HOTELS)}`;

/** Linearly up, and down again. */
function hesitating(ticks: number): number {
  const place = (ticks % SEASON) / SEASON;
  return Math.ceil(HESITATING_MAX * (1 - Math.abs(2 * place - 1)));
}

function look({ db, offers }: Agency, world: World): void {
  offers.push({ hotel: hotelOf(world), seen: db.snapshot() });
}

function decide(agency: Agency, index: number): void {
  const [offer] = agency.offers.splice(index, 1);
  if (offer === undefined) return;
  const { hotel, seen } = offer;
  if (agency.db.get(hotel, { snapshot: seen }) !== agency.db.get(hotel)) agency.changed++;
  seen.free();
}

export default program({
  everyMs: 500,

  setup(world): Agency {
    return { db: world.open('hotels'), offers: [], ticks: 0, changed: 0 };
  },

  operation(agency, world) {
    const { random } = world;
    for (let i = 0; i < 4; i++) agency.db.put(hotelOf(world), `price ${random.below(200)}`);
    for (let i = 0; i < 3; i++) agency.db.get(hotelOf(world));
    if (agency.offers.length > 0 && world.chance('decides', 1 / 4)) {
      decide(agency, random.below(agency.offers.length));
    }
    const target = hesitating(++agency.ticks);
    if (agency.offers.length < target) look(agency, world);
    while (agency.offers.length > target) decide(agency, 0);
  },

  settle(agency) {
    while (agency.offers.length > 0) decide(agency, 0);
    agency.ticks = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
