/** What native RocksDB and this package make of each other's transactions, prepared ones above all. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import type { TransactionDBWritePolicy } from 'rocksdb-wasm';
import { beforeEach, describe, expect, it } from 'vitest';
import { type NativePrograms, provideNative } from '../../scripts/native.mjs';
import { openOptimisticAt, openTransactionalAt, tempFolder } from '../support/open.js';

const provided: NativePrograms | Error = await provideNative().catch((error: Error) => error);
if (provided instanceof Error && process.env.CI === 'true') throw provided;

beforeEach((context) => {
  if (provided instanceof Error) context.skip(`no native RocksDB: ${provided.message}`);
});

function driver(mode: 'transact' | 'read', folder: string, lines: readonly string[] = []): string {
  const [command = '', ...first] = (provided as NativePrograms).driver;
  const { status, signal, stdout, stderr } = spawnSync(command, [...first, mode, folder], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new Error(`driver ${mode} ended with ${status ?? signal}:\n${stderr}${stdout}`);
}

const hex = (text: string) => Buffer.from(text).toString('hex');
/** `KEY VALUE` lines of the default column family, as native reads them. */
const entriesOf = (folder: string) => driver('read', folder).trimEnd().split('\n').slice(2);
const entry = (key: string, value: string) => `${hex(key)} ${hex(value)}`;

const POLICIES: Readonly<Record<TransactionDBWritePolicy, string>> = {
  writeCommitted: 'policy committed',
  writePrepared: 'policy prepared',
  writeUnprepared: 'policy unprepared',
};

describe.each(Object.entries(POLICIES) as [TransactionDBWritePolicy, string][])(
  '%s',
  (writePolicy, policy) => {
    const options = {
      keyEncoding: 'utf8',
      valueEncoding: 'utf8',
      mergeOperator: 'stringappend',
      transactionDBOptions: { writePolicy, rollbackMergeOperands: true },
    } as const;

    it('native finishes what was prepared here', async () => {
      const folder = `${tempFolder()}/db`;
      const db = await openTransactionalAt(folder, { createIfMissing: true, ...options });
      db.put('a', 'old');
      for (const name of ['first', 'second']) {
        using transaction = db.beginTransaction();
        transaction.setName(name);
        transaction.put(name, 'prepared');
        transaction.merge(name, 'here');
        if (name === 'first') transaction.delete('a');
        transaction.prepare();
      }
      db.close();
      driver('transact', folder, [policy, 'finish first commit', 'finish second rollback']);
      const again = await openTransactionalAt(folder, options);
      expect(again.getAllPreparedTransactions()).toEqual([]);
      expect(again.getMany(['a', 'first', 'second'])).toEqual([
        undefined,
        'prepared,here',
        undefined,
      ]);
      again.flush();
      again.close();
      // Of the other policies the log cannot be read without knowing which one it is.
      if (writePolicy !== 'writeCommitted') return;
      expect(entriesOf(folder)).toEqual([entry('first', 'prepared,here')]);
    });

    it('what native prepared before it was killed is finished here', async () => {
      const folder = `${tempFolder()}/db`;
      const db = await openTransactionalAt(folder, { createIfMissing: true, ...options });
      db.put('a', 'old');
      db.flush();
      db.close();
      driver('transact', folder, [
        policy,
        'begin first',
        `put ${hex('first')} ${hex('prepared')}`,
        `merge ${hex('first')} ${hex('there')}`,
        `delete ${hex('a')}`,
        'prepare',
        'begin second',
        `put ${hex('second')} ${hex('prepared')}`,
        'prepare',
        'begin third',
        `put ${hex('third')} ${hex('committed')}`,
        'prepare',
        'commit',
        'begin fourth',
        `put ${hex('fourth')} ${hex('lost')}`,
        'abandon',
      ]);
      const again = await openTransactionalAt(folder, options);
      // The driver gives each transaction up for the next, which leaves the prepared ones prepared.
      const prepared = again.getAllPreparedTransactions();
      expect(prepared.map(({ name }) => name).sort()).toEqual(['first', 'second']);
      expect(again.getMany(['a', 'first', 'second', 'third', 'fourth'])).toEqual([
        'old',
        undefined,
        undefined,
        'committed',
        undefined,
      ]);
      again.getTransactionByName('first')?.commit();
      again.getTransactionByName('second')?.rollback();
      for (const transaction of prepared) transaction.free();
      again.flush();
      again.close();
      expect(entriesOf(folder)).toEqual([
        entry('first', 'prepared,there'),
        entry('third', 'committed'),
      ]);
    });
  },
);

it('native reads what optimistic transactions wrote', async () => {
  const folder = `${tempFolder()}/db`;
  const db = await openOptimisticAt(folder, { createIfMissing: true });
  using transaction = db.beginTransaction();
  transaction.put('a', '1');
  transaction.put('b', '2');
  transaction.delete('a');
  transaction.commit();
  transaction.free();
  db.close();
  expect(entriesOf(folder)).toEqual([entry('b', '2')]);
});
