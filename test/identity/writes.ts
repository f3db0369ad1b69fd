/** Writing: single operations, batches, column families, flushes and compactions, faults among them. */
import { expect } from 'vitest';
import type { Plain } from './plain.js';
import type { Weighted } from './world.js';

export function writeSteps(plain: Plain): Weighted[] {
  const { world } = plain;
  return [
    [12, () => plain.db.put(world.key(), world.value(), plain.target())],
    [1, () => plain.db.delete(world.key(), plain.target())],
    [1, () => plain.db.merge(world.key(), 'operand', plain.target())],
    [1, () => plain.db.deleteRange(...world.range(), plain.target())],
    [1, () => plain.db.put(world.key(), 'x'.repeat(100_000 + world.below(50_000)))],
    [1, () => putEntity(plain)],
    [1, () => plain.batches.push(plain.db.batch())],
    [1, () => fillBatch(plain)],
    [1, () => writeBatch(plain)],
    [1, () => copyBatch(plain)],
    [1, () => world.freeOne(plain.batches)],
    [1, world.rarely(40, () => plain.db.flush())],
    [1, world.rarely(80, () => plain.db.compactRange(plain.target()))],
    [1, world.rarely(12, () => plain.newFamily())],
    [1, world.rarely(12, () => plain.dropFamily())],
    [1, world.rarely(100, () => plain.recover())],
    [1, world.rarely(40, () => plain.newCache())],
    [2, world.rarely(8, () => plain.withFault())],
  ];
}

function putEntity(plain: Plain): void {
  const { world } = plain;
  plain.db.putEntity(world.key(), { '': world.value(), name: world.value() }, plain.target());
}

function fillBatch(plain: Plain): void {
  const { world } = plain;
  const batch = world.pick(plain.batches);
  if (batch === undefined) return;
  for (let i = world.below(10); i > 0; i--) batch.put(world.key(), world.value(), plain.target());
  if (world.once(8)) batch.clear();
}

function writeBatch({ world, db, batches, snapshots }: Plain): void {
  const batch = world.pick(batches);
  if (batch !== undefined) db.write(batch, { sync: world.once(2) });
  if (batches.length > 4) world.freeOne(batches);
  if (snapshots.length > 4) world.freeOne(snapshots);
}

function copyBatch({ world, db, batches }: Plain): void {
  const batch = world.pick(batches);
  if (batch === undefined) return;
  batch.setSavePoint().putLogData('note').putEntity(world.key(), { name: 'value' });
  if (world.once(2)) batch.rollbackToSavePoint();
  const copy = db.batchFrom(batch.data);
  try {
    expect(copy.operations()).toEqual(batch.operations());
    db.write(copy);
  } finally {
    copy.free();
  }
}
