/** A database a tenant, in files of its own; those that were used last are open. */
import { type Database, program, type World } from '../world.js';

const TENANTS = 9;
const OPEN_MAX = 4;
const ROWS = 50;

interface Databases {
  /** Those that were used last are at the end. */
  readonly open: Map<string, Database>;
  opened: number;
}

function databaseOf(databases: Databases, world: World, tenant: string): Database {
  const { open } = databases;
  let db = open.get(tenant);
  open.delete(tenant);
  if (db === undefined) {
    db = world.open(tenant, { writeBufferSize: 64 * 1024 });
    databases.opened++;
  }
  open.set(tenant, db);
  trim(databases, OPEN_MAX);
  return db;
}

function trim({ open }: Databases, most: number): void {
  for (const [tenant, db] of open) {
    if (open.size <= most) return;
    db.close();
    open.delete(tenant);
  }
}

function work(db: Database, { random }: World): void {
  for (let i = 0; i < 10; i++) db.put(`row/${random.below(ROWS)}`, `value ${random.below(100)}`);
  const rows = db.iterator({ limit: 30 });
  for (const [key, value] of rows) if (value === 'value 7') db.delete(key);
  rows.free();
}

export default program({
  everyMs: 120,

  setup(): Databases {
    return { open: new Map(), opened: 0 };
  },

  operation(databases, world) {
    const { random } = world;
    // Most stay with whom they are; now and then another one comes.
    const others = databases.open.size === 0 || world.chance('another', 1 / 40);
    const tenant = others
      ? `tenant-${random.below(TENANTS)}`
      : random.pick([...databases.open.keys()]);
    work(databaseOf(databases, world, tenant), world);
  },

  settle(databases) {
    trim(databases, 0);
  },

  teardown(databases) {
    trim(databases, 0);
  },
});
