/** A cursor for each of the tenants that were active last; which ones those are changes all the time. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const TENANTS = 500;
const CURSORS_MAX = 40;
const ROWS = 8;

type Cursor = DBIterator<string, string>;

class Cursors {
  readonly #db: Database;
  /** Those that were used last are at the end. */
  readonly #byTenant = new Map<number, Cursor>();

  constructor(db: Database) {
    this.#db = db;
  }

  of(tenant: number): Cursor {
    const known = this.#byTenant.get(tenant);
    this.#byTenant.delete(tenant);
    known?.refresh();
    const cursor = known ?? this.#db.iterator({ prefix: `${tenant}/` });
    this.#byTenant.set(tenant, cursor);
    this.#trim(CURSORS_MAX);
    return cursor;
  }

  clear(): void {
    this.#trim(0);
  }

  #trim(most: number): void {
    for (const [tenant, cursor] of this.#byTenant) {
      if (this.#byTenant.size <= most) return;
      cursor.free();
      this.#byTenant.delete(tenant);
    }
  }
}

function write(db: Database, { random }: World): void {
  db.put(`${random.skewed(TENANTS)}/${random.below(ROWS)}`, `row ${random.below(1000)}`);
}

export default program({
  setup(world) {
    const db = world.open('tenants');
    return { db, cursors: new Cursors(db) };
  },

  operation({ db, cursors }, world) {
    for (let i = 0; i < 4; i++) write(db, world);
    cursors.of(world.random.skewed(TENANTS)).nextMany(6);
  },

  settle({ cursors }) {
    cursors.clear();
  },

  teardown({ db }) {
    db.close();
  },
});
