import { MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import { expect, it } from 'vitest';

it('a trace names the C++ and the JavaScript functions of a stack', async () => {
  const db = await RocksDB.open('/db', {
    createIfMissing: true,
    fileSystem: new MemoryFileSystem(),
  });
  db.put('a', 'b');
  const { heap } = db.engine;
  const trace = heap.trace();
  function openIterator() {
    // Not returned at once: Bun's tail calls leave no frame.
    const made = db.iterator();
    made.seek('a');
    return made;
  }
  const iterator = openIterator();
  trace.stop();
  const stacks = trace.sites().map(({ stack }) => stack ?? '');
  const stack = stacks.find((each) => each.includes('rocksdb::DBImpl::NewIterator')) ?? '';
  const order = [
    'operator new',
    'rocksdb::DBImpl::NewIterator',
    'rdb_iterator_create',
    'openIterator',
  ];
  const lines = stack.split('\n');
  const places = order.map((name) => lines.findIndex((line) => line.includes(name)));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(lines[places[3] as number]).toMatch(/trace\.test/);
  expect(stack).not.toMatch(/allocation-trace|wholeStack|trace_allocation/);
  iterator.free();
  db.close();
});
