/** heap: what an open database takes in memory. */
import { writeFileSync } from 'node:fs';
import type { RocksDB } from '../../rocksdb.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { reading } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf } from '../text.js';
import { eachEntry } from './read.js';

/** Makes a report's bytes, by the end of the file's name. */
const FORMS: Readonly<Record<string, (db: RocksDB) => Promise<string | Uint8Array>>> = {
  '.html': async (db) => {
    const { heapPage, heapPicture } = await import('../../debug/index.js');
    return heapPage(heapPicture(db.engine.heap));
  },
  '.heapprofile': async (db) => {
    const { heapProfile, heapPicture } = await import('../../debug/index.js');
    return JSON.stringify(heapProfile(heapPicture(db.engine.heap)));
  },
  '.pb.gz': async (db) => {
    const { heapPicture, pprofProfile } = await import('../../debug/index.js');
    return pprofProfile(heapPicture(db.engine.heap));
  },
};

export function heap(context: Context): Promise<number> {
  const { given, out } = context;
  const file = given.text('output');
  const form = Object.keys(FORMS).find((end) => file?.endsWith(end));
  if (file !== undefined && form === undefined) {
    throw new UsageError(
      `--output: expected a name that ends with ${Object.keys(FORMS).join(', ')}`,
    );
  }
  return reading(context, async (work) => {
    const { db } = work;
    if (given.flag('scan')) {
      const progress = context.progress('scan', 'entries');
      let seen = 0;
      for (const name of db.columnFamilyNames) {
        const columnFamily = db.columnFamily(name) ?? work.columnFamily;
        await eachEntry(context, { db, columnFamily }, {}, () => progress.at(++seen));
      }
      progress.end();
    }
    const report = db.engine.heap.report();
    const usage = db.memoryUsageByType();
    if (file !== undefined && form !== undefined) {
      writeFileSync(file, (await FORMS[form]?.(db)) ?? '');
      context.note(`written to ${file}`);
    }
    if (given.json) {
      const { inUseBytes, highWaterBytes, linearMemoryBytes, owners, openFiles } = report;
      const figures = { inUseBytes, highWaterBytes, linearMemoryBytes, owners, openFiles, usage };
      out.write(`${jsonOf(figures, 2)}\n`);
    } else {
      out.write(`in use: ${amount(report.inUseBytes, 'bytes')}, `);
      out.write(`linear memory: ${amount(report.linearMemoryBytes, 'bytes')}\n`);
      out.write(`${db.engine.heap.top('owner')}\n`);
    }
    return EXIT.ok;
  });
}
