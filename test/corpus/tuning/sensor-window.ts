/** Readings of sensors by time. The lowest and highest of a window are asked for. */
import { type Database, program, type World } from '../world.js';

const SENSORS = 30;
const WINDOW_MS = 2000;
const KEPT = 400;

interface Sensors {
  readonly db: Database;
  readings: number;
}

interface Range {
  readonly lowest: number;
  readonly highest: number;
}

const keyOf = (sensor: number, slot: number) => `${sensor}/${String(slot).padStart(6, '0')}`;

function rangeOf({ db }: Sensors, sensor: number, from: number): Range | undefined {
  const window = db.iterator({ gte: keyOf(sensor, from), lt: `${sensor}/~`, limit: 8 });
  const first = window.next();
  if (first === undefined) return undefined;
  let lowest = Number(first[1]);
  let highest = lowest;
  for (const [, value] of window) {
    lowest = Math.min(lowest, Number(value));
    highest = Math.max(highest, Number(value));
  }
  window.free();
  return { lowest, highest };
}

function record(sensors: Sensors, { random }: World): void {
  const slot = sensors.readings++ % KEPT;
  sensors.db.put(keyOf(random.below(SENSORS), slot), String(20 + random.below(15)));
}

export default program({
  everyMs: WINDOW_MS / 100,

  setup(world): Sensors {
    const db = world.open('sensors');
    for (let sensor = 0; sensor < SENSORS; sensor++) db.put(keyOf(sensor, KEPT), '20');
    return { db, readings: 0 };
  },

  operation(sensors, world) {
    const { random } = world;
    for (let i = 0; i < 4; i++) record(sensors, world);
    const sensor = random.below(SENSORS);
    // Those who ask from when on do not know that the sensor was replaced since.
    const replaced = world.chance('asks too late', 1 / 9);
    rangeOf(sensors, sensor, replaced ? KEPT + 1 : random.below(KEPT));
  },

  teardown({ db }) {
    db.close();
  },
});
