import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Engine, InvalidArgumentError, MemoryFileSystem, RocksDB } from 'rocksdb-wasm';
import {
  type DebugServer,
  type DebugStats,
  debugHandler,
  nodeDebugHandler,
  type ServeDebugOptions,
  serveDebug,
} from 'rocksdb-wasm/debug';
import { describe, expect, it, onTestFinished } from 'vitest';
import { errorOf, openAt, wasmModule } from './support/open.js';
import { until } from './support/until.js';

const inMemory = (name = 'db') =>
  openAt(`/${name}`, { createIfMissing: true, fileSystem: new MemoryFileSystem() });

async function serve(options: ServeDebugOptions = {}): Promise<DebugServer> {
  const server = await serveDebug(options);
  onTestFinished(() => server.close());
  return server;
}

/** An answer, as a program without fetch gets it: any header can be sent. */
function ask(
  server: { port: number },
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { port } = server;
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    sent.end();
  });
}

describe('serveDebug', () => {
  it('serves the page, its forms, metrics and figures', async () => {
    using db = await inMemory('logs');
    db.put('k', 'v');
    using iterator = db.iterator();
    iterator.next();
    const server = await serve({ engines: [db] });
    const at = async (path: string) => {
      const response = await fetch(new URL(path, server.url));
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      return response;
    };
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/debug/heap`);
    const page = await at('/debug/heap');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[\w+/]+='/);
    expect(await page.text()).toContain('<title>Heap of /logs</title>');
    const profile = new Uint8Array(await (await at('/debug/heap.pb.gz')).arrayBuffer());
    expect(new TextDecoder().decode(gunzipSync(profile))).toContain('inuse_objects');
    const tree = (await (await at('/debug/heap.heapprofile')).json()) as { head: object };
    expect(tree.head).toMatchObject({ id: 1, callFrame: { functionName: '(root)' } });
    const metrics = await at('/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const number = db.engine.heap.engineNumber;
    expect(await metrics.text()).toContain(
      `rocksdb_wasm_handles_live{engine="${number}",kind="iterator"} 1\n`,
    );
    const stats = (await (await at('/debug/stats')).json()) as DebugStats;
    expect(stats.engines).toHaveLength(1);
    expect(stats.engines[0]).toMatchObject({ engine: number, crashed: false });
    const [database] = stats.engines[0]?.databases ?? [];
    expect(database).toMatchObject({ path: '/logs', readOnly: false });
    expect(database?.error).toBeUndefined();
    expect(database?.stats?.database.userKeysWritten).toBe(1);
    expect(database?.properties['rocksdb.num-snapshots']).toBe(0);
    expect(database?.memory?.memTableTotal).toBeGreaterThan(0);
  });

  it('shows all engines of the process, also later ones, and each by its number', async () => {
    using one = await inMemory('one');
    const server = await serve();
    using two = await inMemory('two');
    const numbers = [one, two].map(({ engine }) => engine.heap.engineNumber);
    const page = (number: number | undefined) =>
      fetch(`${server.url}?engine=${number}`).then((response) => response.text());
    expect(await page(numbers[0])).toContain('<title>Heap of /one</title>');
    const second = await page(numbers[1]);
    expect(second).toContain('<title>Heap of /two</title>');
    expect(second).toContain(`${numbers[0]}: /one</a>`);
    expect(second).toContain(`aria-current="page">${numbers[1]}: /two</a>`);
    const missing = await fetch(`${server.url}?engine=0`);
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('there is no engine 0; those that are open: ');
    two.close();
    expect((await fetch(`${server.url}?engine=${numbers[1]}`)).status).toBe(404);
  });

  it('takes samples while it runs, and none when it is closed', async () => {
    using db = await inMemory();
    const { heap } = db.engine;
    expect(heap.history()).toEqual([]);
    const server = await serveDebug({ engines: [db.engine] });
    for (let i = 0; i < 2500; i++) db.get('k');
    const taken = heap.history().length;
    expect(taken).toBeGreaterThanOrEqual(3);
    await server.close();
    await server.close();
    for (let i = 0; i < 2500; i++) db.get('k');
    expect(heap.history()).toHaveLength(taken);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('gives the body alone to the page that brings itself up to date', async () => {
    using db = await inMemory();
    const server = await serve({ engines: [db], refreshMs: 500 });
    const text = await (await fetch(server.url)).text();
    expect(text).toContain('data-every-ms="500"');
    const [, from = ''] = /data-from="([^"]*)"/.exec(text) ?? [];
    const url = new URL(from.replaceAll('&amp;', '&'), server.url);
    const before = await (await fetch(url)).text();
    using _iterator = db.iterator();
    const after = await (await fetch(url)).text();
    expect(before).not.toContain('<html');
    expect(before).not.toContain('<th scope="row">iterator</th>');
    expect(after).toContain('<th scope="row">iterator</th>');
  });

  it('answers names that no other site can have, and only to look', async () => {
    using db = await inMemory();
    const server = await serve({ engines: [db], allowedHosts: ['Box.Example'] });
    const status = async (host: string) => (await ask(server, '/metrics', { host })).status;
    const port = `:${server.port}`;
    for (const host of [
      `localhost${port}`,
      `127.0.0.1${port}`,
      `[::1]${port}`,
      '10.0.0.7',
      `box.example${port}`,
      'BOX.example.',
    ]) {
      expect(await status(host), host).toBe(200);
    }
    for (const host of [
      `evil.example${port}`,
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ]) {
      const answer = await ask(server, '/metrics', { host });
      expect(answer.status, host).toBe(403);
      expect(answer.text).toMatch(/^the host name '\S*evil\.example' is not allowed: name it in/);
      expect(answer.text).not.toContain('rocksdb_wasm');
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await ask(server, '/debug/heap', {}, method);
      expect(answer.status, method).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    const head = await ask(server, '/metrics', {}, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(100);
    for (const path of [
      '/',
      '/debug/heapx',
      '/debug/heap/../../etc/passwd',
      '/Metrics',
      '//x/metrics',
    ]) {
      expect((await ask(server, path)).status, path).toBe(404);
    }
    expect((await ask(server, '/debug')).headers.location).toBe('/debug/heap');
  });

  it('refuses what would be seen from elsewhere, and other bad options', async () => {
    for (const [options, message] of [
      [{ hostname: '0.0.0.0' }, 'hostname: expected a loopback address, or allowRemote: true'],
      [{ hostname: '::' }, 'hostname: expected a loopback address'],
      [{ hostname: 'example.org' }, 'hostname: expected a loopback address'],
      [{ port: 70_000 }, 'port: expected an integer from 0 to 65535, got 70000'],
      [{ refreshMs: 1 }, 'refreshMs: expected a number from 100, got 1'],
      [{ basePath: 'x' }, "basePath: expected a path such as '/internal', got x"],
      [{ engines: [{}] as never }, 'engines: expected engines or databases'],
      [{ allowedHosts: 'x' as never }, 'allowedHosts: expected an array of host names, got x'],
    ] as const) {
      const error = await errorOf(() => serveDebug(options));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error.message).toContain(message);
    }
    const server = await serve({ hostname: '0.0.0.0', allowRemote: true, basePath: '/internal' });
    expect((await ask(server, '/internal/metrics')).status).toBe(200);
    expect((await ask(server, '/metrics')).status).toBe(404);
    const taken = await serveDebug({
      port: server.port,
      hostname: '0.0.0.0',
      allowRemote: true,
    }).then(
      () => 'no error',
      (error) => error.code,
    );
    expect(taken).toBe('EADDRINUSE');
  });

  it('shows an engine after its crash, when it was given', async () => {
    const db = await RocksDB.open('/db', {
      createIfMissing: true,
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
      maxMemoryBytes: 24 * 1024 * 1024,
    });
    const server = await serve({ engines: [db.engine] });
    db.iterator();
    await errorOf(() => {
      for (let i = 0; i < 100_000; i++) db.put(`key${i}`, 'x'.repeat(10_000));
    });
    expect(db.engine.crashed).toBe(true);
    const text = await (await fetch(server.url)).text();
    expect(text).toContain('The engine has crashed');
    expect(text).toMatch(/<td>iterator<\/td>/);
    for (const path of [
      '/debug/heap.pb.gz',
      '/debug/heap.heapprofile',
      '/metrics',
      '/debug/stats',
    ]) {
      expect((await fetch(new URL(path, server.url))).status, path).toBe(200);
    }
  });
});

describe('the handlers', () => {
  it('fit servers that speak fetch', async () => {
    using db = await inMemory();
    const handler = debugHandler({ engines: [db], basePath: '/internal' });
    const get = (path: string, init?: RequestInit) =>
      handler(new Request(`http://localhost:8000${path}`, init));
    const page = await get('/internal/debug/heap');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('href="/internal/metrics"');
    const head = await get('/internal/metrics', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await get('/other')).status).toBe(404);
    expect((await get('/internal/metrics', { method: 'POST' })).status).toBe(405);
    const elsewhere = await handler(new Request('http://evil.example/internal/metrics'));
    expect(elsewhere.status).toBe(403);
    handler.stop();
  });

  it('fit node:http, beside what else a server answers', async () => {
    using db = await inMemory();
    const debug = nodeDebugHandler({ engines: [db] });
    const server = createServer((asked, answer) => {
      if (asked.url?.startsWith('/debug')) debug(asked, answer);
      else answer.end('mine');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/x`)).text()).toBe('mine');
    const stats = await fetch(`http://127.0.0.1:${port}/debug/stats`);
    expect(((await stats.json()) as DebugStats).engines).toHaveLength(1);
    debug.stop();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  it('do not end the process when somebody else has answered', async () => {
    using db = await inMemory();
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const debug = nodeDebugHandler({ engines: [db] });
    const server = createServer((asked, answer) => {
      answer.end('mine');
      debug(asked, answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/debug/stats`)).text()).toBe('mine');
    await until(() => expect(warnings.join()).toMatch(/\/debug\/stats.*answered/));
    debug.stop();
    server.closeAllConnections();
    server.close();
  });

  it('say what is asked of an engine with no database, and of none', async () => {
    const engine = await Engine.create({
      wasm: await wasmModule(),
      fileSystem: new MemoryFileSystem(),
    });
    const handler = debugHandler({ engines: [engine] });
    const get = () => handler(new Request('http://localhost/debug/heap'));
    expect(await (await get()).text()).toContain('an engine without a database');
    engine.free();
    const gone = await get();
    expect([gone.status, await gone.text()]).toEqual([404, 'no engine is open\n']);
    handler.stop();
  });
});
