/**
 * Programs that forget one handle, each beside a twin that does not. The line whose handle is forgotten carries
 * a comment with the handle's kind and the program's shape, from which tests know what to expect. There is
 * only syntax that can be stripped, so that the file runs as it is on Node, Deno and Bun.
 */
import type { Cache, Engine, RocksDB } from 'rocksdb-wasm';

type Database = RocksDB<'utf8', 'utf8'>;

/** What a program works with. */
export interface Context {
  readonly db: Database;
  /** The package's class: how the package is imported is up to the test. */
  readonly Cache: new (
    engine: Engine,
    options: { capacity: number },
  ) => Cache;
}

export type Kind = 'iterator' | 'snapshot' | 'writeBatch' | 'columnFamily' | 'cache';
export type Shape = 'early return' | 'throw' | 'abandoned generator' | 'lost promise';

/** Those of shape `throw` throw on every call. */
export interface Program {
  leaky(context: Context): unknown;
  clean(context: Context): unknown;
}

function refuse(value: string | undefined): void {
  if (value !== 'acceptable') throw new RangeError(`refused: ${value}`);
}

const fasterAnswer = () => Promise.resolve('from elsewhere');
const slowAnswer = () => new Promise<string>(() => {});
/** Settles when it is given up, as what can be cancelled does. */
const cancellable = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('given up')));

/** Races `work` against a faster answer, and gives `work` up when it has lost. */
async function raceAndCancel(work: (signal: AbortSignal) => Promise<string>): Promise<string> {
  const abort = new AbortController();
  try {
    return await Promise.race([work(abort.signal), fasterAnswer()]);
  } finally {
    abort.abort();
  }
}

let families = 0;
const newName = () => `family-${++families}`;

// --- iterator -----------------------------------------------------------------------------------------

function* entries(db: Database) {
  const iterator = db.iterator({ gte: 'k' }); // leak: iterator, abandoned generator
  for (const entry of iterator) yield entry;
  iterator.free();
}

function* entriesFreed(db: Database) {
  const iterator = db.iterator({ gte: 'k' });
  try {
    for (const entry of iterator) yield entry;
  } finally {
    iterator.free();
  }
}

const iterator: Record<Shape, Program> = {
  'early return': {
    leaky({ db }) {
      const iterator = db.iterator({ prefix: 'nothing' }); // leak: iterator, early return
      const first = iterator.next();
      if (first === undefined) return 'none';
      iterator.free();
      return first[0];
    },
    clean({ db }) {
      const iterator = db.iterator({ prefix: 'nothing' });
      try {
        const first = iterator.next();
        if (first === undefined) return 'none';
        return first[0];
      } finally {
        iterator.free();
      }
    },
  },
  throw: {
    leaky({ db }) {
      const iterator = db.iterator(); // leak: iterator, throw
      for (const [, value] of iterator) refuse(value);
      iterator.free();
    },
    clean({ db }) {
      const iterator = db.iterator();
      try {
        for (const [, value] of iterator) refuse(value);
      } finally {
        iterator.free();
      }
    },
  },
  'abandoned generator': {
    leaky({ db }) {
      return entries(db).next().value;
    },
    clean({ db }) {
      for (const entry of entriesFreed(db)) return entry;
    },
  },
  'lost promise': {
    async leaky({ db }) {
      const work = async () => {
        const iterator = db.iterator({ reverse: true }); // leak: iterator, lost promise
        const until = await slowAnswer();
        iterator.seek(until);
        iterator.free();
      };
      return Promise.race([work(), fasterAnswer()]);
    },
    clean({ db }) {
      return raceAndCancel(async (signal) => {
        const iterator = db.iterator({ reverse: true });
        try {
          iterator.seek(await cancellable(signal));
          return 'done';
        } finally {
          iterator.free();
        }
      });
    },
  },
};

// --- snapshot -----------------------------------------------------------------------------------------

async function* changes(db: Database) {
  const before = db.snapshot(); // leak: snapshot, abandoned generator
  while (true) {
    db.put('counter', String(db.latestSequenceNumber));
    if (db.get('counter') === db.get('counter', { snapshot: before })) break;
    yield db.get('counter');
  }
  before.free();
}

async function* changesFreed(db: Database) {
  const before = db.snapshot();
  try {
    while (true) {
      db.put('counter', String(db.latestSequenceNumber));
      if (db.get('counter') === db.get('counter', { snapshot: before })) break;
      yield db.get('counter');
    }
  } finally {
    before.free();
  }
}

const snapshot: Record<Shape, Program> = {
  'early return': {
    leaky({ db }) {
      const snapshot = db.snapshot(); // leak: snapshot, early return
      if (!db.has('missing', { snapshot })) return false;
      snapshot.free();
      return true;
    },
    clean({ db }) {
      const snapshot = db.snapshot();
      const found = db.has('missing', { snapshot });
      snapshot.free();
      return found;
    },
  },
  throw: {
    async leaky({ db }) {
      await fasterAnswer();
      const snapshot = db.snapshot(); // leak: snapshot, throw
      refuse(db.get('key', { snapshot }));
      snapshot.free();
    },
    async clean({ db }) {
      await fasterAnswer();
      const snapshot = db.snapshot();
      try {
        refuse(db.get('key', { snapshot }));
      } finally {
        snapshot.free();
      }
    },
  },
  'abandoned generator': {
    leaky({ db }) {
      return changes(db).next();
    },
    async clean({ db }) {
      for await (const change of changesFreed(db)) return change;
    },
  },
  'lost promise': {
    leaky({ db }) {
      const work = async () => {
        await fasterAnswer();
        const snapshot = db.snapshot(); // leak: snapshot, lost promise
        const key = await slowAnswer();
        db.get(key, { snapshot });
        snapshot.free();
      };
      return Promise.race([work(), fasterAnswer()]);
    },
    clean({ db }) {
      return raceAndCancel(async (signal) => {
        const snapshot = db.snapshot();
        const key = await cancellable(signal);
        const value = db.get(key, { snapshot });
        snapshot.free();
        return value ?? '';
      });
    },
  },
};

// --- writeBatch ---------------------------------------------------------------------------------------

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

const writeBatch: Record<Shape, Program> = {
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

// --- columnFamily -------------------------------------------------------------------------------------

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

const columnFamily: Record<Shape, Program> = {
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

// --- cache --------------------------------------------------------------------------------------------

function* growing({ db, Cache }: Context) {
  const cache = new Cache(db.engine, { capacity: 4096 }); // leak: cache, abandoned generator
  for (let capacity = 8192; capacity < 65536; capacity *= 2) {
    cache.setCapacity(capacity);
    yield cache.usage;
  }
  cache.free();
}

function* growingFreed({ db, Cache }: Context) {
  const cache = new Cache(db.engine, { capacity: 4096 });
  try {
    for (let capacity = 8192; capacity < 65536; capacity *= 2) {
      cache.setCapacity(capacity);
      yield cache.usage;
    }
  } finally {
    cache.free();
  }
}

const cache: Record<Shape, Program> = {
  'early return': {
    leaky({ db, Cache }) {
      const cache = new Cache(db.engine, { capacity: 1 << 20 }); // leak: cache, early return
      if (cache.usage < 1 << 20) return 'has room';
      cache.free();
    },
    clean({ db, Cache }) {
      const cache = new Cache(db.engine, { capacity: 1 << 20 });
      const full = cache.usage >= 1 << 20;
      cache.free();
      if (!full) return 'has room';
    },
  },
  throw: {
    leaky({ db, Cache }) {
      const cache = new Cache(db.engine, { capacity: 1 << 16 }); // leak: cache, throw
      cache.setCapacity(-1);
      cache.free();
    },
    clean({ db, Cache }) {
      const cache = new Cache(db.engine, { capacity: 1 << 16 });
      try {
        cache.setCapacity(-1);
      } finally {
        cache.free();
      }
    },
  },
  'abandoned generator': {
    leaky(context) {
      return growing(context).next();
    },
    clean(context) {
      for (const usage of growingFreed(context)) if (usage === 0) break;
    },
  },
  'lost promise': {
    leaky({ db, Cache }) {
      const work = async () => {
        const cache = new Cache(db.engine, { capacity: 1 << 16 }); // leak: cache, lost promise
        await slowAnswer();
        cache.free();
      };
      return Promise.race([work(), fasterAnswer()]);
    },
    clean({ db, Cache }) {
      return raceAndCancel(async (signal) => {
        const cache = new Cache(db.engine, { capacity: 1 << 16 });
        await cancellable(signal);
        cache.free();
        return 'freed';
      });
    },
  },
};

export const programs: Readonly<Record<Kind, Record<Shape, Program>>> = {
  iterator,
  snapshot,
  writeBatch,
  columnFamily,
  cache,
};
