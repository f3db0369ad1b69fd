// The logs of many services, in order of time: two mistakes are in here. `store-fixed.mjs` is the same without them.

/** Entries that an export gives at once. */
const PAGE = 500;

export class LogStore {
  #db;
  #lastNumber = 0;
  #exports = new Map();
  #lastExport = 0;

  constructor(db) {
    this.#db = db;
  }

  /** Lines of a service, as they came; each is JSON, or so we were told. */
  append(service, lines) {
    const batch = this.#db.batch();
    try {
      for (const line of lines) batch.put(keyOf(service, ++this.#lastNumber), line);
      this.#db.write(batch);
    } finally {
      batch.free();
    }
  }

  /** The newest entries of a service, newest first. */
  tail(service, limit) {
    const iterator = this.#db.iterator({ prefix: `${service}/`, reverse: true });
    const entries = [];
    for (const [, line] of iterator) {
      // One line in thousands is no JSON. Then this throws, and nobody frees the iterator.
      entries.push(JSON.parse(line));
      if (entries.length === limit) break;
    }
    iterator.free();
    return entries;
  }

  /** Begins to give away everything that is there now; the number is for nextPage(). */
  startExport() {
    const snapshot = this.#db.snapshot();
    this.#exports.set(++this.#lastExport, { snapshot, from: '' });
    return this.#lastExport;
  }

  /** The next lines; undefined at the end. Whoever does not ask to the end leaves the snapshot here for ever. */
  nextPage(number) {
    const open = this.#exports.get(number);
    if (open === undefined) return undefined;
    const iterator = this.#db.iterator({ gt: open.from, snapshot: open.snapshot });
    try {
      const page = iterator.nextMany(PAGE);
      if (page.length > 0) {
        open.from = page.at(-1)[0];
        return page.map(([, line]) => line);
      }
    } finally {
      iterator.free();
    }
    this.#end(number);
    return undefined;
  }

  close() {
    for (const number of [...this.#exports.keys()]) this.#end(number);
  }

  #end(number) {
    this.#exports.get(number).snapshot.free();
    this.#exports.delete(number);
  }
}

/** So that numbers are in order as text. */
function keyOf(service, number) {
  return `${service}/${String(number).padStart(12, '0')}`;
}
