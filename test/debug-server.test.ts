// runtime: node
/** What clients may do to `serveDebug` that no client of good will does. */
import * as diagnostics from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { MemoryFileSystem } from 'rocksdb-wasm';
import { type DebugServer, serveDebug } from 'rocksdb-wasm/debug';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAt } from './support/open.js';
import { until } from './support/until.js';

const HOST = 'Host: localhost\r\nConnection: close';

async function serve(): Promise<DebugServer> {
  const db = await openAt('/db', { createIfMissing: true, fileSystem: new MemoryFileSystem() });
  const server = await serveDebug({ engines: [db] });
  onTestFinished(() => server.close());
  return server;
}

function open({ port }: DebugServer): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // a reset is an answer, too
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** The answer's first line and its body; empty when the connection was ended without. */
async function say(server: DebugServer, request: string): Promise<[line: string, body: string]> {
  const socket = open(server);
  let text = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  socket.write(request);
  await new Promise((resolve) => socket.on('close', resolve));
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return [head.split('\r\n')[0] ?? '', body];
}

describe('a debug server', () => {
  const REFUSED: readonly (readonly [what: string, request: string, status: number])[] = [
    [
      'another site by its full address',
      `GET http://evil.example/metrics HTTP/1.1\r\n${HOST}`,
      404,
    ],
    [
      'another site by its name',
      'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close',
      403,
    ],
    [
      'a name that only begins well',
      'GET /metrics HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close',
      403,
    ],
    [
      'a name with credentials',
      'GET /metrics HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close',
      403,
    ],
    ['no name', 'GET /metrics HTTP/1.0', 403],
    ['a folder above', `GET /debug/../../etc/passwd HTTP/1.1\r\n${HOST}`, 404],
    ['a folder above, encoded', `GET /debug/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${HOST}`, 404],
    ['a path that is another host', `GET //evil.example/metrics HTTP/1.1\r\n${HOST}`, 404],
    ['half of an encoded byte', `GET /debug/heap%f HTTP/1.1\r\n${HOST}`, 404],
    ['a query of its own', `GET /debug/heap?engine=<script>&engine=1 HTTP/1.1\r\n${HOST}`, 404],
    ['a long query', `GET /debug/heap?engine=${'9'.repeat(10_000)} HTTP/1.1\r\n${HOST}`, 404],
    ['a query that is too long', `GET /debug/heap?${'x'.repeat(100_000)} HTTP/1.1\r\n${HOST}`, 431],
    ['to write', `PUT /metrics HTTP/1.1\r\n${HOST}\r\nContent-Length: 0`, 405],
    ['a connection to elsewhere', `OPTIONS * HTTP/1.1\r\n${HOST}`, 405],
    ['what is no HTTP', '\x16\x03\x01\x00', 400],
  ];
  for (const [what, request, status] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const server = await serve();
      const [line, body] = await say(server, `${request}\r\n\r\n`);
      expect(line).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(body).not.toContain('rocksdb_wasm');
      expect(body.length).toBeLessThan(20_000);
      expect((await say(server, `GET /metrics HTTP/1.1\r\n${HOST}\r\n\r\n`))[0]).toContain(
        '200 OK',
      );
    });
  }

  it('is not held up by clients that ask and do not read, or never finish asking', async () => {
    const server = await serve();
    for (let i = 0; i < 20; i++) {
      const deaf = open(server);
      deaf.pause();
      deaf.write(`GET /debug/heap HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(10));
      open(server).write('GET /metrics HTTP/1.1\r\nHost: loc');
      const gone = open(server);
      gone.write(`GET /debug/stats HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => gone.destroy());
    }
    expect((await say(server, `GET /metrics HTTP/1.1\r\n${HOST}\r\n\r\n`))[0]).toContain('200 OK');
    await server.close(); // ends them all
  });

  it('goes on, with a warning, when a connection cannot be taken', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    const seen: Server[] = [];
    const onRequest = (message: unknown) => seen.push((message as { server: Server }).server);
    diagnostics.subscribe('http.server.request.start', onRequest);
    onTestFinished(() => {
      process.off('warning', onWarning);
      diagnostics.unsubscribe('http.server.request.start', onRequest);
    });
    const server = await serve();
    const get = () => say(server, `GET /metrics HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await get();
    seen[0]?.emit('error', new Error('accept EMFILE'));
    await until(() => expect(warnings.join()).toMatch(/debug server.*EMFILE/));
    expect((await get())[0]).toContain('200 OK');
  });
});
