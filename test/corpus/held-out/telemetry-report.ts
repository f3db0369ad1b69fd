/** Telemetry comes in; reports read it beside the writer, from a view of the database of their own. */
import { RocksDB } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const DEVICES = 50;
const MINUTES = 40;

interface Telemetry {
  readonly db: Database;
  readings: number;
}

const keyOf = (device: number, minute: number) =>
  `${String(device).padStart(3, '0')}/${String(minute).padStart(3, '0')}`;

/** The mean of a device's readings, or undefined when it has sent none. */
function report(world: World, device: number): number | undefined {
  const { createIfMissing: _, ...settings } = world.settings;
  const reader = RocksDB.openSync(world.path('telemetry'), { ...settings, readOnly: true });
  const readings = reader.iterator({ prefix: `${String(device).padStart(3, '0')}/` });
  const values = [...readings.values()].map(Number);
  readings.free();
  if (values.length === 0) return undefined;
  reader.close();
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export default program({
  everyMs: 50,

  setup(world): Telemetry {
    const db = world.open('telemetry');
    for (let device = 0; device < DEVICES; device++) db.put(keyOf(device, 0), '0');
    return { db, readings: 0 };
  },

  operation(telemetry, world) {
    const { random } = world;
    for (let i = 0; i < 20; i++) {
      const minute = telemetry.readings++ % MINUTES;
      telemetry.db.put(keyOf(random.below(DEVICES), minute), String(random.below(1000)));
    }
    if (!world.chance('report', 1 / 75)) return;
    const unknown = world.chance('unknown device', 1 / 2);
    report(world, unknown ? DEVICES + 1 : random.below(DEVICES));
  },

  teardown({ db }) {
    db.close();
  },
});
