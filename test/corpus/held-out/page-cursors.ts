/** Lists files page by page. Where a reader is in a listing is kept for those who ask for the next page. */
import { type Database, program } from '../world.js';

const FOLDERS = 30;
const FILES_PER_FOLDER = 36;
const PAGE = 9;
const LISTINGS_MAX = 6;

type NextPage = () => string[];

/** The newest listings; what was not asked for the longest time goes. */
class Listings {
  readonly #pages = new Map<string, NextPage>();

  get tokens(): string[] {
    return [...this.#pages.keys()];
  }

  add(token: string, next: NextPage): void {
    this.#pages.set(token, next);
    if (this.#pages.size <= LISTINGS_MAX) return;
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined) this.#pages.delete(oldest);
  }

  take(token: string): NextPage | undefined {
    const next = this.#pages.get(token);
    this.#pages.delete(token);
    return next;
  }
}

interface Service {
  readonly db: Database;
  readonly listings: Listings;
  opened: number;
  uploads: number;
}

const nameOf = (folder: number, file: number) => `${folder}/${String(file).padStart(4, '0')}`;

function list({ db, listings }: Service, folder: number, token: string): string[] {
  const files = db.iterator({ prefix: `${folder}/`, values: false });
  const next: NextPage = () => {
    const page = files.nextMany(PAGE).map(([name]) => name);
    if (page.length < PAGE) files.free();
    else listings.add(token, next);
    return page;
  };
  return next();
}

function more({ listings }: Service, token: string): string[] | undefined {
  return listings.take(token)?.();
}

export default program({
  operationsPerRound: 60,

  setup(world): Service {
    const db = world.open('files');
    for (let folder = 0; folder < FOLDERS; folder++) {
      for (let file = 0; file < FILES_PER_FOLDER; file++) db.put(nameOf(folder, file), 'meta');
    }
    return { db, listings: new Listings(), opened: 0, uploads: 0 };
  },

  operation(service, world) {
    const { random } = world;
    const upload = service.uploads++;
    service.db.put(nameOf(upload % FOLDERS, upload % FILES_PER_FOLDER), `meta ${upload}`);
    const { tokens } = service.listings;
    // Most read on; some have seen enough.
    if (tokens.length === 0 || world.chance('another folder', 1 / 4)) {
      list(service, random.below(FOLDERS), `listing-${service.opened++}`);
    } else {
      more(service, random.pick(tokens));
    }
  },

  settle(service) {
    for (const token of service.listings.tokens) while (more(service, token) !== undefined);
  },

  teardown({ db }) {
    db.close();
  },
});
