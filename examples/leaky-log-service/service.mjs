// A log service on node:http, watched: it takes lines, gives the newest ones, and exports everything.
//
//   POST /logs/SERVICE            lines, each JSON
//   GET  /logs/SERVICE?limit=N    the newest, newest first
//   POST /exports                 begins an export: its number
//   GET  /exports/NUMBER          the next lines; 204 at the end
import { createServer } from 'node:http';
import { RocksDB } from 'rocksdb-wasm';
import { serveDebug } from 'rocksdb-wasm/debug';

/** What the service never has when all is well. */
const ALERTS = [
  {
    name: 'live iterators',
    metric: 'rocksdb_wasm_handles_live',
    labels: { kind: 'iterator' },
    when: { above: { warning: 8, critical: 100 } },
    kind: 'iterator',
  },
  {
    name: 'snapshots held',
    metric: 'rocksdb_wasm_handles_live',
    labels: { kind: 'snapshot' },
    when: { above: 4 },
    kind: 'snapshot',
  },
];

/** How much is looked at before something is said; a real service is given the defaults. */
const GROWTH = { idleOperations: 2000, idleMs: 200, spanOperations: 20_000 };

/**
 * Starts the service with a store (`store-leaky.mjs` or `store-fixed.mjs`). `tell` is called with what the monitor finds
 * by itself; `database`: options for RocksDB.open.
 */
export async function startService({ Store, path, port = 0, debugPort = 0, tell, database = {} }) {
  const db = await RocksDB.open(path, {
    createIfMissing: true,
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
    writeBufferSize: 1 << 20,
    ...database,
  });
  const { heap } = db.engine;
  heap.on('alert', ({ text }) => tell('alert', text));
  heap.on('growth', ({ kind, site }) => tell('growth', `${kind} ${site ?? ''}`));
  heap.alerts.add(ALERTS);
  heap.watchGrowth(GROWTH);
  const store = new Store(db);
  const server = createServer((request, response) => {
    answer(store, request, response).catch((error) => {
      response.writeHead(500).end(`${error.message}\n`);
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const debug = await serveDebug({ port: debugPort, engines: [db] });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    debugUrl: debug.url,
    db,
    async close() {
      await debug.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      store.close();
      // What is still live is freed with the database, and told.
      db.close();
    },
  };
}

async function answer(store, request, response) {
  const url = new URL(request.url, 'http://localhost');
  const [, what, which] = url.pathname.split('/');
  const asked = `${request.method} ${what}`;
  if (asked === 'POST logs') {
    store.append(which, (await bodyOf(request)).split('\n'));
    response.writeHead(204).end();
  } else if (asked === 'GET logs') {
    const limit = Number(url.searchParams.get('limit') ?? 20);
    response.end(JSON.stringify(store.tail(which, limit)));
  } else if (asked === 'POST exports') {
    response.end(String(store.startExport()));
  } else if (asked === 'GET exports') {
    const page = store.nextPage(Number(which));
    if (page === undefined) response.writeHead(204).end();
    else response.end(page.join('\n'));
  } else {
    response.writeHead(404).end();
  }
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
