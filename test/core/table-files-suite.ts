import process from 'node:process';
import { CallbackError, type SstPartitionerFactory } from 'rocksdb-wasm';
import { describe, expect, it } from 'vitest';
import { errorOf } from '../support/open.js';
import { all, createText, keyOf, type MakeHost, TEXT } from './host.js';

const inRelease = it.skipIf(process.env.ROCKSDB_WASM_FLAVOUR === 'debug');
const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => decoder.decode(bytes);

/** How many table files there are. */
function tables(host: ReturnType<MakeHost>, path: string): number {
  return host.fileSystem.readDirectory(path).filter(({ name }) => name.endsWith('.sst')).length;
}

/** Whether a table file has these bytes in it. */
function holds(host: ReturnType<MakeHost>, path: string, wanted: string): boolean {
  return host.fileSystem.readDirectory(path).some(({ name }) => {
    if (!name.endsWith('.sst')) return false;
    const file = host.fileSystem.open(`${path}/${name}`, {
      read: true,
      write: false,
      create: false,
      exclusive: false,
      truncate: false,
    });
    const bytes = new Uint8Array(host.fileSystem.stat(`${path}/${name}`).size);
    file.read(bytes, 0);
    file.close();
    return text(bytes).includes(wanted);
  });
}

export function tableFilesSuite(makeHost: MakeHost): void {
  describe('table formats', () => {
    it('plain tables hold and find entries, also after a reopen', async () => {
      const host = makeHost();
      const options = {
        ...TEXT,
        plainTable: { bloomBitsPerKey: 10, hashTableRatio: 0.75, encodingType: 'prefix' },
        prefixExtractor: 'fixed:3',
        memtableFactory: 'prefix_hash',
        allowConcurrentMemtableWrite: false,
      } as const;
      const db = await host.open(host.path(), { createIfMissing: true, ...options });
      for (let i = 0; i < 200; i++) await db.put(keyOf(i), `value ${i}`);
      await db.flush();
      for (let i = 0; i < 200; i++) expect(await db.get(keyOf(i))).toBe(`value ${i}`);
      expect(await db.get('k99999')).toBeUndefined();
      expect((await db.getOptions()).plainTable).toMatchObject({ bloomBitsPerKey: 10 });
      await db.close();
      const again = await host.open(db.path, { ...TEXT, allowConcurrentMemtableWrite: false });
      expect((await again.getOptions()).plainTable).toMatchObject({ encodingType: 'prefix' });
      expect(await again.get(keyOf(7))).toBe('value 7');
    });

    it('cuckoo tables find entries by hash', async () => {
      const host = makeHost();
      const db = await createText(host, {
        cuckooTable: { hashTableRatio: 0.8, identityAsFirstHash: false },
        allowMmapReads: true,
        compression: 'none',
      });
      for (let i = 0; i < 200; i++) await db.put(keyOf(i), `value ${String(i).padStart(4)}`);
      await db.flush();
      for (let i = 0; i < 200; i++) {
        expect(await db.get(keyOf(i))).toBe(`value ${String(i).padStart(4)}`);
      }
      expect(await db.get('k99999')).toBeUndefined();
      await using it = await db.iterator();
      expect((await all(await it.keys())).length).toBe(200);
      expect((await db.getOptions()).cuckooTable).toMatchObject({ hashTableRatio: 0.8 });
    });

    it('stay what they are', async () => {
      const host = makeHost();
      const db = await createText(host, { plainTable: {}, prefixExtractor: 'fixed:3' });
      await db.put(keyOf(0), 'value');
      await db.flush();
      await db.close();
      const options = { ...TEXT, blockBasedTable: { blockSize: 8192 } };
      const error = await errorOf(() => host.open(db.path, options));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_ARGUMENT');
      expect(error.message).toContain('PlainTable');
      const again = await host.open(db.path, TEXT);
      expect(await again.get(keyOf(0))).toBe('value');
    });

    it('are one of those that there are', async () => {
      const error = await errorOf(() =>
        createText(makeHost(), { plainTable: {}, cuckooTable: {} }),
      );
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(error.message).toContain('give one');
    });
  });

  describe('what is put into table files', () => {
    it('are the properties that a collector makes', async () => {
      const host = makeHost();
      const entries: unknown[] = [];
      let made = 0;
      const db = await createText(host, {
        tablePropertiesCollectorFactories: [
          {
            name: 'test.collector',
            createCollector: ({ columnFamilyId }) => {
              made++;
              let longest = 0;
              return {
                addUserKey: (key, value, { type, sequenceNumber }) => {
                  entries.push([text(key), text(value), type, sequenceNumber > 0]);
                  longest = Math.max(longest, key.length);
                },
                finish: () => ({
                  'test.longest-key': `it has ${longest} bytes in ${columnFamilyId}`,
                }),
              };
            },
          },
          { name: 'test.none', createCollector: () => undefined },
        ],
      });
      await db.put('a', 'first');
      await db.put('a longer key', 'second');
      await db.delete('gone');
      await db.flush();
      expect(made).toBe(1);
      expect(entries).toEqual([
        ['a', 'first', 'put', true],
        ['a longer key', 'second', 'put', true],
        ['gone', '', 'delete', true],
      ]);
      expect(holds(host, db.path, 'it has 12 bytes in 0')).toBe(true);
    });

    it('leave out those of a collector that throws, and are whole', async () => {
      const host = makeHost();
      const db = await createText(host, {
        tablePropertiesCollectorFactories: [
          {
            name: 'test.collector',
            createCollector: () => ({
              addUserKey: () => {
                throw new Error('not collected');
              },
              finish: () => ({ property: 'must not be there' }),
            }),
          },
        ],
      });
      await db.put('a', 'value');
      const error = await errorOf(() => db.flush());
      expect(error).toBeInstanceOf(CallbackError);
      expect((error as CallbackError).applied).toBe(true);
      expect(holds(host, db.path, 'must not be there')).toBe(false);
      await db.close();
      const again = await host.open(db.path, TEXT);
      expect(await again.get('a')).toBe('value');
    });

    it('is compacted soon when deletions stand close together', async () => {
      for (const compactOnDeletion of [
        undefined,
        { windowSize: 20, deletionTrigger: 10, deletionRatio: 0 },
      ]) {
        const host = makeHost();
        const db = await createText(host, { compactOnDeletion });
        for (let i = 0; i < 100; i++) await db.put(keyOf(i), 'value');
        await db.flush();
        await db.compactRange();
        for (let i = 0; i < 100; i++) await db.delete(keyOf(i));
        await db.flush();
        // A table of deletions alone: compacted away at once, or left.
        expect(tables(host, db.path)).toBe(compactOnDeletion === undefined ? 2 : 0);
        const { compactOnDeletion: told } = await db.getOptions();
        expect(told).toEqual(compactOnDeletion);
      }
    });

    it('is known to the next open, whatever is made of it then', async () => {
      const host = makeHost();
      const collected: string[] = [];
      const options = {
        ...TEXT,
        compactForTiering: { compactionTriggerRatio: 0.5 },
        tablePropertiesCollectorFactories: [
          {
            name: 'test.collector',
            createCollector: () => ({
              addUserKey: (key: Uint8Array) => {
                collected.push(text(key));
              },
              finish: () => [],
            }),
          },
        ],
      };
      const db = await createText(host, options);
      await db.put('a', 'value');
      await db.close();
      // Without the collector, and then with it: once, not once for each open before.
      const without = await host.open(db.path, TEXT);
      await without.put('b', 'value');
      await without.flush();
      await without.close();
      expect(collected).toEqual([]);
      for (const key of ['c', 'd']) {
        const again = await host.open(db.path, options);
        await again.put(key, 'value');
        await again.flush();
        await again.close();
      }
      expect(collected).toEqual(['c', 'd']);
      const error = await errorOf(() =>
        host.open(db.path, { compactForTiering: { compactionTriggerRatio: 2 } }),
      );
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
    });

    it('ends where a partitioner says', async () => {
      let cuts = 0;
      const byFunction: SstPartitionerFactory = {
        name: 'test.partitioner',
        createPartitioner: ({ smallestKey, largestKey }) => {
          expect(text(smallestKey) <= text(largestKey)).toBe(true);
          return {
            shouldPartition: (previous, current) => {
              cuts++;
              return previous[0] !== current[0];
            },
          };
        },
      };
      for (const sstPartitionerFactory of [byFunction, 'fixedPrefix:1', 'none'] as const) {
        const host = makeHost();
        const db = await createText(host, { sstPartitionerFactory });
        for (let round = 0; round < 2; round++) {
          for (const first of ['a', 'b', 'c', 'd']) await db.put(`${first}${round}`, 'value');
          await db.flush();
        }
        await db.compactRange();
        expect(tables(host, db.path)).toBe(sstPartitionerFactory === 'none' ? 1 : 4);
        await using it = await db.iterator();
        expect((await all(await it.keys())).length).toBe(8);
      }
      expect(cuts).toBeGreaterThan(4);
    });

    it('does not end anywhere when the partitioner throws', async () => {
      const host = makeHost();
      const db = await createText(host, {
        sstPartitionerFactory: {
          name: 'test.partitioner',
          createPartitioner: () => ({
            shouldPartition: () => {
              throw new Error('no partition');
            },
          }),
        },
      });
      for (const key of ['a', 'b']) await db.put(key, 'value');
      await db.flush();
      const error = await errorOf(() => db.compactRange({ bottommostLevelCompaction: 'force' }));
      expect(error).toBeInstanceOf(CallbackError);
      expect(await db.getMany(['a', 'b'])).toEqual(['value', 'value']);
      expect(tables(host, db.path)).toBe(1);
    });
  });

  describe('checksums of files', () => {
    it('are made of every byte, by the function that was given', async () => {
      const host = makeHost();
      const sums = new Map<string, number>();
      const db = await createText(host, {
        fileChecksumGenFactory: {
          name: 'test.sum',
          createGenerator: ({ fileName }) => {
            let sum = 0;
            return {
              update: (data) => {
                for (const byte of data) sum = (sum + byte) >>> 0;
              },
              finalize: () => {
                sums.set(fileName.slice(fileName.lastIndexOf('/') + 1), sum);
                return String(sum);
              },
            };
          },
        },
      });
      for (let i = 0; i < 100; i++) await db.put(keyOf(i), `value ${i}`);
      await db.flush();
      const name = host.fileSystem.readDirectory(db.path).find((each) => /\.sst$/.test(each.name))
        ?.name as string;
      const path = `${db.path}/${name}`;
      const bytes = new Uint8Array(host.fileSystem.stat(path).size);
      const file = host.fileSystem.open(path, {
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
      });
      file.read(bytes, 0);
      file.close();
      const expected = bytes.reduce((sum, byte) => (sum + byte) >>> 0, 0);
      expect(sums.get(name)).toBe(expected);
    });

    inRelease('that cannot be made fail the flush, which resume() tries again', async () => {
      const host = makeHost();
      let on = true;
      const db = await createText(host, {
        fileChecksumGenFactory: {
          name: 'test.sum',
          createGenerator: () => ({
            update: () => {
              if (on) throw new Error('no checksum');
            },
            finalize: () => 'sum',
          }),
        },
      });
      await db.put('a', 'value');
      const error = await errorOf(() => db.flush());
      expect(error).toBeInstanceOf(CallbackError);
      expect(tables(host, db.path)).toBe(0);
      const stopped = await errorOf(() => db.put('b', 'value'));
      expect(stopped.severity).toBe('hard');
      expect(stopped.message).toContain('resume');
      on = false;
      await db.resume();
      await db.put('b', 'value');
      await db.flush();
      expect(tables(host, db.path)).toBeGreaterThan(0);
      expect(await db.getMany(['a', 'b'])).toEqual(['value', 'value']);
    });

    it('may be RocksDB’s own', async () => {
      const db = await createText(makeHost(), { fileChecksumGenFactory: 'crc32c' });
      await db.put('a', 'value');
      await db.flush();
      expect((await db.getDBOptions()).fileChecksumGenFactory).toBe('crc32c');
    });
  });
}
