/** The pages on a port of their own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { warn } from '../native/warning.js';
import { isLoopback } from './guard.js';
import { type DebugOptions, invalid } from './handler.js';
import { nodeDebugHandler } from './node-adapter.js';

export interface ServeDebugOptions extends DebugOptions {
  /** Default: 0, any that is free. */
  port?: number;
  /** The address to listen at. Default: `127.0.0.1`, which only this machine reaches. */
  hostname?: string;
  /** Needed for a `hostname` that is not loopback: then whoever reaches the port can read the pages. */
  allowRemote?: boolean;
}

/** A server that runs. It keeps no process alive. */
export interface DebugServer {
  /** Of the live page. */
  readonly url: string;
  readonly hostname: string;
  readonly port: number;
  /** Ends the server, its connections and the sampling that it began. May be called again. */
  close(): Promise<void>;
  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Serves the live page and its other forms (see `debugHandler`) over HTTP, on loopback unless `allowRemote` is set.
 * Rejects with InvalidArgumentError, and with the system's error when the port cannot be had.
 */
export async function serveDebug(options: ServeDebugOptions = {}): Promise<DebugServer> {
  const { port = 0, hostname = '127.0.0.1', allowRemote = false, ...rest } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid('port', 'an integer from 0 to 65535', port);
  }
  if (typeof hostname !== 'string' || hostname === '') {
    throw invalid('hostname', 'an address or a name', hostname);
  }
  if (!isLoopback(hostname) && allowRemote !== true) {
    const remedy = 'a loopback address, or allowRemote: true (there is no password)';
    throw invalid('hostname', remedy, hostname);
  }
  const handler = nodeDebugHandler(rest);
  const server = createServer(handler);
  server.on('connection', (socket: Socket) => socket.unref?.());
  try {
    await listening(server, port, hostname);
  } catch (error) {
    handler.stop();
    throw error;
  }
  server.unref();
  // A connection that cannot be taken (too many open files) is not to end the process.
  server.on('error', (error) => warn(`the debug server at ${hostname}: ${String(error)}`));
  const bound = (server.address() as AddressInfo).port;
  const name = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  const close = async () => {
    handler.stop();
    await closed(server);
  };
  return {
    url: `http://${name}:${bound}${rest.basePath ?? ''}/debug/heap`,
    hostname,
    port: bound,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listening(server: Server, port: number, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname.replace(/^\[(.*)\]$/, '$1'), () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
