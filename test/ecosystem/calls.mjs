// calls.mjs FOLDER LEVEL_URL SEED COUNT: random calls, the same on RocksLevel and classic-level, for COUNT seeds from SEED
// on. Prints where they differ; `calls.mjs FOLDER LEVEL_URL SEED 1` repeats one.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ClassicLevel } from 'classic-level';

const CALLS = 250;
const [folder, levelUrl, seed, count] = process.argv.slice(2);
const { RocksLevel } = await import(levelUrl);

function randomOf(first) {
  let state = (first * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const LETTERS = [
  '',
  'a',
  'b',
  'c',
  'ab',
  'b\u00e9',
  '\u{1f600}',
  '\uffff',
  '!',
  '!s!',
  '!s!a',
  '\x00',
];
const ENCODINGS = ['utf8', 'buffer', 'view', 'json', 'hex', 'base64'];

/** The calls of a seed, as data; what they refer to is made by earlier ones. */
function program(random) {
  const pick = (list) => list[random(list.length)];
  const bound = () => pick(LETTERS) + pick(LETTERS);
  // classic-level's clear() leaves an empty key where its iterators, over the same range, give it.
  const key = () => bound() || 'a';
  const value = () => key().repeat(random(4));
  const range = () => {
    const options = {};
    for (const name of ['gt', 'gte', 'lt', 'lte']) if (random(5) === 0) options[name] = bound();
    if (random(3) === 0) options.reverse = true;
    if (random(4) === 0) options.limit = random(6) - 1;
    if (random(6) === 0) options.fillCache = random(2) === 0;
    if (random(4) === 0) options.snapshot = random(3);
    return options;
  };
  const read = () => (random(4) === 0 ? { snapshot: random(3) } : {});
  const operations = () =>
    Array.from({ length: random(12) }, () =>
      random(3) === 0 ? { type: 'del', key: key() } : { type: 'put', key: key(), value: value() },
    );
  const kinds = {
    put: () => [key(), value()],
    del: () => [key()],
    get: () => [key(), read()],
    getSync: () => [key(), read()],
    has: () => [key(), read()],
    getMany: () => [Array.from({ length: random(6) }, key), read()],
    hasMany: () => [Array.from({ length: random(40) }, key), read()],
    batch: () => [operations()],
    chained: () => [operations(), random(5)],
    clear: () => [range()],
    snapshot: () => [random(3)],
    endSnapshot: () => [random(3)],
    iterate: () => [pick(['iterator', 'keys', 'values']), range()],
    scan: () => [
      pick(['iterator', 'keys', 'values']),
      range(),
      Array.from({ length: random(6) }, () =>
        pick([['next'], ['nextv', random(5)], ['seek', key()], ['seek', key()]]),
      ),
    ],
    many: () => [random(30), random(2)],
    reopen: () => [],
  };
  const often = ['put', 'put', 'batch', 'iterate', 'iterate', 'scan', 'scan', 'clear', 'get'];
  return Array.from({ length: CALLS }, () => {
    const name = pick([...Object.keys(kinds), ...often]);
    return { name, where: random(3), encoding: pick(ENCODINGS), args: kinds[name]() };
  });
}

const plain = (value) =>
  value instanceof Uint8Array
    ? `bytes ${Buffer.from(value).toString('hex')}`
    : Array.isArray(value)
      ? value.map(plain)
      : value;

async function perform(db, snapshots, { name, where, encoding, args }) {
  const level = [db, db.sublevel('s'), db.sublevel('s').sublevel('t')][where];
  const withSnapshot = (options) => {
    if (options.snapshot === undefined) return options;
    return { ...options, snapshot: snapshots[options.snapshot] };
  };
  switch (name) {
    case 'snapshot':
      if (snapshots[args[0]] !== undefined) return 'there is one';
      snapshots[args[0]] = level.snapshot();
      return 'made';
    case 'endSnapshot': {
      // A closed one is not used again: a deferred iterator of classic-level would read at it, and end the process.
      const snapshot = snapshots[args[0]];
      delete snapshots[args[0]];
      return snapshot?.close();
    }
    case 'chained': {
      const batch = level.batch();
      args[0].forEach(({ type, key, value }, index) => {
        if (index === args[1]) batch.clear();
        if (type === 'put') batch.put(key, value);
        else batch.del(key);
      });
      return batch.write();
    }
    case 'iterate':
      return level[args[0]]({ ...withSnapshot(args[1]), valueEncoding: 'buffer' }).all();
    case 'scan': {
      // With a limit, classic-level counts what it has read ahead, too, and ends early after a seek.
      const options = args[2].some(([step]) => step === 'seek')
        ? { ...args[1], limit: -1 }
        : args[1];
      return scan(level[args[0]](withSnapshot(options)), options, args[2]);
    }
    case 'many': {
      const operations = Array.from({ length: args[0] * 100 }, (_, i) => ({
        type: 'put',
        key: `m${i * 37}`,
        value: `${i}`,
      }));
      await level.batch(operations);
      if (args[1] === 1) await level.clear({ gte: 'm1', lt: 'm5' });
      return level.keys({ gte: 'm' }).all();
    }
    case 'reopen':
      for (const index of Object.keys(snapshots)) {
        await snapshots[index].close();
        delete snapshots[index];
      }
      await db.close();
      return db.open();
    case 'clear':
      return level.clear(withSnapshot(args[0]));
    case 'put':
      return level.put(...args, { valueEncoding: encoding === 'json' ? 'json' : 'utf8' });
    case 'get':
    case 'getSync':
      // As it was written, the value is in any case UTF-8.
      return level[name](args[0], {
        ...withSnapshot(args[1]),
        valueEncoding: encoding === 'json' ? 'hex' : encoding,
      });
    default:
      return level[name](args[0], ...args.slice(1).map(withSnapshot));
  }
}

/** classic-level ends the process when it reads on from a key outside of the range. */
function isInside({ gt, gte, lt, lte }, key) {
  const order = (bound) => Buffer.compare(Buffer.from(key), Buffer.from(bound));
  if (gte !== undefined ? order(gte) < 0 : gt !== undefined && order(gt) <= 0) return false;
  return !(lte !== undefined ? order(lte) > 0 : lt !== undefined && order(lt) >= 0);
}

async function scan(iterator, range, steps) {
  const seen = [];
  try {
    for (const [step, argument] of steps) {
      if (step === 'seek' && !isInside(range, argument)) continue;
      // How many nextv() gives at a time is the database's affair; none only at the end.
      if (step === 'nextv') for (let i = 0; i < argument; i++) seen.push(await iterator.next());
      else seen.push(await iterator[step](argument));
    }
    for (let part = await iterator.nextv(7); part.length > 0; part = await iterator.nextv(7)) {
      seen.push(...part);
    }
  } finally {
    await iterator.close();
  }
  return [seen, iterator.count];
}

async function results(Level, location, calls) {
  const db = new Level(location);
  const snapshots = {};
  const all = [];
  for (const call of calls) {
    try {
      all.push(JSON.stringify(plain(await perform(db, snapshots, call))) ?? 'nothing');
    } catch (error) {
      all.push(`${error.code ?? error.name}: ${error.code === undefined ? error.message : ''}`);
    }
  }
  await db.close();
  return all;
}

const differences = [];
for (let each = Number(seed); each < Number(seed) + Number(count); each++) {
  const calls = program(randomOf(each));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const [rocks, classic] = [RocksLevel, ClassicLevel].map((Level) =>
    results(Level, path.join(folder, `${each}-${Level.name}`), calls),
  );
  const [mine, theirs] = await Promise.all([rocks, classic]);
  const at = mine.findIndex((result, index) => result !== theirs[index]);
  if (at < 0) continue;
  const call = JSON.stringify(calls[at]);
  const short = (text) => (text.length > 300 ? `${text.slice(0, 300)}...` : text);
  differences.push({ seed: each, at, call, rocks: short(mine[at]), classic: short(theirs[at]) });
}
fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify(differences));
if (differences.length > 0) console.log(differences);
