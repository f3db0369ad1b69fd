/** Reading: gets, iterators, snapshots, pinned values, wide columns, several families at once. */
import type { DBIterator } from 'rocksdb-wasm';
import type { Plain } from './plain.js';
import type { Weighted } from './world.js';

const ITERATORS_MAX = 6;

export function readSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  return [
    [12, () => plain.db.get(world.key(), plain.readOptions())],
    [1, () => plain.db.getMany(Array.from({ length: world.below(12) }, () => world.key()))],
    [1, () => plain.db.has(world.key(), plain.readOptions())],
    [1, () => plain.db.getResult(world.key(), plain.readOptions())],
    [1, () => plain.db.getEntity(world.key(), { ...plain.readOptions(), ...plain.target() })],
    [1, () => plain.db.keyMayExistWithValue(world.key())],
    [1, () => plain.db.getMergeOperands(world.key(), plain.target())],
    [1, () => plain.db.getAllKeyVersions({ maxKeys: world.below(50) })],
    [1, () => readFamilies(plain)],
    [2, () => newIterator(plain)],
    [1, () => newMultiIterator(plain)],
    [2, () => useIterator(plain)],
    [3, () => world.freeOne(plain.iterators)],
    [1, () => plain.snapshots.push(plain.db.snapshot())],
    [1, () => world.freeOne(plain.snapshots)],
    [1, () => retainSnapshot(plain)],
    [1, () => pinSlice(plain)],
    [1, () => world.freeOne(plain.slices)],
  ];
}

function newIterator(plain: Plain): void {
  const { world, db, iterators } = plain;
  world.atMost(ITERATORS_MAX, iterators);
  const [gte, lt] = world.range();
  const bounds = world.once(2) ? { gte, lt } : {};
  const reverse = world.once(3);
  // RocksDB's tailing iterators do not find the blob files that are written after their creation.
  const tailing = !reverse && !plain.blobs && world.once(6);
  const target = plain.target();
  const read = tailing ? {} : plain.readOptions();
  iterators.push(db.iterator({ ...bounds, ...target, ...read, reverse, tailing }));
}

function newMultiIterator(plain: Plain): void {
  const { world, db, iterators } = plain;
  world.atMost(ITERATORS_MAX, iterators);
  const families = plain.someFamilies();
  const reverse = world.once(3);
  const allowUnpreparedValue = world.once(3);
  const options = { ...plain.readOptions(), reverse, allowUnpreparedValue };
  const made = world.once(2)
    ? db.coalescingIterator(families, options)
    : db.attributeGroupIterator(families, options);
  iterators.push(made as DBIterator<string, string>);
  if (made.next() !== undefined && allowUnpreparedValue) made.prepareValue();
  world.engine.heap.pins(made);
}

function useIterator({ world, iterators }: Plain): void {
  const iterator = world.pick(iterators);
  if (iterator === undefined) return;
  const what = world.below(4);
  if (what === 0) iterator.seek(world.key());
  else if (what === 1 && world.once(4)) iterator.refresh();
  iterator.nextMany(world.below(40));
}

function readFamilies(plain: Plain): void {
  const { world, db } = plain;
  const columnFamilies = plain.someFamilies();
  const keys = columnFamilies.map(() => world.key());
  const read = { columnFamilies, ...plain.readOptions() };
  db.getMany(keys, read);
  db.getManyEntity(keys, read);
  db.getAttributeGroups(world.key(), columnFamilies);
}

/** What is retained is not freed, but by as many releases. */
function retainSnapshot({ db }: Plain): void {
  const snapshot = db.snapshot();
  snapshot.retain();
  try {
    snapshot.free();
  } finally {
    snapshot.release();
    snapshot.release();
  }
}

function pinSlice(plain: Plain): void {
  const { world, slices } = plain;
  world.atMost(5, slices);
  const slice = plain.db.getPinned(world.key(), plain.readOptions());
  if (slice === undefined) return;
  slices.push(slice);
  world.engine.heap.pins(slice);
}
