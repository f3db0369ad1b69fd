/** The pages as a function from request to response, for any server that speaks fetch. */

import type { Engine } from '../engine.js';
import { InvalidArgumentError } from '../errors.js';
import { heapProfile } from '../monitor/reports/heapprofile.js';
import { livePage, PAGE_SCRIPT, PAGE_STYLE, pageBody } from '../monitor/reports/page/page.js';
import { type HeapPicture, heapPicture } from '../monitor/reports/picture.js';
import { pprofProfile } from '../monitor/reports/pprof.js';
import {
  mergeMetrics,
  PROMETHEUS_CONTENT_TYPE,
  prometheusText,
} from '../monitor/reports/prometheus.js';
import { shown } from '../shown.js';
import { hostName, isAllowedHost } from './guard.js';
import { debugStats } from './stats.js';
import { type DebugTarget, Targets } from './targets.js';

export interface DebugOptions {
  /** Engines, or databases, whose engines are meant. Default: all of the process, also those that are made later. */
  engines?: readonly DebugTarget[];
  /**
   * Names under which the server may be asked beside `localhost` and addresses: a request with another name in its Host
   * header is refused, since a web site could have sent it (DNS rebinding).
   */
  allowedHosts?: readonly string[];
  /** Put before each path: `/internal` serves `/internal/debug/heap`. Default: nothing. */
  basePath?: string;
  /** Milliseconds between two updates of the live page, from 100 on. Default: 2,000. */
  refreshMs?: number;
}

/** Answers a request; `stop()` ends the sampling that it began. */
export interface DebugHandler {
  (request: Request): Promise<Response>;
  /** Ends the sampling that it began. */
  stop(): void;
}

/** What is known of a request. */
export interface DebugRequest {
  readonly method: string;
  readonly host: string | null | undefined;
  /** With its query. */
  readonly path: string;
}

export interface DebugResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/**
 * A handler for `Deno.serve`, `Bun.serve` and the like; `nodeDebugHandler` is for node:http. It answers GET and HEAD at
 * `/debug/heap` (the page), `/debug/heap.pb.gz`, `/debug/heap.heapprofile`, `/metrics` and `/debug/stats`, and 404
 * elsewhere. `?engine=N` chooses an engine of several. It asks for no password: who reaches it sees paths, column
 * families' names and source lines, though no keys and no values. Samples for the plots are taken from now on.
 */
export function debugHandler(options: DebugOptions = {}): DebugHandler {
  const responder = new DebugResponder(options);
  const handle = async (request: Request) => {
    const { pathname, search, host } = new URL(request.url);
    const answer = await responder.respond({
      method: request.method,
      host: request.headers.get('host') ?? host,
      path: pathname + search,
    });
    const { status, headers, body } = answer;
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  };
  return Object.assign(handle, { stop: () => responder.stop() });
}

const TEXT = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** In every response: nothing is kept, sniffed, framed or read by other origins. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

const REFRESH_MS = 2000;
const REFRESH_MS_MIN = 100;

/** @internal The same for every kind of server. */
export class DebugResponder {
  readonly #targets: Targets;
  readonly #allowed: ReadonlySet<string>;
  readonly #base: string;
  readonly #refreshMs: number;

  /** Throws InvalidArgumentError. */
  constructor({ engines, allowedHosts = [], basePath = '', refreshMs = REFRESH_MS }: DebugOptions) {
    if (!Array.isArray(allowedHosts) || allowedHosts.some((name) => typeof name !== 'string')) {
      throw invalid('allowedHosts', 'an array of host names', allowedHosts);
    }
    if (typeof basePath !== 'string' || (basePath !== '' && !/^\/.*[^/]$/.test(basePath))) {
      throw invalid('basePath', "a path such as '/internal'", basePath);
    }
    if (!Number.isFinite(refreshMs) || refreshMs < REFRESH_MS_MIN) {
      throw invalid('refreshMs', `a number from ${REFRESH_MS_MIN}`, refreshMs);
    }
    this.#allowed = new Set(allowedHosts.map(hostName));
    this.#base = basePath;
    this.#refreshMs = refreshMs;
    this.#targets = new Targets(engines);
  }

  stop(): void {
    this.#targets.stop();
  }

  async respond(request: DebugRequest): Promise<DebugResponse> {
    if (!isAllowedHost(request.host, this.#allowed)) {
      const name = hostName(request.host ?? '');
      return plain(403, `the host name '${name}' is not allowed: name it in allowedHosts\n`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, 'only GET and HEAD are answered\n', { allow: 'GET, HEAD' });
    }
    const { pathname, searchParams } = new URL(`http://localhost${request.path}`);
    if (!pathname.startsWith(`${this.#base}/`)) return this.#notFound();
    try {
      return await this.#page(pathname.slice(this.#base.length), searchParams);
    } catch (error) {
      return plain(500, `the report could not be made: ${String(error)}\n`);
    }
  }

  async #page(path: string, query: URLSearchParams): Promise<DebugResponse> {
    const engines = this.#targets.list();
    switch (path) {
      case '/metrics':
        return answer(PROMETHEUS_CONTENT_TYPE, prometheusText(metricsOf(engines)));
      case '/debug/stats':
        return answer(JSON_TYPE, JSON.stringify(debugStats(engines), undefined, 2));
      case '/debug':
      case '/debug/':
        return plain(302, '', { location: `${this.#base}/debug/heap` });
    }
    if (!/^\/debug\/heap(\.pb\.gz|\.heapprofile)?$/.test(path)) return this.#notFound();
    const engine = chosenOf(engines, query.get('engine'));
    if (engine === undefined) return plain(404, noEngineText(engines, query.get('engine')));
    const picture = heapPicture(engine.heap);
    if (path === '/debug/heap.pb.gz') {
      return download('application/octet-stream', 'heap.pb.gz', pprofProfile(picture));
    }
    if (path === '/debug/heap.heapprofile') {
      const profile = JSON.stringify(heapProfile(picture));
      return download(JSON_TYPE, 'rocksdb-wasm.heapprofile', profile);
    }
    if (query.get('part') === 'body') return answer(HTML, pageBody(picture));
    const policy = await pagePolicy();
    return answer(HTML, this.#live(picture, engine, engines), {
      'content-security-policy': policy,
    });
  }

  #live(picture: HeapPicture, engine: Engine, engines: readonly Engine[]): string {
    const at = (form: string, { heap }: Engine) =>
      `${this.#base}/debug/heap${form}?engine=${heap.engineNumber}`;
    return livePage(picture, {
      from: `${at('', engine)}&part=body`,
      everyMs: this.#refreshMs,
      engines: engines.map((each) => ({
        name: nameOf(each),
        href: at('', each),
        current: each === engine,
      })),
      links: [
        { name: 'pprof', href: at('.pb.gz', engine) },
        { name: '.heapprofile', href: at('.heapprofile', engine) },
        { name: 'metrics', href: `${this.#base}/metrics` },
        { name: 'stats', href: `${this.#base}/debug/stats` },
      ],
    });
  }

  #notFound(): DebugResponse {
    const paths = [
      'debug/heap',
      'debug/heap.pb.gz',
      'debug/heap.heapprofile',
      'metrics',
      'debug/stats',
    ];
    const lines = paths.map((path) => `${this.#base}/${path}\n`);
    return plain(404, `there is nothing here, but at\n${lines.join('')}`);
  }
}

function chosenOf(engines: readonly Engine[], number: string | null): Engine | undefined {
  if (number === null) return engines.find((each) => each.databases().length > 0) ?? engines[0];
  return engines.find(({ heap }) => String(heap.engineNumber) === number);
}

function noEngineText(engines: readonly Engine[], number: string | null): string {
  if (number === null) return 'no engine is open\n';
  const numbers = engines.map(({ heap }) => heap.engineNumber).join(', ');
  return `there is no engine ${number}; those that are open: ${numbers || 'none'}\n`;
}

function nameOf(engine: Engine): string {
  const paths = engine.databases().map(({ path }) => path);
  return `${engine.heap.engineNumber}: ${paths.join(', ') || 'no database'}`;
}

/** Of several engines with a label each. */
function metricsOf(engines: readonly Engine[]) {
  return mergeMetrics(
    engines.map(({ heap }) => ({
      labels: { engine: String(heap.engineNumber) },
      metrics: heap.metrics(),
    })),
  );
}

let policy: Promise<string> | undefined;

/** Lets nothing run but the page's own script. */
function pagePolicy(): Promise<string> {
  policy ??= Promise.all([PAGE_SCRIPT, PAGE_STYLE].map(sourceHash)).then(
    ([script, style]) =>
      `default-src 'none'; script-src ${script}; style-src ${style}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  return policy;
}

async function sourceHash(source: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(source));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

function answer(
  type: string,
  body: DebugResponse['body'],
  headers: Record<string, string> = {},
): DebugResponse {
  return { status: 200, headers: { ...HEADERS, 'content-type': type, ...headers }, body };
}

function download(type: string, name: string, body: DebugResponse['body']): DebugResponse {
  return answer(type, body, { 'content-disposition': `attachment; filename="${name}"` });
}

function plain(status: number, body: string, headers: Record<string, string> = {}): DebugResponse {
  return { ...answer(TEXT, body, headers), status };
}

/** @internal */
export function invalid(name: string, expected: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    'ERR_ROCKSDB_INVALID_ARGUMENT',
    `${name}: expected ${expected}, got ${shown(value)}`,
  );
}
