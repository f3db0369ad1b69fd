import {
  type AlertEvent,
  type EngineOptions,
  ManualClock,
  MemoryFileSystem,
  RocksDB,
} from 'rocksdb-wasm';
import { makeEngine } from './open.js';

/** A database by a clock of the test's, sampled every ten operations. */
export async function openWatched(options: EngineOptions = {}) {
  const clock = new ManualClock();
  const engine = await makeEngine({ clock, fileSystem: new MemoryFileSystem(), ...options });
  const db = await RocksDB.open('/db', {
    engine,
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    onUnreleased: () => {},
  });
  engine.heap.watch({ everyOperations: 10, everyMs: 1e9 });
  const told: AlertEvent[] = [];
  engine.heap.on('alert', (alert) => told.push(alert));
  const wait = (ms: number) => clock.advance(BigInt(ms) * 1_000_000n);
  /** So many samples later. */
  const samples = async (count = 1) => {
    for (let i = 0; i < count * 10; i++) db.get('none');
    await Promise.resolve();
  };
  return { db, engine, heap: engine.heap, alerts: engine.heap.alerts, told, samples, wait };
}

/** A rule on live iterators, but for when. */
export const ITERATORS = {
  name: 'iterators',
  metric: 'rocksdb_wasm_handles_live',
  labels: { kind: 'iterator' },
} as const;

/** What sees to it that so many iterators are live. */
export function holding(db: { iterator(): { free(): void } }) {
  const its: { free(): void }[] = [];
  return (count: number) => {
    while (its.length < count) its.push(db.iterator());
    while (its.length > count) its.pop()?.free();
  };
}
