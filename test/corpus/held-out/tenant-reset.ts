/** A column family a tenant. A tenant who begins a new trial gets an empty one. */
import type { ColumnFamily } from 'rocksdb-wasm';
import { type Database, program } from '../world.js';

const TENANTS = 6;
const KEYS = 60;

type Family = ColumnFamily<'utf8', 'utf8'>;

interface Hosting {
  readonly db: Database;
  readonly families: Map<string, Family>;
}

function provision(db: Database, tenant: string): Family {
  return db.createColumnFamily(tenant, { writeBufferSize: 64 * 1024 });
}

function reset({ db, families }: Hosting, tenant: string): void {
  const used = families.get(tenant);
  if (used !== undefined) db.dropColumnFamily(used);
  families.set(tenant, provision(db, tenant));
}

function listing({ db }: Hosting, columnFamily: Family): string[] {
  const rows = db.iterator({ columnFamily, limit: 6 });
  try {
    return [...rows.keys()];
  } finally {
    rows.free();
  }
}

export default program({
  everyMs: 40,

  setup(world): Hosting {
    const hosting = { db: world.open('hosting'), families: new Map<string, Family>() };
    for (let i = 0; i < TENANTS; i++) reset(hosting, `tenant-${i}`);
    return hosting;
  },

  operation(hosting, world) {
    const { random } = world;
    const tenant = `tenant-${random.below(TENANTS)}`;
    const columnFamily = hosting.families.get(tenant);
    if (columnFamily === undefined) throw new Error(`${tenant} is not provisioned`);
    for (let i = 0; i < 6; i++) {
      hosting.db.put(`row-${random.below(KEYS)}`, 'x'.repeat(40), { columnFamily });
    }
    hosting.db.get(`row-${random.below(KEYS)}`, { columnFamily });
    listing(hosting, columnFamily);
    if (world.chance('new trial', 1 / 130)) reset(hosting, tenant);
  },

  teardown({ db }) {
    db.close();
  },
});
