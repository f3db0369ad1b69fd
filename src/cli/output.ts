/** Standard output with back-pressure: what is written waits until the reader has taken what was there. */
import type { Writable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { OutputClosed } from './exit.js';

/** Collected before it is handed to the stream. */
const CHUNK_BYTES = 64 * 1024;

export class Output {
  readonly #stream: Writable;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: Error & { code?: string }) => {
      this.#failure ??= error.code === 'EPIPE' ? new OutputClosed() : error;
    });
  }

  /** Keeps it, and tells whether `drain()` is due: true about every 64 KiB. Throws OutputClosed. */
  write(data: string | Uint8Array): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    return this.#bytes >= CHUNK_BYTES;
  }

  /** Resolves when the stream has room again; events (signals, errors of the stream) come in between. */
  async drain(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    if (chunks.length > 0) {
      await new Promise<void>((resolve) => {
        // Called after an error, too, which the listener has kept.
        this.#stream.write(Buffer.concat(chunks), () => resolve());
      });
    }
    await immediate();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
