/** put, delete and batchput. */
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { writing } from '../opening.js';
import { jsonOf } from '../text.js';
import { timestampOf } from './read.js';

/** Writes pairs as one batch. */
function write(context: Context, pairs: readonly (readonly [Uint8Array, Uint8Array])[]) {
  const { given, out } = context;
  return writing(context, ({ db, columnFamily }) => {
    const options = { columnFamily, ...timestampOf(given) };
    const batch = db.batch();
    try {
      for (const [key, value] of pairs) batch.put(key, value, options);
      db.write(batch, { sync: given.flag('sync') });
    } finally {
      batch.free();
    }
    if (given.json) {
      out.write(`${jsonOf({ written: pairs.length, sequence: db.latestSequenceNumber })}\n`);
    }
    return EXIT.ok;
  });
}

export function put(context: Context): Promise<number> {
  const { given } = context;
  const [key = '', value = ''] = given.arguments;
  return write(context, [[given.key(key), given.value(value)]]);
}

export function batchPut(context: Context): Promise<number> {
  const { given } = context;
  const words = given.arguments;
  if (words.length % 2 !== 0) {
    throw new UsageError(`batchput: the key '${words.at(-1)}' has no value`);
  }
  const pairs = Array.from(
    { length: words.length / 2 },
    (_, i) => [given.key(words[2 * i] as string), given.value(words[2 * i + 1] as string)] as const,
  );
  return write(context, pairs);
}

export function remove(context: Context): Promise<number> {
  const { given, out } = context;
  const key = given.key(given.arguments[0] as string);
  return writing(context, ({ db, columnFamily }) => {
    db.delete(key, { columnFamily, sync: given.flag('sync'), ...timestampOf(given) });
    if (given.json) out.write(`${jsonOf({ deleted: 1, sequence: db.latestSequenceNumber })}\n`);
    return EXIT.ok;
  });
}
