/** properties, options and stats. */
import { readWholeFile } from '../../doctor/files.js';
import { RocksDB } from '../../rocksdb.js';
import { NodeFileSystem } from '../../wasi/node-fs.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { openOptions, reading } from '../opening.js';
import { INTEGER_PROPERTIES } from '../property-names.js';
import { jsonOf } from '../text.js';

export function properties(context: Context): Promise<number> {
  const { given, out } = context;
  const name = given.text('value');
  return reading(context, ({ db, columnFamily }) => {
    if (name !== undefined) {
      const value = db.getProperty(name as `rocksdb.${string}` as never, { columnFamily });
      if (given.json) out.write(`${jsonOf({ name, value: value ?? null }, 2)}\n`);
      else if (value !== undefined) out.write(value.endsWith('\n') ? value : `${value}\n`);
      if (value === undefined) context.note(`RocksDB knows no property ${name}`);
      return value === undefined ? EXIT.finding : EXIT.ok;
    }
    const values = INTEGER_PROPERTIES.map(
      (each) => [each, db.getIntProperty(each, { columnFamily })] as const,
    );
    if (given.json) out.write(`${jsonOf(Object.fromEntries(values), 2)}\n`);
    else for (const [each, value] of values) out.write(`${each}: ${value ?? 'not to be had'}\n`);
    return EXIT.ok;
  });
}

export async function options({ given, out }: Context): Promise<number> {
  const stored = await RocksDB.loadLatestOptions(given.database, openOptions(given));
  const one = given.text('column-family');
  const all = stored.columnFamilies;
  if (one !== undefined && all[one] === undefined) {
    throw new UsageError(
      `--column-family: there is no column family '${one}'; there are ${Object.keys(all).join(', ')}`,
    );
  }
  const columnFamilies = one === undefined ? all : { [one]: all[one] ?? {} };
  if (given.json) {
    out.write(`${jsonOf({ file: stored.file, db: stored.db, columnFamilies }, 2)}\n`);
    return EXIT.ok;
  }
  const { fileSystem = new NodeFileSystem() } = openOptions(given);
  const text = new TextDecoder().decode(readWholeFile(fileSystem, stored.file));
  out.write(one === undefined ? text : sectionsOf(text, one));
  return EXIT.ok;
}

/** Those of one column family: `[CFOptions "name"]`, `[TableOptions/BlockBasedTable "name"]`. */
function sectionsOf(text: string, columnFamily: string): string {
  const sections = text.split(/^(?=\[)/m);
  return sections
    .filter((section) => section.slice(0, section.indexOf('\n')).includes(` "${columnFamily}"]`))
    .join('');
}

export function stats(context: Context): Promise<number> {
  const { given, out } = context;
  return reading(context, ({ db, columnFamily }) => {
    if (given.json) out.write(`${jsonOf(db.stats(), 2)}\n`);
    else out.write(`${db.getProperty('rocksdb.stats', { columnFamily }) ?? ''}\n`);
    return EXIT.ok;
  });
}
