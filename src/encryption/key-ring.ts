/** The master keys that a program gives, by name. */

import { InvalidOptionError } from '../errors.js';
import { shown } from '../shown.js';
import { KEY_BYTES } from './cipher.js';

export interface EncryptionKeys {
  /**
   * Master keys by name, 32 random bytes each. A name stands, readable, in every file that its key
   * opens: 1 to 255 bytes of UTF-8. Several: the current one, and those that older files still need.
   */
  keys: Readonly<Record<string, Uint8Array>>;
  /** The key for new files. Default: the only one of `keys`; needed when there are several. */
  currentKey?: string;
}

/** As many bytes of a name as an envelope has room for. */
export const KEY_ID_BYTES_MAX = 255;

export class KeyRing {
  readonly #keys = new Map<string, Uint8Array>();
  /** Name of the key for new files. */
  readonly currentId: string;

  /** Copies the keys. Throws InvalidOptionError. */
  constructor({ keys, currentKey }: EncryptionKeys) {
    if (typeof keys !== 'object' || keys === null || Object.keys(keys).length === 0) {
      throw invalid('keys', keys, 'an object with at least one key, such as { main: key }');
    }
    for (const [id, key] of Object.entries(keys)) {
      const bytes = new TextEncoder().encode(id).length;
      if (bytes === 0 || bytes > KEY_ID_BYTES_MAX) {
        throw invalid('keys', id, `a name of 1 to ${KEY_ID_BYTES_MAX} bytes for each key`);
      }
      if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES) {
        // Never the value itself: it is a secret, and errors are logged.
        const got = key instanceof Uint8Array ? `${key.length} bytes` : typeof key;
        throw new InvalidOptionError(
          `keys.${id}: expected a Uint8Array of ${KEY_BYTES} bytes, got ${got}`,
          `keys.${id}`,
          got,
        );
      }
      this.#keys.set(id, key.slice());
    }
    const [first = '', second] = this.#keys.keys();
    if (currentKey === undefined && second !== undefined) {
      throw invalid('currentKey', currentKey, `one of ${this.names}: which is for new files?`);
    }
    this.currentId = currentKey ?? first;
    if (!this.#keys.has(this.currentId)) {
      throw invalid('currentKey', currentKey, `one of ${this.names}`);
    }
  }

  get current(): Uint8Array {
    return this.#keys.get(this.currentId) as Uint8Array;
  }

  get(id: string): Uint8Array | undefined {
    return this.#keys.get(id);
  }

  /** For messages. */
  get names(): string {
    return [...this.#keys.keys()].map((id) => `'${id}'`).join(', ');
  }
}

function invalid(option: string, value: unknown, expected: string): InvalidOptionError {
  const got = typeof value === 'string' ? `'${shown(value)}'` : shown(value);
  return new InvalidOptionError(`${option}: expected ${expected}, got ${got}`, option, value);
}
