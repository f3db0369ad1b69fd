/** Batches and column families that are forgotten. See base.ts. */
import {
  type Database,
  fasterAnswer,
  newName,
  type Program,
  type Shape,
  slowAnswer,
} from './base.js';

function* bulk(db: Database) {
  const batch = db.batch(); // leak: writeBatch, abandoned generator
  for (let count = 0; count < 3; count++) {
    batch.put(`bulk-${count}`, 'value');
    yield count;
  }
  db.write(batch);
  batch.free();
}

function* bulkFreed(db: Database) {
  const batch = db.batch();
  try {
    for (let count = 0; count < 3; count++) {
      batch.put(`bulk-${count}`, 'value');
      yield count;
    }
    db.write(batch);
  } finally {
    batch.free();
  }
}

export const writeBatch: Record<Shape, Program> = {
  'early return': {
    leaky({ db }) {
      const batch = db.batch(); // leak: writeBatch, early return
      for (const key of ['a', 'b', 'key']) {
        if (db.has(key)) return key;
        batch.put(key, 'new');
      }
      db.write(batch);
      batch.free();
    },
    clean({ db }) {
      const batch = db.batch();
      try {
        for (const key of ['a', 'b', 'key']) {
          if (db.has(key)) return key;
          batch.put(key, 'new');
        }
        db.write(batch);
      } finally {
        batch.free();
      }
    },
  },
  throw: {
    leaky({ db }) {
      const batch = db
        .batch() // leak: writeBatch, throw
        .put('key', 'value');
      JSON.parse('{ cut off');
      db.write(batch);
      batch.free();
    },
    clean({ db }) {
      const batch = db.batch().put('key', 'value');
      try {
        JSON.parse('{ cut off');
        db.write(batch);
      } finally {
        batch.free();
      }
    },
  },
  'abandoned generator': {
    leaky({ db }) {
      const [first] = [bulk(db)].map((generator) => generator.next());
      return first;
    },
    clean({ db }) {
      const generator = bulkFreed(db);
      generator.next();
      return generator.return();
    },
  },
  'lost promise': {
    leaky({ db }) {
      const batch = db.batch().put('key', 'value'); // leak: writeBatch, lost promise
      slowAnswer()
        .then(() => db.write(batch))
        .finally(() => batch.free());
    },
    async clean({ db }) {
      const batch = db.batch().put('key', 'value');
      await fasterAnswer()
        .then(() => db.write(batch))
        .finally(() => batch.free());
    },
  },
};

function* numbered(db: Database) {
  const family = db.createColumnFamily(newName()); // leak: columnFamily, abandoned generator
  for (let id = 1; id < 4; id++) {
    db.put('last', String(id), { columnFamily: family });
    yield id;
  }
  family.free();
}

function* numberedFreed(db: Database) {
  const family = db.createColumnFamily(newName());
  try {
    for (let id = 1; id < 4; id++) {
      db.put('last', String(id), { columnFamily: family });
      yield id;
    }
  } finally {
    db.dropColumnFamily(family);
    family.free();
  }
}

export const columnFamily: Record<Shape, Program> = {
  'early return': {
    leaky({ db }) {
      const family = db.createColumnFamily(newName()); // leak: columnFamily, early return
      if (db.get('key', { columnFamily: family }) === undefined) return;
      db.dropColumnFamily(family);
      family.free();
    },
    clean({ db }) {
      const family = db.createColumnFamily(newName());
      if (db.get('key', { columnFamily: family }) === undefined) {
        db.dropColumnFamily(family);
        family.free();
      }
    },
  },
  throw: {
    leaky({ db }) {
      const family = db.createColumnFamily(newName(), { compression: 'lz4' }); // leak: columnFamily, throw
      db.dropColumnFamily(family);
      db.put('key', 'value', { columnFamily: family });
      family.free();
    },
    clean({ db }) {
      const family = db.createColumnFamily(newName(), { compression: 'lz4' });
      db.dropColumnFamily(family);
      try {
        db.put('key', 'value', { columnFamily: family });
      } finally {
        family.free();
      }
    },
  },
  'abandoned generator': {
    leaky({ db }) {
      const ids = numbered(db);
      return [ids.next().value, ids.next().value];
    },
    clean({ db }) {
      const [first, second] = numberedFreed(db);
      return [first, second];
    },
  },
  'lost promise': {
    leaky({ db }) {
      const work = async (): Promise<void> => {
        const family = db.createColumnFamily(newName()); // leak: columnFamily, lost promise
        const value = await slowAnswer();
        db.put('key', value, { columnFamily: family });
        family.free();
      };
      void work();
    },
    clean({ db }) {
      const work = async (): Promise<void> => {
        const family = db.createColumnFamily(newName());
        const value = await fasterAnswer();
        db.put('key', value, { columnFamily: family });
        db.dropColumnFamily(family);
        family.free();
      };
      void work();
    },
  },
};
