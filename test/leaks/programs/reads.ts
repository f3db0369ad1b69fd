/** Iterators and snapshots that are forgotten. See base.ts. */
import {
  cancellable,
  type Database,
  fasterAnswer,
  type Program,
  raceAndCancel,
  refuse,
  type Shape,
  slowAnswer,
} from './base.js';

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

export const iterator: Record<Shape, Program> = {
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

export const snapshot: Record<Shape, Program> = {
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
