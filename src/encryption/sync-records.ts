/** The sync records of one file: what is on disk, and where the next one goes. */
import type { FileHandle } from '../wasi/file-system.js';
import type { FileKeys } from './envelope.js';
import { writeFully } from './io.js';
import { encodeRecord, recordAt, type SyncRecord, type TailPage } from './record.js';

export class SyncRecords {
  /** The newest first. */
  #records: readonly SyncRecord[] = [];
  /** Of the last record that an fsync completed. */
  #sequence = 0;
  /** They were there before: which of them is on disk, and of which state, is not known. */
  #inherited = false;

  /** All bytes below it must be there. */
  get synced(): number {
    return this.#records[0]?.synced ?? 0;
  }

  get sparse(): boolean {
    return this.#records[0]?.sparse ?? false;
  }

  get tail(): TailPage | undefined {
    return this.#records[0]?.tail;
  }

  /** What a page was like when the file was synced, where there is a record of it. */
  tailsOf(index: number): TailPage[] {
    return this.#records.flatMap(({ tail }) => (tail?.index === index ? [tail] : []));
  }

  /** Takes over those of a file that was there before. */
  inherit(records: readonly SyncRecord[]): void {
    this.#records = records;
    this.#sequence = records[0]?.sequence ?? 0;
    this.#inherited = true;
  }

  /** Read from disk again: another process may have written some. */
  refresh(records: readonly SyncRecord[]): void {
    this.#records = records;
  }

  reset(): void {
    this.#records = [];
    this.#sequence = 0;
    this.#inherited = false;
  }

  /** Writes a record over the one before the last that an fsync completed. It wants an fsync, too. */
  write(io: FileHandle, keys: FileKeys, record: Omit<SyncRecord, 'sequence'>): void {
    if (this.#inherited) {
      // The record that is written over may be the one that a torn page is read by. After this sync no
      // page needs one.
      io.sync();
      this.#inherited = false;
    }
    const sequence = this.#sequence + 1;
    const written = { ...record, sequence };
    writeFully(io, encodeRecord(written, keys), recordAt(sequence));
    const others = this.#records.filter((other) => other.sequence === this.#sequence);
    this.#records = [written, ...others];
  }

  /** An fsync has completed after write(). */
  completed(): void {
    this.#sequence = this.#records[0]?.sequence ?? 0;
  }
}
