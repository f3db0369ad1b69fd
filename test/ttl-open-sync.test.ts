import { DBWithTTL, ManualClock, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { expect, it } from 'vitest';
import { makeEngine } from './support/open.js';

it('DBWithTTL.openSync opens a database whose entries expire, as open() does', async () => {
  const clock = new ManualClock();
  const engine = await makeEngine({ fileSystem: new MemoryFileSystem(), clock });
  const options = { engine, timeToLive: 10, valueEncoding: 'utf8', keyEncoding: 'utf8' } as const;
  const db = DBWithTTL.openSync<'utf8', 'utf8'>('/db', { ...options, createIfMissing: true });
  expect(db).toBeInstanceOf(DBWithTTL);
  db.put('k', 'v');
  db.flush();
  clock.advance(11_000_000_000n);
  db.compactRange();
  expect(db.get('k')).toBeUndefined();
  db.put('k', 'again');
  db.close();
  expect(() => RocksDB.openSync('/db', { engine })).toThrow('DBWithTTL');
  const again = DBWithTTL.openSync<'utf8', 'utf8'>('/db', options);
  expect(again.get('k')).toBe('again');
  again.close();
});
