/** What TypeScript parses by itself: batches, statistics as text, records of lock owners. */
import { decodeWriteBatch, parseStats, RocksDB } from 'rocksdb-wasm';
import { parseRecord, whyHeld } from '../../src/wasi/lock-owner.js';
import type { ProcessProbe } from '../../src/wasi/process-probe.js';
import { WITHOUT_NOTES } from './files.js';
import { mutate } from './mutate.js';
import type { Choice } from './random.js';
import { type Case, Failure, type Target, type World } from './world.js';

let batch: Uint8Array | undefined;
let stats: Uint8Array | undefined;

/** A database's own batch and statistics, once a thread. */
function samples(world: World): void {
  if (batch !== undefined) return;
  const { engine } = world;
  const db = RocksDB.openSync('/sample', {
    engine,
    createIfMissing: true,
    ...WITHOUT_NOTES,
    mergeOperator: 'put',
  });
  for (let n = 0; n < 30; n++) db.put(`key${n}`, 'value');
  db.flush();
  stats = new TextEncoder().encode(db.getProperty('rocksdb.stats') ?? '');
  using made = db.batch();
  const users = db.createColumnFamily('users');
  made.put('a', 'b').delete('c').merge('d', 'e').deleteRange('f', 'g').singleDelete('h');
  made.put('users', 'value', { columnFamily: users });
  db.write(made);
  using updates = db.getUpdatesSince(31);
  for (const update of updates) batch = update.data;
  db.close();
}

const batches: Target = {
  name: 'batches',
  weight: 5,
  make(choice): Case {
    const again = choice.word();
    return (world) => {
      samples(world);
      const bytes = mutate(batch as Uint8Array, choice.again(again));
      world.attempt(() => decodeWriteBatch(bytes));
      const { engine } = world;
      const options = {
        engine,
        createIfMissing: true,
        ...WITHOUT_NOTES,
        mergeOperator: 'put',
      } as const;
      const db = world.own(RocksDB.openSync('/db', options));
      db.createColumnFamily('users');
      const made = world.attempt(() => db.batchFrom(bytes));
      if (made === undefined) return;
      world.attempt(() => db.write(made));
      world.attempt(() => made.free());
      world.attempt(() => {
        using iterator = db.iterator();
        for (const _ of iterator);
      });
      world.attempt(() => db.flush());
    };
  },
};

const statsText: Target = {
  name: 'statsText',
  weight: 2,
  make(choice): Case {
    const again = choice.word();
    return (world) => {
      samples(world);
      const bytes = mutate(stats as Uint8Array, choice.again(again));
      world.attempt(() => parseStats(new TextDecoder().decode(bytes)));
    };
  },
};

const RECORD = {
  pid: 41,
  startTime: '77',
  bootId: 'boot',
  host: 'host',
  machineId: 'machine',
  pidNamespace: 'pid:[1]',
  timeNamespace: 'time:[1]',
  threadId: 42,
  threadStartTime: '78',
  token: 'token',
  since: 5,
};

/** A machine that has no process but ours. */
const PROBE: ProcessProbe = {
  pid: 40,
  platform: 'linux',
  state: (pid, thread) => {
    if (pid !== 41 || (thread ?? 42) !== 42) return null;
    return { startTime: thread === undefined ? '77' : '78', ended: false };
  },
  thread: () => null,
  bootId: () => 'boot',
  host: () => 'host',
  machineId: () => 'machine',
  pidNamespace: () => 'pid:[1]',
  timeNamespace: () => 'time:[1]',
  exists: (pid) => pid === 41,
  program: () => undefined,
  nativeHolder: () => undefined,
};

/** Owner records of locks: what cannot be read counts as held, and no damage may make a live owner a dead one. */
const lockOwners: Target = {
  name: 'lockOwners',
  weight: 2,
  make(choice: Choice): Case {
    const bytes = mutate(new TextEncoder().encode(JSON.stringify(RECORD)), choice);
    return () => {
      const text = new TextDecoder().decode(bytes);
      const record = parseRecord(text);
      if (record === undefined) return;
      const { token: _token, since: _since, ...owner } = RECORD;
      const identity = { ...owner, pid: PROBE.pid };
      const why = whyHeld(record, { identity, outOfReach: [] }, PROBE);
      const same = Object.entries(identity).every(
        ([name, value]) => name === 'pid' || record[name as 'host'] === value,
      );
      if (same && record.pid === owner.pid && record.released !== true && why === undefined) {
        throw new Failure('wrong', `a live owner counts as dead: ${text}`);
      }
    };
  },
};

export const TEXT_TARGETS: readonly Target[] = [batches, statsText, lockOwners];
