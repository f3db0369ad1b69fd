/** What snapshots retain, and what compaction drops after their release. */
import type { RetainedVersions, Snapshot } from 'rocksdb-wasm';
import { expect } from 'vitest';
import type { Text } from './pins.js';

export const familiesOf = (db: Text) =>
  db.columnFamilyNames.map((name) => {
    const family = db.columnFamily(name);
    if (family === undefined) throw new Error(`${name} is not open`);
    return { columnFamily: family };
  });

export function compactAll(db: Text): void {
  db.flush();
  for (const family of familiesOf(db)) {
    db.compactRange({ ...family, bottommostLevelCompaction: 'force' });
  }
}

/** What the files hold, by their own properties; all else must have been flushed. */
export function inFiles(db: Text) {
  const total = { versions: 0, tombstones: 0, bytes: 0 };
  for (const family of familiesOf(db)) {
    const text = db.getProperty('rocksdb.aggregated-table-properties', family) ?? '';
    const of = (name: string) => {
      const found = new RegExp(`${name}=(\\d+)`).exec(text)?.[1];
      if (found === undefined) throw new Error(`no ${name} in ${text}`);
      return Number(found);
    };
    const tombstones = of('# range deletions');
    total.versions += of('# entries') - tombstones;
    total.tombstones += tombstones;
    total.bytes += of('raw key size') + of('raw value size');
  }
  return total;
}

/** Compacts until nothing changes any more: one pass may leave what the next one finds obsolete. */
function settle(db: Text): void {
  for (let last = ''; ; ) {
    compactAll(db);
    const now = JSON.stringify(inFiles(db));
    if (now === last) return;
    last = now;
  }
}

export function retained(db: Text, snapshot: Snapshot, count = true): RetainedVersions {
  const report = db.heap.pins(snapshot, { count })?.retained;
  if (report === undefined) throw new Error(`nothing is known of snapshot #${snapshot.id}`);
  return report;
}

/**
 * Counts, releases and compacts once: what goes must be exactly what was counted. `blobs`: merged values may move to
 * blob files on the way, and the bytes are not compared.
 */
export function dropsExactly(db: Text, snapshot: Snapshot, blobs = false): RetainedVersions {
  settle(db);
  const counted = retained(db, snapshot);
  const before = inFiles(db);
  snapshot.free();
  compactAll(db);
  const after = inFiles(db);
  expect(counted).toEqual({
    versions: before.versions - after.versions,
    tombstones: before.tombstones - after.tombstones,
    bytes: blobs ? counted.bytes : before.bytes - after.bytes,
    blobBytes: counted.blobBytes,
    sameSnapshots: 0,
    estimated: false,
  });
  return counted;
}
