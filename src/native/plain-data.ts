/** Plain data that C++ hands over: wasm/bindings/plain.h says its form. */
import { errorFromStatus } from '../errors.js';

/** An object's fields are in the order in which C++ wrote them; what is nothing there is left undefined. */
export type Plain =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Error
  | Plain[]
  | { [name: string]: Plain };

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Makes the value that `bytes` say. They are not kept. */
export function decodePlain(bytes: Uint8Array): Plain {
  return new Reader(bytes).value();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(): Plain {
    const letter = String.fromCharCode(this.#byte());
    switch (letter) {
      case 'n':
        return undefined;
      case 't':
      case 'f':
        return letter === 't';
      case 'd':
        return this.#view.getFloat64(this.#skip(8), true);
      case 'q':
        return this.#view.getBigUint64(this.#skip(8), true);
      case 's':
        return this.#text(this.#word());
      case 'b':
        return this.#take(this.#word()).slice();
      case 'x': {
        const status = this.#word();
        return errorFromStatus(status, this.#text(this.#word()));
      }
      case 'o':
        return this.#object();
      case 'a':
        return this.#array();
      default:
        throw new TypeError(`'${letter}' begins no plain data`);
    }
  }

  #object(): { [name: string]: Plain } {
    const object: { [name: string]: Plain } = {};
    for (;;) {
      const length = this.#byte();
      if (length === 0) return object;
      const name = this.#text(length);
      object[name] = this.value();
    }
  }

  #array(): Plain[] {
    const array: Plain[] = [];
    while (this.#bytes[this.#at] !== 0x65) array.push(this.value());
    this.#at++;
    return array;
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #word(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  #text(length: number): string {
    return decoder.decode(this.#take(length));
  }

  #take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  #skip(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
