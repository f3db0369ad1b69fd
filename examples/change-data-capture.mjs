// Change data capture: a follower that brings another database up to date with a source and keeps it so.
//
//   node examples/change-data-capture.mjs        shows it: a follower that is stopped, resumes, catches up
//
// The target stores, in the same atomic batch as each update of the source, where the log goes on after it. So
// it may stop anywhere, kill -9 included, and resumes without losing or repeating an update. It begins with a
// copy of the source at a snapshot, and begins anew when the log does not reach back to where it stopped.
//
// Not carried over: column families that are dropped (they leave no trace in the log), files that are ingested
// (a gap: a new copy), user-defined timestamps, and two-phase commits.
import { pathToFileURL } from 'node:url';

/** The target's own column family, and the key in it that says where the log goes on. */
const STATE = 'replication';
const POSITION = 'position';
/** Entries that the first copy writes at once. */
const COPY_BATCH = 1000;

/**
 * Brings `target` up to date with `source` and, unless `follow` is false, goes on until the signal comes (it throws
 * the signal's reason) or the source is closed. Nobody else writes to the target. Both have keys and values as
 * bytes. `familyOptions(name)`: what the target's column families are made with, as the source's merge operators.
 */
export async function replicate(source, target, options = {}) {
  const { follow = true, signal, familyOptions = () => ({}) } = options;
  const familyOf = (name) =>
    target.columnFamily(name) ?? target.createColumnFamily(name, familyOptions(name));
  if (source.columnFamily(STATE) !== undefined) {
    throw new Error(`the source has a column family '${STATE}', which the target needs for itself`);
  }
  const state = familyOf(STATE);
  for (;;) {
    const stored = target.get(POSITION, { columnFamily: state, valueEncoding: 'utf8' });
    const position = stored === undefined ? copy(source, target, state, familyOf) : BigInt(stored);
    try {
      for await (const update of source.getUpdatesSince(position, { follow, signal })) {
        apply(update, source, target, state, familyOf);
      }
      return;
    } catch (error) {
      if (error.code !== 'ERR_ROCKSDB_LOG_GAP') throw error;
      target.delete(POSITION, { columnFamily: state });
    }
  }
}

/** Copies all that a snapshot sees. Returns where the log goes on after it. */
function copy(source, target, state, familyOf) {
  for (const name of target.columnFamilyNames) {
    if (name !== STATE) clear(target, target.columnFamily(name));
  }
  const snapshot = source.snapshot();
  try {
    for (const name of source.columnFamilyNames) {
      copyFamily(source.columnFamily(name), source, familyOf(name), target, snapshot);
    }
    const position = snapshot.sequenceNumber + 1n;
    target.put(POSITION, String(position), { columnFamily: state });
    return position;
  } finally {
    snapshot.free();
  }
}

function copyFamily(from, source, columnFamily, target, snapshot) {
  const batch = target.batch();
  const entries = source.iterator({ columnFamily: from, snapshot });
  try {
    for (const [key, value] of entries) {
      batch.put(key, value, { columnFamily });
      if (batch.count < COPY_BATCH) continue;
      target.write(batch);
      batch.clear();
    }
    target.write(batch);
  } finally {
    entries.free();
    batch.free();
  }
}

function clear(target, columnFamily) {
  const keys = target.iterator({ columnFamily, values: false });
  try {
    for (const key of keys.keys()) target.delete(key, { columnFamily });
  } finally {
    keys.free();
  }
}

/** How an operation of the log is written to a batch. */
const OPERATIONS = {
  put: (batch, { key, value }, to) => batch.put(key, value, to),
  putEntity: (batch, { key, columns }, to) => batch.putEntity(key, columns, to),
  merge: (batch, { key, operand }, to) => batch.merge(key, operand, to),
  delete: (batch, { key }, to) => batch.delete(key, to),
  singleDelete: (batch, { key }, to) => batch.singleDelete(key, to),
  deleteRange: (batch, { key, endKey }, to) => batch.deleteRange(key, endKey, to),
  logData: () => {},
  noop: () => {},
};

/** Writes what a batch of the source did, and where the log goes on after it, as one batch. */
function apply(update, source, target, state, familyOf) {
  const batch = target.batch();
  try {
    for (const operation of update.batch) {
      const write = OPERATIONS[operation.type];
      if (write === undefined) throw new Error(`cannot carry over a ${operation.type}`);
      const to = destination(operation, source, familyOf);
      if (to !== undefined) write(batch, operation, to);
    }
    batch.put(POSITION, String(update.nextSequence), { columnFamily: state });
    target.write(batch);
  } finally {
    batch.free();
  }
}

/** The target's column family of the same name; undefined when the source has dropped it since. */
function destination({ columnFamilyId = 0 }, source, familyOf) {
  for (const name of source.columnFamilyNames) {
    if (source.columnFamily(name).familyId === columnFamilyId) {
      return { columnFamily: familyOf(name) };
    }
  }
  return undefined;
}

async function show() {
  const { Engine, MemoryFileSystem, RocksDB } = await import('../dist/index.js');
  const engine = await Engine.create({ fileSystem: new MemoryFileSystem() });
  const options = { engine, createIfMissing: true, walTtlSeconds: 3600 };
  const source = await RocksDB.open('/source', options);
  const target = await RocksDB.open('/target', options);
  const users = source.createColumnFamily('users');
  try {
    for (let i = 0; i < 1000; i++) source.put(`order ${i}`, `item ${i % 7}`);
    const controller = new AbortController();
    const following = replicate(source, target, { signal: controller.signal });
    const aborted = following.catch((error) => error.name);
    for (let i = 0; i < 500; i++) {
      source.put(`user ${i}`, 'new', { columnFamily: users });
      if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const users2 = () => target.get('user 499', { columnFamily: target.columnFamily('users') });
    while (users2() === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    console.log('following: the target has what the source has');
    controller.abort();
    console.log(`stopped: ${await aborted}`);

    source.deleteRange('order 1', 'order 2');
    source.flush(); // the log goes to the archive, and is read there
    source.put('order 2', 'changed');
    const before = target.latestSequenceNumber;
    await replicate(source, target, { follow: false });
    console.log(
      `resumed: ${target.latestSequenceNumber - before} operations brought it up to date`,
    );
    const same = target.get('order 1') === undefined && target.has('order 2');
    if (!same) throw new Error('the target differs from the source');
  } finally {
    source.close();
    target.close();
    engine.free();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await show();
