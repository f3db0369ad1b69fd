// What well-known packages do with a database that is given to them. Each scenario gets a class of databases and an
// empty folder, uses its package as it comes from npm, and returns what the package gave, as plain data.
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Text that is the same for a seed: what is indexed is more than a handful. */
function randomOf(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const WORDS =
  'alpine basalt cobalt delta ember fjord granite harbour island jasper kelp lagoon'.split(' ');

function documents(count) {
  const random = randomOf(7);
  return Array.from({ length: count }, (_, id) => ({
    _id: id,
    title: Array.from({ length: 3 }, () => WORDS[random(WORDS.length)]).join(' '),
    year: 1990 + random(30),
    tags: [WORDS[random(WORDS.length)], WORDS[random(WORDS.length)]],
  }));
}

async function collect(from) {
  const items = [];
  for await (const item of from) items.push(item);
  return items;
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** Streams over a database and its sublevels. */
async function levelReadStream(Level, folder) {
  const { EntryStream, KeyStream, ValueStream } = await import('level-read-stream');
  const db = new Level(path.join(folder, 'db'), { valueEncoding: 'json' });
  const users = db.sublevel('users', { valueEncoding: 'json' });
  const operations = documents(2500).map((value) => ({
    type: 'put',
    key: `k${String(value._id).padStart(5, '0')}`,
    value,
  }));
  await db.batch(operations);
  await users.batch(operations.slice(0, 100));
  const all = new EntryStream(db, { gte: 'k', lt: 'l' });
  const first = await collect(all);
  const result = {
    first,
    reverse: await collect(new KeyStream(db, { reverse: true, limit: 20 })),
    range: await collect(new ValueStream(db, { gt: 'k00100', lte: 'k00105' })),
    users: await collect(new EntryStream(users, { highWaterMark: 7 })),
  };
  // A stream that nobody reads to its end gives up its iterator.
  const torn = new KeyStream(db, { highWaterMark: 1 });
  for await (const key of torn) if (key === 'k00003') break;
  await db.close();
  return { ...result, status: db.status };
}

/** A collaborative text, stored update by update. */
async function yLeveldb(Level, folder) {
  const { LeveldbPersistence } = await import('y-leveldb');
  const Y = await import('yjs');
  const store = new LeveldbPersistence(path.join(folder, 'db'), { Level });
  const random = randomOf(3);
  const doc = new Y.Doc();
  doc.clientID = 1;
  const updates = [];
  doc.on('update', (update) => updates.push(store.storeUpdate('notes', update)));
  const text = doc.getText('text');
  for (let i = 0; i < 620; i++) {
    const word = WORDS[random(WORDS.length)];
    text.insert(random(text.length + 1), `${word} `);
    if (text.length > 400) text.delete(random(200), 150);
  }
  await Promise.all(updates);
  const other = new Y.Doc();
  other.clientID = 2;
  other.getMap('map').set('a', { b: [1, 2, 3] });
  await store.storeUpdate('settings', Y.encodeStateAsUpdate(other));
  await store.setMeta('notes', 'owner', { name: 'Ada' });
  await store.setMeta('notes', 'tags', ['x', 'y']);
  await store.delMeta('notes', 'tags');
  const stored = await store.getYDoc('notes'); // more than 500 updates: they are made one
  const before = {
    same: stored.getText('text').toString() === text.toString(),
    text: stored.getText('text').toString(),
    names: await store.getAllDocNames(),
    vector: hex(await store.getStateVector('notes')),
    metas: [...(await store.getMetas('notes'))],
    missing: (await store.getMeta('notes', 'tags')) ?? null,
    diff: hex(await store.getDiff('settings', Y.encodeStateVector(new Y.Doc()))),
  };
  await store.clearDocument('settings');
  const after = { names: await store.getAllDocNames() };
  await store.destroy();
  return { before, after };
}

/** IPFS: records by path, with queries. */
async function datastoreLevel(Level, folder) {
  const { LevelDatastore } = await import('datastore-level');
  const { Key } = await import('interface-datastore');
  const db = new Level(path.join(folder, 'db'), { keyEncoding: 'utf8', valueEncoding: 'view' });
  const store = new LevelDatastore(db);
  await store.open();
  const bytes = (text) => new TextEncoder().encode(text);
  const batch = store.batch();
  for (const { _id, title, tags } of documents(300)) {
    batch.put(new Key(`/${tags[0]}/${_id}`), bytes(title));
  }
  await batch.commit();
  await store.put(new Key('/single'), bytes('one'));
  await store.delete(new Key('/single'));
  const shown = ({ key, value }) => [key.toString(), hex(value)];
  const result = {
    has: [await store.has(new Key('/single')), await store.has(new Key('/alpine/0'))],
    missing: await store.get(new Key('/single')).catch(({ name }) => name),
    prefix: (await collect(store.query({ prefix: '/basalt' }))).map(shown),
    page: (await collect(store.query({ prefix: '/', offset: 40, limit: 25 }))).map(shown),
    ordered: (
      await collect(
        store.query({
          prefix: '/kelp',
          orders: [(a, b) => (hex(a.value) < hex(b.value) ? 1 : -1)],
        }),
      )
    ).map(shown),
    keys: (await collect(store.queryKeys({ prefix: '/' }))).map(String),
  };
  await store.close();
  return result;
}

/** IPFS: blocks by content. */
async function blockstoreLevel(Level, folder) {
  const { LevelBlockstore } = await import('blockstore-level');
  const { CID } = await import('multiformats/cid');
  const { sha256 } = await import('multiformats/hashes/sha2');
  const raw = await import('multiformats/codecs/raw');
  const db = new Level(path.join(folder, 'db'), { keyEncoding: 'utf8', valueEncoding: 'view' });
  const store = new LevelBlockstore(db);
  await store.open();
  const pairs = [];
  for (const document of documents(60)) {
    const bytes = new TextEncoder().encode(JSON.stringify(document).repeat(20));
    pairs.push({ cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes });
  }
  await collect(store.putMany(pairs));
  await store.delete(pairs[5].cid);
  const blockOf = async (cid) => Buffer.concat(await collect(store.get(cid)));
  const result = {
    has: [await store.has(pairs[4].cid), await store.has(pairs[5].cid)],
    block: hex(await blockOf(pairs[4].cid)),
    missing: await blockOf(pairs[5].cid).catch(({ name }) => name),
    all: (await collect(store.getAll())).map(({ cid }) => String(cid)),
  };
  await store.close();
  return result;
}

/** An index from terms to documents. */
async function fergiesInvertedIndex(Level, folder) {
  const { InvertedIndex } = await import('fergies-inverted-index');
  const index = new InvertedIndex({ Level, name: path.join(folder, 'db') });
  await new Promise((resolve) => index.EVENTS.once('ready', resolve));
  await index.PUT(documents(200));
  await index.DELETE([3, 4, 5]);
  const result = {
    fields: await index.FIELDS(),
    get: await index.GET({ FIELD: 'year', VALUE: { GTE: 2000, LTE: 2004 } }),
    and: await index.AND(['tags:alpine', { FIELD: 'year', VALUE: { LTE: 2005 } }]),
    or: await index.OR(['tags:kelp', 'tags:fjord']),
    not: await index.NOT('tags:jasper', 'tags:ember'),
    range: [await index.MIN('year'), await index.MAX('year')],
    facets: await index.FACETS({ FIELD: 'tags' }),
    buckets: await index.BUCKETS({ FIELD: ['tags'], VALUE: { GTE: 'a', LTE: 'e' } }),
    gone: await index.OBJECT([{ _id: 3 }, { _id: 6 }]),
  };
  const copy = new InvertedIndex({ Level, name: path.join(folder, 'copy') });
  await new Promise((resolve) => copy.EVENTS.once('ready', resolve));
  await copy.IMPORT(await index.EXPORT());
  const imported = await copy.GET('tags:delta');
  await index.STORE.close();
  await copy.STORE.close();
  return { ...result, imported };
}

/** Full-text search. */
async function searchIndex(Level, folder) {
  const { SearchIndex } = await import('search-index');
  const index = new SearchIndex({ Level, name: path.join(folder, 'db') });
  await new Promise((resolve) => index.EVENTS.once('ready', resolve));
  await index.PUT(documents(150));
  await index.PUT([{ _id: 7, title: 'replaced granite', year: 2024, tags: [] }]);
  await index.DELETE(9, 10);
  const result = {
    count: await index.DOCUMENT_COUNT(),
    search: await index.SEARCH(['granite', 'harbour']),
    query: await index.QUERY({
      AND: ['title:lagoon', { NOT: { INCLUDE: 'kelp', EXCLUDE: 'ember' } }],
    }),
    page: await index.QUERY('island', { DOCUMENTS: true, PAGE: { NUMBER: 1, SIZE: 4 } }),
    dictionary: await index.DICTIONARY({ FIELD: 'title' }),
    facets: await index.FACETS({ FIELD: 'year' }),
    documents: await index.DOCUMENTS(7, 9),
  };
  await index.INDEX.STORE.close();
  return result;
}

/** RDF: quads under six orders. */
async function quadstore(Level, folder) {
  const { Quadstore } = await import('quadstore');
  const { DataFactory } = await import('rdf-data-factory');
  const factory = new DataFactory();
  const node = (name) => factory.namedNode(`http://example.org/${name}`);
  const store = new Quadstore({
    backend: new Level(path.join(folder, 'db')),
    dataFactory: factory,
  });
  await store.open();
  const integer = factory.namedNode('http://www.w3.org/2001/XMLSchema#integer');
  const quads = documents(120).flatMap(({ _id, title, year, tags }) => [
    factory.quad(node(`doc${_id}`), node('title'), factory.literal(title), node('g')),
    factory.quad(
      node(`doc${_id}`),
      node('year'),
      factory.literal(String(year), integer),
      node('g'),
    ),
    factory.quad(node(`doc${_id}`), node('tag'), node(tags[0]), factory.defaultGraph()),
  ]);
  await store.multiPut(quads);
  await store.multiDel(quads.slice(30, 36));
  await store.patch(quads[0], factory.quad(node('doc0'), node('title'), factory.literal('new')));
  const shown = ({ items }) =>
    items.map(({ subject, predicate, object, graph }) =>
      [subject, predicate, object, graph].map(({ value }) => value).join(' '),
    );
  const range = {
    termType: 'Range',
    gte: factory.literal('2000', integer),
    lt: factory.literal('2005', integer),
  };
  const result = {
    all: shown(await store.get({})),
    subject: shown(await store.get({ subject: node('doc7') })),
    tag: shown(await store.get({ predicate: node('tag'), object: node('kelp') })),
    years: shown(await store.get({ predicate: node('year'), object: range })),
    graph: shown(await store.get({ graph: factory.defaultGraph() }, { limit: 10, reverse: true })),
  };
  await store.close();
  return result;
}

export const SCENARIOS = {
  'level-read-stream': levelReadStream,
  'y-leveldb': yLeveldb,
  'datastore-level': datastoreLevel,
  'blockstore-level': blockstoreLevel,
  'fergies-inverted-index': fergiesInvertedIndex,
  'search-index': searchIndex,
  quadstore,
};

// scenarios.mjs FOLDER LEVEL_URL NAME classic|rocks: puts what it gave into result.json.
const [folder, levelUrl, name, which] = process.argv.slice(2);
if (name !== undefined) {
  const Level =
    which === 'rocks'
      ? (await import(levelUrl)).RocksLevel
      : (await import('classic-level')).ClassicLevel;
  fs.mkdirSync(folder, { recursive: true });
  const result = await SCENARIOS[name](Level, folder);
  fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify(result));
}
