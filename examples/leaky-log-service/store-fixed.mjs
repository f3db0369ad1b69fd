// The logs of many services, in order of time: `store-leaky.mjs` without its two mistakes.

/** Entries that an export gives at once. */
const PAGE = 500;
/** An export that nobody asks for in this time is over. */
const EXPORT_IDLE_MS = 10_000;

export class LogStore {
  #db;
  #lastNumber = 0;
  #exports = new Map();
  #lastExport = 0;
  #exportIdleMs;

  constructor(db, exportIdleMs = EXPORT_IDLE_MS) {
    this.#db = db;
    this.#exportIdleMs = exportIdleMs;
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
    try {
      const entries = [];
      for (const [, line] of iterator) {
        entries.push(JSON.parse(line));
        if (entries.length === limit) break;
      }
      return entries;
    } finally {
      iterator.free();
    }
  }

  /** Begins to give away everything that is there now; the number is for nextPage(). */
  startExport() {
    this.#endForgotten();
    const snapshot = this.#db.snapshot();
    this.#exports.set(++this.#lastExport, { snapshot, from: '', used: Date.now() });
    return this.#lastExport;
  }

  /** The next lines; undefined at the end, and when nobody has asked for too long. */
  nextPage(number) {
    const open = this.#exports.get(number);
    if (open === undefined) return undefined;
    open.used = Date.now();
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

  #endForgotten() {
    for (const [number, { used }] of this.#exports) {
      if (Date.now() - used >= this.#exportIdleMs) this.#end(number);
    }
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
