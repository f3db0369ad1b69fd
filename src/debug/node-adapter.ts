/** The same handler for `node:http` and what is built on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { warn } from '../native/warning.js';
import { type DebugOptions, DebugResponder } from './handler.js';

/** A listener for `http.createServer`, also as middleware; `stop()` ends the sampling that it began. */
export interface NodeDebugHandler {
  (request: IncomingMessage, response: ServerResponse): void;
  /** Ends the sampling that it began. */
  stop(): void;
}

/** `debugHandler` for node:http: `http.createServer(nodeDebugHandler())`. */
export function nodeDebugHandler(options: DebugOptions = {}): NodeDebugHandler {
  const responder = new DebugResponder(options);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    void answer(responder, request, response);
  };
  return Object.assign(handle, { stop: () => responder.stop() });
}

async function answer(
  responder: DebugResponder,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  // A proxy's absolute form would name a host of its own.
  const path = request.url?.startsWith('/') ? request.url : '/';
  const { status, headers, body } = await responder.respond({
    method,
    host: request.headers.host,
    path,
  });
  if (response.headersSent) {
    warn(`${method} ${path} has been answered before its debug handler could`);
    return;
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}
