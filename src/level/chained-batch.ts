import { AbstractChainedBatch } from 'abstract-level';
import type { WriteBatch } from '../write-batch.js';
import { attempt } from './errors.js';
import type { Data } from './range.js';
import { paced } from './turns.js';

/** @internal A batch of the engine's that is filled call by call. */
export class RocksChainedBatch<D, K, V> extends AbstractChainedBatch<D, K, V> {
  readonly #batch: WriteBatch;
  readonly #write: (batch: WriteBatch, options: { sync?: unknown }) => void;

  constructor(
    db: D,
    batch: WriteBatch,
    write: (batch: WriteBatch, options: { sync?: unknown }) => void,
  ) {
    super(db);
    this.#batch = batch;
    this.#write = write;
  }

  _put(key: Data, value: Data): void {
    attempt(() => this.#batch.put(key, value));
  }

  _del(key: Data): void {
    attempt(() => this.#batch.delete(key));
  }

  _clear(): void {
    attempt(() => this.#batch.clear());
  }

  async _write(options: { sync?: unknown }): Promise<void> {
    await paced(this.#write(this.#batch, options));
  }

  async _close(): Promise<void> {
    attempt(() => this.#batch.free());
  }
}
