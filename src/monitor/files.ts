/** Open descriptors of the guest, as records of the ledger. */
import type { Ledger, LedgerRecord } from './ledger.js';

interface Folder {
  readonly path: string;
  readonly database: LedgerRecord;
}

/** @internal */
export class FileRecords {
  readonly #ledger: Ledger;
  /** By descriptor. */
  readonly #open = new Map<number, LedgerRecord>();
  #folders: Folder[] = [];
  /** The engine's own record: owns what lies in no database's folder. */
  engine: LedgerRecord | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  opened(fd: number, path: string): void {
    this.#open.set(fd, this.#ledger.add('file', this.#ownerOf(path), path));
  }

  closed(fd: number): void {
    const record = this.#open.get(fd);
    if (record === undefined) return;
    this.#open.delete(fd);
    this.#ledger.remove(record, 'freed');
  }

  /** What is opened in these folders is the database's from now on, and what is open there already. */
  addDatabase(database: LedgerRecord, folders: readonly string[]): void {
    for (const path of folders) this.#folders.push({ path, database });
    // The longest first: a database may lie in the folder of another.
    this.#folders.sort((a, b) => b.path.length - a.path.length);
    for (const record of this.#open.values()) {
      if (this.#ownerOf(record.name ?? '') === database) this.#ledger.own(record, database);
    }
  }

  removeDatabase(database: LedgerRecord): void {
    this.#folders = this.#folders.filter((folder) => folder.database !== database);
  }

  #ownerOf(path: string): LedgerRecord | undefined {
    const folder = this.#folders.find(
      (each) =>
        path.startsWith(each.path) &&
        (path.length === each.path.length || isBelow(path, each.path)),
    );
    return folder?.database ?? this.engine;
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder.endsWith('/') || path[folder.length] === '/';
}
