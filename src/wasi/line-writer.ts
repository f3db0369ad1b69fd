/** Turns what a guest writes to standard output into lines. */
const NEWLINE = 0x0a;
/** A line that never ends is passed on in pieces of about this size. */
const LINE_BYTES_MAX = 65536;

export class LineWriter {
  readonly #writeLine: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #line = '';

  constructor(writeLine: (text: string) => void) {
    this.#writeLine = writeLine;
  }

  write(bytes: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#line += this.#decoder.decode(bytes.subarray(start, end), { stream: true });
      this.#passOn();
      start = end + 1;
    }
    this.#line += this.#decoder.decode(bytes.subarray(start), { stream: true });
    if (this.#line.length > LINE_BYTES_MAX) this.#passOn();
  }

  /** Passes on a line that has begun. */
  flush(): void {
    this.#line += this.#decoder.decode();
    if (this.#line !== '') this.#passOn();
  }

  #passOn(): void {
    const line = this.#line;
    this.#line = '';
    this.#writeLine(line);
  }
}
