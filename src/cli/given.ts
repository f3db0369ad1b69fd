/** The command line as it was given: options by name, checked, and arguments. */
import { UsageError } from './exit.js';
import { OPTIONS } from './options.js';
import { bytesOfHex } from './text.js';

export class Given {
  readonly #options: ReadonlyMap<string, readonly (string | true)[]>;
  readonly arguments: readonly string[];
  readonly #database: string | undefined;

  constructor(
    options: ReadonlyMap<string, readonly (string | true)[]>,
    database: string | undefined,
    args: readonly string[],
  ) {
    this.#options = options;
    this.#database = database;
    this.arguments = args;
  }

  get database(): string {
    if (this.#database === undefined) throw new UsageError('give the database: its folder');
    return this.#database;
  }

  get hasDatabase(): boolean {
    return this.#database !== undefined;
  }

  flag(name: string): boolean {
    return this.#options.has(name);
  }

  text(name: string): string | undefined {
    return this.#options.get(name)?.at(-1) as string | undefined;
  }

  texts(name: string): readonly string[] {
    return (this.#options.get(name) ?? []) as readonly string[];
  }

  /** A whole number, with K, M, G or T: of bytes 1024, as in RocksDB's option text, of entries 1000. */
  integer(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, digits, unit = ''] = /^(\d+)([KMGT]?)$/i.exec(text) ?? [];
    const power = 'KMGT'.indexOf(unit.toUpperCase() || ' ') + 1;
    const unitOf = OPTIONS[name]?.value === 'BYTES' ? 1024 : 1000;
    const value = digits === undefined ? Number.NaN : Number(digits) * unitOf ** power;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new UsageError(
      `--${name}: expected a whole number from ${least} to ${most}, got '${text}'`,
    );
  }

  get json(): boolean {
    return this.flag('json');
  }

  get keyHex(): boolean {
    return this.flag('hex') || this.flag('key-hex');
  }

  get valueHex(): boolean {
    return this.flag('hex') || this.flag('value-hex');
  }

  /** A key from the command line: its UTF-8, or with --hex its bytes. */
  key(text: string, what = 'KEY'): Uint8Array {
    return this.keyHex ? bytesOfHex(text, what) : new TextEncoder().encode(text);
  }

  value(text: string, what = 'VALUE'): Uint8Array {
    return this.valueHex ? bytesOfHex(text, what) : new TextEncoder().encode(text);
  }

  /** An option that is a key. */
  keyOption(name: string): Uint8Array | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.key(text, `--${name}`);
  }
}
