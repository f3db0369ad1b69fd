/** A database that calls functions of the program's, which throw now and then. */
import process from 'node:process';
import { type Comparator, type MergeOperator, RocksDB } from 'rocksdb-wasm';
import type { Subject, Weighted, World } from './world.js';

const PATH = '/calling';
/** RocksDB asserts that keys are in order; a comparator that throws is beyond what it is written for. */
const ASSERTS = process.env.ROCKSDB_WASM_FLAVOUR === 'debug';
const decoder = new TextDecoder();
const text = (bytes: Uint8Array | undefined) => decoder.decode(bytes);

export class Callbacks implements Subject {
  readonly steps: readonly Weighted[];
  #db: RocksDB<'utf8', 'utf8'> | undefined;
  /** So many calls from now, one throws; below 0: none. */
  #fuse = -1;

  constructor(readonly world: World) {
    const db = () => this.#db;
    this.steps = [
      [2, () => db()?.put(world.key(), world.value())],
      [1, () => db()?.merge(world.key(), world.value())],
      [1, () => db()?.get(world.key())],
      [1, () => this.#scan()],
      [1, world.rarely(10, () => db()?.flush())],
      [1, world.rarely(15, () => db()?.compactRange({ bottommostLevelCompaction: 'force' }))],
      [1, world.rarely(10, () => this.#newFamily())],
      [1, world.rarely(10, () => this.#open())],
      [1, world.rarely(20, () => this.#close())],
      [1, world.rarely(3, () => this.#light())],
      [1, () => this.#throwing()],
    ];
  }

  recover(): void {
    this.#close();
  }

  close(): void {
    this.#close();
  }

  #close(): void {
    this.#fuse = -1;
    const db = this.#db;
    this.#db = undefined;
    this.world.attempt(() => db?.close());
  }

  /** What works until now throws at some call to come, of whichever step that is. */
  #light(): void {
    this.#fuse = this.world.below(100);
  }

  #throwing(): void {
    const { world } = this;
    this.#fuse = world.below(6);
    try {
      const what = world.below(8);
      if (what === 0) this.#db?.flush();
      else if (what === 1) this.#db?.compactRange({ bottommostLevelCompaction: 'force' });
      else if (what < 4) this.#scan();
      else if (what === 4) this.#db?.get(world.key());
      else this.#db?.merge(world.key(), 'operand');
    } finally {
      this.#fuse = -1;
    }
  }

  #scan(): void {
    const { world } = this;
    const iterator = this.#db?.iterator({ gte: world.key(), reverse: world.once(2) });
    try {
      iterator?.nextMany(world.below(30));
    } finally {
      iterator?.free();
    }
  }

  #newFamily(): void {
    if (this.#db === undefined || this.#db.columnFamilyNames.length > 2) return;
    const { comparator, mergeOperator } = this;
    const family = this.#db.createColumnFamily('second', { comparator, mergeOperator });
    this.#db.put(this.world.key(), 'value', { columnFamily: family });
    this.#db.dropColumnFamily(family);
    family.free();
  }

  #called(): void {
    if (this.#fuse >= 0 && this.#fuse-- === 0) throw new Error('thrown by a callback');
  }

  readonly comparator: Comparator = {
    name: 'identity.reverse',
    compare: (a, b) => {
      if (!ASSERTS) this.#called();
      const [left, right] = [text(a), text(b)];
      return left < right ? 1 : left > right ? -1 : 0;
    },
  };

  readonly mergeOperator: MergeOperator = {
    name: 'identity.longest',
    fullMerge: (_key, existing, operands) => {
      this.#called();
      return [existing ?? new Uint8Array(), ...operands].reduce((one, other) =>
        other.length > one.length ? other : one,
      );
    },
    partialMerge: (_key, left, right) => {
      this.#called();
      return left.length > right.length ? left : right;
    },
  };

  #open(): void {
    const { world, comparator, mergeOperator } = this;
    this.#close();
    const called = () => this.#called();
    const filter = (key: Uint8Array) => {
      called();
      return text(key).endsWith('7') ? 'remove' : 'keep';
    };
    const prefix = () => {
      called();
      return 4;
    };
    this.#db = world.perhapsFaulty(() =>
      RocksDB.openSync(PATH, {
        engine: world.engine,
        createIfMissing: true,
        keyEncoding: 'utf8',
        valueEncoding: 'utf8',
        writeBufferSize: 32 * 1024,
        onUnreleased() {},
        comparator,
        mergeOperator,
        compactionFilterFactory: {
          name: 'identity.filters',
          createFilter: () => {
            called();
            return { filter };
          },
        },
        prefixExtractor: { name: 'identity.prefix', transform: prefix },
        listeners: [
          { onFlushCompleted: called, onCompactionCompleted: called, onTableFileDeleted: called },
        ],
        logger: { log: called },
        walFilter: { name: 'identity.wal', logRecordFound: called },
        tablePropertiesCollectorFactories: [
          {
            name: 'identity.collector',
            createCollector: () => ({ addUserKey: called, finish: () => ({ a: 'b' }) }),
          },
        ],
      }),
    );
  }
}
