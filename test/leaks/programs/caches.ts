/** Caches that are forgotten. See base.ts. */
import {
  type Context,
  cancellable,
  fasterAnswer,
  type Program,
  raceAndCancel,
  type Shape,
  slowAnswer,
} from './base.js';

function* growing({ db, rocksdb }: Context) {
  const cache = new rocksdb.Cache(db.engine, { capacity: 4096 }); // leak: cache, abandoned generator
  for (let capacity = 8192; capacity < 65536; capacity *= 2) {
    cache.setCapacity(capacity);
    yield cache.usage;
  }
  cache.free();
}

function* growingFreed({ db, rocksdb }: Context) {
  const cache = new rocksdb.Cache(db.engine, { capacity: 4096 });
  try {
    for (let capacity = 8192; capacity < 65536; capacity *= 2) {
      cache.setCapacity(capacity);
      yield cache.usage;
    }
  } finally {
    cache.free();
  }
}

export const cache: Record<Shape, Program> = {
  'early return': {
    leaky({ db, rocksdb }) {
      const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 20 }); // leak: cache, early return
      if (cache.usage < 1 << 20) return 'has room';
      cache.free();
    },
    clean({ db, rocksdb }) {
      const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 20 });
      const full = cache.usage >= 1 << 20;
      cache.free();
      if (!full) return 'has room';
    },
  },
  throw: {
    leaky({ db, rocksdb }) {
      const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 16 }); // leak: cache, throw
      cache.setCapacity(-1);
      cache.free();
    },
    clean({ db, rocksdb }) {
      const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 16 });
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
    leaky({ db, rocksdb }) {
      const work = async () => {
        const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 16 }); // leak: cache, lost promise
        await slowAnswer();
        cache.free();
      };
      return Promise.race([work(), fasterAnswer()]);
    },
    clean({ db, rocksdb }) {
      return raceAndCancel(async (signal) => {
        const cache = new rocksdb.Cache(db.engine, { capacity: 1 << 16 });
        await cancellable(signal);
        cache.free();
        return 'freed';
      });
    },
  },
};
