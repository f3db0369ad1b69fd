import {
  CallbackError,
  decodeWriteBatch,
  InvalidOptionError,
  MemoryFileSystem,
  NodeFileSystem,
  type OpenOptions,
  RocksDB,
  type WalDecision,
  type WalFilter,
  type WalRecord,
} from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { TEXT } from './core/host.js';
import { errorOf, ledgerIsClean, makeEngine, openAt, tempFolder } from './support/open.js';

type Options = OpenOptions<'utf8', 'utf8'>;

const decoder = new TextDecoder();
const keysOf = ({ batch }: WalRecord) =>
  decodeWriteBatch(batch).map((operation) =>
    'key' in operation ? decoder.decode(operation.key) : '',
  );

/** A database whose log holds a, b, c, d, of a batch each, and whose files hold none of them. */
async function written(where: string) {
  const fileSystem = where === 'on disk' ? new NodeFileSystem() : new MemoryFileSystem();
  const engine = await makeEngine({ fileSystem });
  const path = where === 'on disk' ? `${tempFolder()}/db` : '/db';
  const db = await openAt(path, { engine, createIfMissing: true, ...TEXT });
  for (const key of ['a', 'b', 'c', 'd']) db.put(key, `v of ${key}`);
  db.close();
  const open = (options: Options) => openAt(path, { engine, ...TEXT, ...options });
  const keys = async (options: Options) => {
    const reopened = await open(options);
    using iterator = reopened.iterator();
    const found = [...iterator.keys()];
    iterator.free();
    reopened.close();
    return found.join('');
  };
  return { engine, path, open, keys };
}

const filter = (decide: (record: WalRecord, keys: string[]) => WalDecision): WalFilter => ({
  name: 'of the test',
  logRecordFound: (record) => decide(record, keysOf(record)),
});

describe.each([['on disk'], ['in memory']])('a WAL filter, %s', (where) => {
  it('sees each record, and has it applied', async () => {
    const { keys, path } = await written(where);
    const seen: string[] = [];
    const files = new Set<string>();
    const walFilter = filter(({ fileName, logNumber }, found) => {
      seen.push(...found);
      files.add(`${fileName} ${logNumber}`);
    });
    expect(await keys({ walFilter })).toBe('abcd');
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    const [, name, number] = /^(.*\/(\d+)\.log) \d+$/.exec([...files].join()) ?? [];
    expect(name?.startsWith(path)).toBe(true);
    expect([...files]).toEqual([`${name} ${Number(number)}`]);
  });

  it('leaves records out', async () => {
    const { keys } = await written(where);
    const walFilter = filter((_, found) => (found.includes('b') ? 'ignore' : 'continue'));
    expect(await keys({ walFilter })).toBe('acd');
    expect(await keys({})).toBe('acd'); // for good
  });

  it('ends the replay', async () => {
    const { keys } = await written(where);
    const walFilter = filter((_, found) => (found.includes('c') ? 'stop' : 'continue'));
    expect(await keys({ walFilter })).toBe('ab');
    expect(await keys({})).toBe('ab');
  });

  it('calls a record damaged, which walRecoveryMode deals with', async () => {
    const { keys } = await written(where);
    const walFilter = filter((_, found) => (found.includes('c') ? 'corrupted' : 'continue'));
    const absolute: Options = { walFilter, walRecoveryMode: 'absoluteConsistency' };
    expect(await errorOf(() => keys(absolute))).toMatchObject({ code: 'ERR_ROCKSDB_CORRUPTION' });
    // RocksDB goes on with the next file of the log.
    expect(await keys({ walFilter, walRecoveryMode: 'skipAnyCorruptedRecords' })).toBe('ab');
  });

  it('puts another batch in a record’s place', async () => {
    const { open } = await written(where);
    const walFilter = filter(({ batch }, found) => {
      if (!found.includes('b')) return 'continue';
      const changed = batch.slice();
      changed[changed.lastIndexOf('b'.charCodeAt(0))] = 'B'.charCodeAt(0);
      return { batch: changed };
    });
    const db = await open({ walFilter });
    expect(db.getMany(['a', 'b'])).toEqual(['v of a', 'v of B']);
  });

  it('may not put more operations in a record’s place', async () => {
    const { keys } = await written(where);
    const walFilter = filter(({ batch }) => {
      const changed = batch.slice();
      changed[8] = 2;
      return { batch: changed };
    });
    const error = await errorOf(() => keys({ walFilter }));
    expect(error.code).toBe('ERR_ROCKSDB_NOT_SUPPORTED');
    expect(error.message).toContain('of the test');
    expect(await keys({})).toBe('abcd');
  });

  it('is told which logs the column families need', async () => {
    const { engine, path, open } = await written(where);
    const db = await open({});
    db.createColumnFamily('family');
    db.close();
    let logs: ReadonlyMap<number, number> | undefined;
    let ids: ReadonlyMap<string, number> | undefined;
    const walFilter: WalFilter = {
      name: 'f',
      columnFamilyLogNumberMap(...maps) {
        [logs, ids] = maps;
      },
      logRecordFound: () => undefined,
    };
    await openAt(path, { engine, walFilter });
    expect(ids).toEqual(
      new Map([
        ['default', 0],
        ['family', 1],
      ]),
    );
    expect([...(logs ?? [])].map(([id, number]) => [id, number > 0])).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  it.each([
    ['pointInTimeRecovery'],
    ['absoluteConsistency'],
    ['tolerateCorruptedTailRecords'],
    ['skipAnyCorruptedRecords'],
  ] as const)('that throws fails the open and loses nothing: %s', async (walRecoveryMode) => {
    const { engine, path, keys } = await written(where);
    const cause = new Error('undecided');
    for (const paranoidChecks of [true, false]) {
      const walFilter = filter((_, found) => {
        if (found.includes('b')) throw cause;
      });
      const options = { engine, walRecoveryMode, paranoidChecks, walFilter };
      const error = await errorOf(() => RocksDB.open(path, options));
      expect(error).toBeInstanceOf(CallbackError);
      expect(error.cause).toBe(cause);
      ledgerIsClean(engine);
    }
    expect(await keys({ walRecoveryMode })).toBe('abcd');
    expect(() => engine.heap.verify()).not.toThrow();
  });

  it('that throws before the first record, or decides nothing known, fails the open', async () => {
    const { engine, path, keys } = await written(where);
    const broken: WalFilter[] = [
      {
        name: 'f',
        columnFamilyLogNumberMap() {
          throw new Error('of the map');
        },
        logRecordFound: () => undefined,
      },
      filter(() => 'perhaps' as never),
      filter(() => ({ batch: 'text' }) as never),
      filter(() => ({ batch: new Uint8Array(3) })),
    ];
    for (const walFilter of broken) {
      const error = await errorOf(() => RocksDB.open(path, { engine, walFilter }));
      expect(error).toBeInstanceOf(CallbackError);
      ledgerIsClean(engine);
    }
    // Also when there is no record to refuse: the database was opened already when the error is seen.
    const empty = `${path}-empty`;
    (await openAt(empty, { engine, createIfMissing: true })).close();
    const throwing = broken[0] as WalFilter;
    const error = await errorOf(() => RocksDB.open(empty, { engine, walFilter: throwing }));
    expect((error.cause as Error).message).toBe('of the map');
    ledgerIsClean(engine);
    expect(await keys({})).toBe('abcd');
  });

  it('must be able to decide', async () => {
    const { engine, path } = await written(where);
    for (const [walFilter, option] of [
      [{ logRecordFound() {} }, 'walFilter.name'],
      [{ name: '', logRecordFound() {} }, 'walFilter.name'],
      [{ name: 'f' }, 'walFilter.logRecordFound'],
      [
        { name: 'f', logRecordFound() {}, columnFamilyLogNumberMap: 1 },
        'walFilter.columnFamilyLogNumberMap',
      ],
    ] as const) {
      const error = await errorOf(() =>
        RocksDB.open(path, { engine, walFilter: walFilter as never }),
      );
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect((error as InvalidOptionError).option).toBe(option);
    }
  });
});
