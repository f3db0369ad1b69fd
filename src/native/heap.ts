/**
 * Linear memory, and the only file that touches it. The views carry Emscripten's names. A view is stale as
 * soon as memory has grown, so take them from here after every call into the wasm, and keep none.
 */
export type HeapViews = Pick<EmscriptenModule, 'HEAPU8' | 'HEAP32' | 'HEAPU32' | 'HEAPF64'>;

const encoder = new TextEncoder();
/** A byte order mark is part of the text, not a mark. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to this many UTF-16 units a loop over the characters beats TextEncoder and TextDecoder. */
const SHORT_TEXT = 48;

export class Heap implements HeapViews {
  HEAPU8!: EmscriptenModule['HEAPU8'];
  HEAP32!: EmscriptenModule['HEAP32'];
  HEAPU32!: EmscriptenModule['HEAPU32'];
  HEAPF64!: EmscriptenModule['HEAPF64'];
  #view!: DataView;
  /** How often memory has grown. */
  growths = -1;

  #memory: { readonly buffer: ArrayBufferLike } | undefined;

  constructor(memory: { readonly buffer: ArrayBufferLike }) {
    this.#memory = memory;
    this.refresh();
  }

  /** Lets go of linear memory, which can be collected then even while handles are still held. */
  release(): void {
    this.#memory = undefined;
    this.refresh();
  }

  /** After memory has grown (the wasm calls it through rocksdb_host.memory_grown). */
  refresh(): void {
    const buffer = (this.#memory?.buffer ?? new ArrayBuffer(0)) as ArrayBuffer;
    this.HEAPU8 = new Uint8Array(buffer);
    this.HEAP32 = new Int32Array(buffer);
    this.HEAPU32 = new Uint32Array(buffer);
    this.HEAPF64 = new Float64Array(buffer);
    this.#view = new DataView(buffer);
    this.growths++;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Bytes of linear memory. It never shrinks. */
  get byteLength(): number {
    return this.HEAPU8.byteLength;
  }

  getWord(address: number): number {
    return this.HEAPU32[address >>> 2] as number;
  }

  setWord(address: number, value: number): void {
    this.HEAPU32[address >>> 2] = value;
  }

  /** Of an address that is a multiple of 8. */
  getDouble(address: number): number {
    return this.HEAPF64[address >>> 3] as number;
  }

  /** Likewise. */
  setDouble(address: number, value: number): void {
    this.HEAPF64[address >>> 3] = value;
  }

  /** The bytes themselves, until memory grows. */
  bytes(address: number, length: number): Uint8Array {
    return this.HEAPU8.subarray(address, address + length);
  }

  /** A copy, owned by JavaScript. */
  copyOut(address: number, length: number): Uint8Array {
    return this.HEAPU8.slice(address, address + length);
  }

  copyIn(bytes: Uint8Array, address: number): void {
    const length = bytes.length;
    if (length > 32) {
      this.HEAPU8.set(bytes, address);
      return;
    }
    const heap = this.HEAPU8;
    for (let i = 0; i < length; i++) heap[address + i] = bytes[i] as number;
  }

  /** Writes UTF-8; there must be room for 3 bytes a UTF-16 unit. Returns the bytes written. */
  writeText(text: string, address: number): number {
    const length = text.length;
    if (length <= SHORT_TEXT) {
      const heap = this.HEAPU8;
      let i = 0;
      for (; i < length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 0x7f) break;
        heap[address + i] = unit;
      }
      if (i === length) return length;
    }
    return encoder.encodeInto(text, this.HEAPU8.subarray(address, address + length * 3)).written;
  }

  readText(address: number, length: number): string {
    if (length <= SHORT_TEXT) {
      const heap = this.HEAPU8;
      let text = '';
      let i = 0;
      for (; i < length; i++) {
        const unit = heap[address + i] as number;
        if (unit > 0x7f) break;
        text += String.fromCharCode(unit);
      }
      if (i === length) return text;
    }
    return decoder.decode(this.HEAPU8.subarray(address, address + length));
  }

  /** Reads up to the NUL. */
  readTerminated(address: number): string {
    return this.readText(address, this.HEAPU8.indexOf(0, address) - address);
  }
}
