/** Opening a database with transactions, of either kind. */
import type { Encoding } from '../encoding.js';
import type { Engine } from '../engine.js';
import { type CheckedOptions, checkOpenOptions, type OpenHow, type OpenOptions } from '../open.js';
import { expected } from '../option-errors.js';
import { invalid } from '../view.js';

/** What opening takes, without the kind's own options; a database with transactions is for writing. */
export type TransactionalOpenOptions<KE extends Encoding, VE extends Encoding> = Omit<
  OpenOptions<KE, VE>,
  'readOnly'
>;

/** One of the two kinds: its options are under a name of their own. */
export interface TransactionalKind<Own> {
  readonly name: string;
  /** rdb_open_mode */
  readonly mode: number;
  readonly optionsName: string;
  /** Checks its options; what it returns writes them to linear memory. */
  readonly prepare: (own: Own | undefined) => (engine: Engine) => number;
}

export function planTransactional<Own>(
  kind: TransactionalKind<Own>,
  // biome-ignore lint/suspicious/noExplicitAny: of whatever encodings
  options: TransactionalOpenOptions<any, any>,
): { checked: CheckedOptions; how: OpenHow; own: Own | undefined } {
  if (typeof options !== 'object' || options === null)
    throw expected('an object', 'options', options);
  const { [kind.optionsName]: given, ...rest } = options as Record<string, unknown>;
  if (rest.readOnly === true) {
    throw invalid(`readOnly: ${kind.name} is for writing; RocksDB.open reads the same database`);
  }
  const own = given as Own | undefined;
  const stageOptions = kind.prepare(own);
  const how = { mode: kind.mode, readOnly: false, stageOptions };
  return { checked: checkOpenOptions(rest as OpenOptions), how, own };
}
