/** Tells of databases that are opened again and again where one should be shared. */
import { channel } from 'node:diagnostics_channel';
import { CHANNEL_PREFIX } from './monitor/events.js';
import { firstLine } from './monitor/text.js';
import { warn } from './native/warning.js';

/** A database that is opened for each piece of work: published on the channel `rocksdb-wasm:misuse`, once a path. */
export interface MisuseMessage {
  readonly misuse: 'openedAgain' | 'openedTwice';
  /** Of the database. */
  readonly path: string;
  /** Opens within a minute, this one included; those that failed, too. */
  readonly opens: number;
  /** Stack text of the caller's frames. */
  readonly site: string;
  /** What to do. */
  readonly remedy: string;
}

/** So many opens within so long are no restart and no test of recovery. */
const OPENS = 8;
const WITHIN_MS = 60_000;
/** Paths that are remembered. */
const PATHS_MAX = 256;
const REMEDY =
  'open it once and share it: RocksDB.shared(path, options) gives each caller the open one, and with ' +
  'idleCloseMs it stays open from one to the next';

interface Opens {
  /** Milliseconds since 1970 of the newest ones, by the host's clock. */
  readonly times: number[];
  told: boolean;
}

const misuse = channel(`${CHANNEL_PREFIX}misuse`);
/** By the file system that they are on, and their path. */
const opens = new WeakMap<object, Map<string, Opens>>();

/** @internal A database is about to be opened; `site`: by whom. Tells when it is too often. */
export function noteOpening(fileSystem: object, path: string, site: string): void {
  const known = opensOf(fileSystem, path);
  const now = Date.now();
  known.times.push(now);
  if (known.times.length > OPENS) known.times.shift();
  const first = known.times[0] as number;
  if (known.times.length === OPENS && now - first < WITHIN_MS)
    tell(known, path, 'openedAgain', site);
}

/** @internal It was refused, since this process has it open already. */
export function noteRefused(fileSystem: object, path: string, site: string): void {
  tell(opensOf(fileSystem, path), path, 'openedTwice', site);
}

function opensOf(fileSystem: object, path: string): Opens {
  const paths = opens.get(fileSystem) ?? new Map<string, Opens>();
  opens.set(fileSystem, paths);
  const known = paths.get(path) ?? { times: [], told: false };
  // Those used last stay.
  paths.delete(path);
  paths.set(path, known);
  if (paths.size > PATHS_MAX) paths.delete(paths.keys().next().value as string);
  return known;
}

function tell(known: Opens, path: string, how: MisuseMessage['misuse'], site: string): void {
  if (known.told) return;
  known.told = true;
  const message: MisuseMessage = {
    misuse: how,
    path,
    opens: known.times.length,
    site,
    remedy: REMEDY,
  };
  misuse.publish(message);
  const what =
    how === 'openedAgain'
      ? `was opened ${message.opens} times within a minute, the last time`
      : 'was to be opened while this process has it open already,';
  warn(`${path} ${what} ${firstLine(site)}: ${REMEDY}`);
}
