/** What is interrupted: the basic ways of writing. Each goes on with what a life before has left. */
import { EncryptedFileSystem } from 'rocksdb-wasm';
import { MORE_WORKLOADS } from './more-workloads.js';
import type { Operation, Workload, World } from './world.js';

const SMALL = { writeBufferSize: 64 * 1024, level0FileNumCompactionTrigger: 3 };

/** A few operations of all kinds that need no merge operator, as one write. */
function mixed(world: World, families: readonly string[]): Operation[] {
  const operations: Operation[] = [];
  for (let count = world.draw(6) + 1; count > 0; count--) {
    const family = families[world.draw(families.length)] as string;
    const kind = world.draw(10);
    if (kind < 7) operations.push(['put', family, world.key(), world.value(2000)]);
    else if (kind < 9) operations.push(['delete', family, world.key()]);
    else operations.push(['deleteRange', family, ...rangeOf(world)]);
  }
  return operations;
}

function rangeOf(world: World): [string, string] {
  const [a, b] = [world.key(), world.key()].sort();
  return [a as string, `${b}~`];
}

const BASIC: readonly Workload[] = [
  {
    name: 'puts',
    run(world) {
      world.open();
      world.times(60, () => {
        world.put(world.key(), { sync: world.chance(30) });
        if (world.chance(5)) world.syncWAL();
      });
    },
  },
  {
    name: 'batches over column families',
    options: { ...SMALL, trackAndVerifyWalsInManifest: true },
    run(world) {
      world.open();
      for (const name of ['users', 'index']) world.createFamily(name, SMALL);
      world.times(60, () => {
        world.write(mixed(world, ['default', 'users', 'index']), { sync: world.chance(20) });
        if (world.chance(8)) world.flush(['default', 'users', 'index'][world.draw(3)]);
        if (world.chance(3)) world.flush();
      });
    },
  },
  {
    name: 'flush and compaction',
    options: { ...SMALL, writeBufferSize: 32 * 1024, targetFileSizeBase: 64 * 1024 },
    run(world) {
      world.open();
      world.times(110, () => {
        world.put(world.key(), { sync: world.chance(10) });
        if (world.chance(8)) world.flush();
        if (world.chance(5)) world.compact();
      });
    },
  },
  {
    name: 'deletions',
    options: SMALL,
    run(world) {
      world.open();
      world.times(80, (index) => {
        const sync = world.chance(20);
        const kind = world.draw(10);
        // A single deletion is for what was put once.
        const once = `s${world.life}.${index}`;
        const last = `s${world.life}.${index - 1}`;
        if (kind < 4) world.put(world.key(), { sync });
        else if (kind < 6) world.write([['put', 'default', once, world.value()]], { sync });
        else if (kind < 7 && world.state().has(`default ${last}`)) {
          world.write([['singleDelete', 'default', last]], { sync });
        } else if (kind < 9) world.write([['delete', 'default', world.key()]], { sync });
        else world.write([['deleteRange', 'default', ...rangeOf(world)]], { sync });
        if (world.chance(8)) world.flush();
        if (world.chance(4)) world.compact();
      });
    },
  },
  {
    name: 'merges',
    options: { ...SMALL, mergeOperator: 'stringappend' },
    run(world) {
      world.open();
      world.times(80, () => {
        const operations: Operation[] = [['merge', 'default', world.key(), world.value(300)]];
        if (world.chance(20)) operations.unshift(['put', 'default', world.key(), world.value(300)]);
        if (world.chance(20)) operations.push(['merge', 'default', world.key(), world.value(100)]);
        world.write(operations, { sync: world.chance(20) });
        if (world.chance(8)) world.flush();
        if (world.chance(4)) world.compact();
      });
    },
  },
  {
    name: 'blob files',
    options: {
      ...SMALL,
      enableBlobFiles: true,
      minBlobSize: 100,
      blobFileSize: 64 * 1024,
      enableBlobGarbageCollection: true,
      blobGarbageCollectionAgeCutoff: 0.7,
      blobGarbageCollectionForceThreshold: 0.3,
    },
    run(world) {
      world.open();
      world.times(80, () => {
        world.put(world.key(), { sync: world.chance(15) });
        if (world.chance(10)) world.flush();
        if (world.chance(6)) world.compact();
      });
    },
  },
  {
    name: 'recycled logs',
    options: { ...SMALL, writeBufferSize: 32 * 1024, recycleLogFileNum: 2 },
    run(world) {
      world.open();
      world.times(120, () => {
        world.put(world.key(), { sync: world.chance(25) });
        if (world.chance(10)) world.flush();
      });
    },
  },
  {
    name: 'archived logs',
    options: { ...SMALL, walTtlSeconds: 3600, walSizeLimitMB: 1 },
    run(world) {
      world.open();
      world.times(70, () => {
        world.put(world.key(), { sync: world.chance(25) });
        if (world.chance(12)) world.flush();
      });
    },
  },
  {
    name: 'manual log flush',
    options: { ...SMALL, manualWalFlush: true },
    run(world) {
      world.open();
      world.times(80, () => {
        world.put(world.key(), { sync: world.chance(5) });
        if (world.chance(15)) world.db.flushWAL(false);
        if (world.chance(10)) {
          world.db.flushWAL(true);
          world.expected.timeline('log').durable();
        }
        if (world.chance(5)) world.flush();
      });
    },
  },
  {
    name: 'pipelined writes and two queues of folders',
    options: {
      ...SMALL,
      enablePipelinedWrite: true,
      walDir: '/wal',
      dbPaths: [
        { path: '/db', targetSize: 64 * 1024 },
        { path: '/slow', targetSize: 1024 * 1024 * 1024 },
      ],
    },
    run(world) {
      world.open();
      world.times(90, () => {
        world.put(world.key(), { sync: world.chance(20) });
        if (world.chance(10)) world.flush();
        if (world.chance(6)) world.compact();
      });
    },
  },
  {
    name: 'atomic flush without log',
    options: { ...SMALL, atomicFlush: true },
    run(world) {
      world.open();
      for (const name of ['users', 'index']) world.createFamily(name, SMALL);
      world.times(70, () => {
        world.write(mixed(world, ['default', 'users', 'index']), { disableWAL: true });
        if (world.chance(12)) world.flush();
      });
    },
  },
  {
    name: 'without log',
    options: SMALL,
    timelineOf: (key) => key.slice(0, key.indexOf(' ')),
    run(world) {
      world.open();
      world.createFamily('users', SMALL);
      world.times(70, () => {
        const family = world.chance(50) ? 'default' : 'users';
        world.write(mixed(world, [family]), { disableWAL: true });
        if (world.chance(10)) world.flush(family);
        if (world.chance(4)) world.compact(family);
      });
    },
  },
  {
    name: 'time to live',
    kind: 'ttl',
    options: { ...SMALL, timeToLive: 100_000 },
    run(world) {
      world.open();
      world.times(70, () => {
        world.put(world.key(), { sync: world.chance(20) });
        if (world.chance(8)) world.flush();
        if (world.chance(4)) world.compact();
      });
    },
  },
  {
    name: 'encrypted',
    options: SMALL,
    wrap: (disk) => new EncryptedFileSystem(disk, { keys: { main: new Uint8Array(32).fill(7) } }),
    run(world) {
      world.open();
      world.createFamily('users', SMALL);
      world.times(60, () => {
        world.write(mixed(world, ['default', 'users']), { sync: world.chance(20) });
        if (world.chance(8)) world.flush();
        if (world.chance(4)) world.compact();
      });
    },
  },
];

export const WORKLOADS: readonly Workload[] = [...BASIC, ...MORE_WORKLOADS];
