import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AlertRule } from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holding, ITERATORS, openWatched } from '../support/alerts.js';
import { errorOf } from '../support/open.js';
import { until } from '../support/until.js';

describe('a webhook', () => {
  type Handle = (request: IncomingMessage, body: string, response: ServerResponse) => void;

  const serve = async (handle: Handle) => {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => handle(request, body, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?secret=1`;
  };

  const raise = async (webhook: AlertRule['webhook'], times = 1) => {
    const at = await openWatched();
    at.alerts.add({ ...ITERATORS, when: { above: 0 }, webhook: webhook as string });
    const hold = holding(at.db);
    for (let i = 0; i < times; i++) {
      hold(1);
      await at.samples();
      hold(0);
      if (i < times - 1) await at.samples();
    }
    return { ...at, deliveries: () => at.alerts.list()[0]?.webhook };
  };

  it('gets the event as JSON', async () => {
    const got: { body: string; type: string | undefined; key: unknown; method?: string }[] = [];
    const url = await serve(({ headers, method }, body, response) => {
      got.push({
        body,
        type: headers['content-type'],
        key: headers['x-key'],
        method: method ?? '',
      });
      response.end('thanks');
    });
    const { told, deliveries } = await raise({ url, headers: { 'x-key': 'k' } });
    await until(() => expect(deliveries()).toMatchObject({ sent: 1, waiting: 0 }));
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(JSON.parse(JSON.stringify(told[0])));
    expect(got[0]).toMatchObject({ type: 'application/json', key: 'k', method: 'POST' });
  });

  it('is tried again, then given up, counted, and warned of once', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    let count = 0;
    const url = await serve((_, _body, response) => {
      count++;
      response.statusCode = count === 2 ? 200 : 503;
      response.end();
    });
    const { deliveries } = await raise({ url, backoffMs: 1, retries: 2 }, 3);
    await until(() => expect(deliveries()).toMatchObject({ sent: 1, failed: 4, waiting: 0 }));
    expect(count).toBe(2 + 4 * 3);
    expect(deliveries()?.lastError).toBe('HTTP 503');
    const own = warnings.filter((each) => each.includes('could not be sent'));
    expect(own).toHaveLength(1);
    expect(own[0]).not.toContain('secret');
    process.off('warning', onWarning);
  });

  it('that hangs holds nothing up: attempts end, and no more than so many wait', async () => {
    const url = await serve(() => {});
    const hook = { url, timeoutMs: 100, retries: 0, maxQueued: 2 };
    const { db, deliveries } = await raise(hook, 4);
    expect(deliveries()).toMatchObject({ waiting: 3, dropped: 4 });
    expect(db.get('none')).toBeUndefined();
    await until(() => expect(deliveries()).toMatchObject({ failed: 3, waiting: 0 }));
    expect(deliveries()?.lastError).toBe('no answer within 100 ms');
  });

  it('is sent JSON, whatever the given headers are called', async () => {
    const types: unknown[] = [];
    const url = await serve(({ headers }, _body, response) => {
      types.push(headers['content-type']);
      response.end();
    });
    const headers = { 'Content-Type': 'application/cloudevents+json' };
    const { deliveries } = await raise({ url, headers });
    await until(() => expect(deliveries()).toMatchObject({ sent: 1 }));
    expect(types).toEqual(['application/cloudevents+json']);
  });

  it('is refused when its times are longer than timers are, or its address has a password', async () => {
    const { alerts } = await openWatched();
    const url = 'http://user:secret@127.0.0.1:9/';
    for (const [webhook, name] of [
      [{ url: 'http://127.0.0.1:9', timeoutMs: 2 ** 31 }, 'timeoutMs'],
      [{ url: 'http://127.0.0.1:9', backoffMs: 2 ** 31 }, 'backoffMs'],
      [{ url: 'http://127.0.0.1:9', retries: 101 }, 'retries'],
      [url, 'url'],
    ] as const) {
      const error = await errorOf(() => alerts.add({ ...ITERATORS, when: { above: 0 }, webhook }));
      expect(error.code).toBe('ERR_ROCKSDB_INVALID_OPTION');
      expect(error.message).toContain(`webhook.${name}`);
      expect(error.message).not.toContain('secret');
    }
    expect(alerts.list()).toEqual([]);
  });

  it('is tried no faster the more often it fails', async () => {
    const waits: number[] = [];
    const { setTimeout: real } = globalThis;
    const fake = (call: () => void, ms = 0) => {
      waits.push(ms);
      return real(call, ms < 5000 ? ms : 0);
    };
    globalThis.setTimeout = Object.assign(fake, real) as unknown as typeof setTimeout;
    onTestFinished(() => {
      globalThis.setTimeout = real;
    });
    const hook = { url: 'http://127.0.0.1:9', retries: 24, backoffMs: 5000, timeoutMs: 4999 };
    const { deliveries } = await raise(hook);
    await until(() => expect(deliveries()).toMatchObject({ failed: 1 }));
    const backoffs = waits.filter((ms) => ms >= 5000);
    expect(backoffs).toHaveLength(24);
    expect(backoffs).toEqual([...backoffs].sort((a, b) => a - b));
    expect(backoffs.at(-1)).toBeLessThan(2 ** 31);
  });

  it('that is redirected has not got the alert, and says so', async () => {
    const asked: string[] = [];
    const url = await serve(({ method, url: path }, _body, response) => {
      asked.push(`${method} ${path}`);
      response.writeHead(path === '/new' ? 200 : 302, { location: '/new' }).end();
    });
    const { deliveries } = await raise({ url, retries: 0 });
    await until(() => expect(deliveries()).toMatchObject({ failed: 1, sent: 0 }));
    expect(deliveries()?.lastError).toMatch(/redirect/);
    expect(asked).toEqual(['POST /hook?secret=1']);
  });

  it('that nobody listens at is a failure like any other', async () => {
    const { deliveries } = await raise({ url: 'http://127.0.0.1:9', retries: 0 });
    await until(() => expect(deliveries()).toMatchObject({ failed: 1, sent: 0 }));
  });
});
