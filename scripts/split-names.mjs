// Takes the name section out of a wasm file and keeps the function names beside it, one a line: "index offset
// name". A stack trace shows `wasm-function[index]:0xoffset`, the offset of an instruction from the file's
// beginning; the line of that index, or the last that does not begin after it, says which function it is.
import * as fs from 'node:fs';

const CUSTOM = 0;
const IMPORTS = 2;
const CODE = 10;
const FUNCTION_NAMES = 1;

/** Reads a wasm file. */
class Reader {
  constructor(bytes, at = 8) {
    this.bytes = bytes;
    this.at = at;
  }

  varuint() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    const length = this.varuint();
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  *sections() {
    while (this.at < this.bytes.length) {
      const begin = this.at;
      const id = this.bytes[this.at++];
      const size = this.varuint();
      const end = this.at + size;
      yield { id, begin, end };
      this.at = end;
    }
  }
}

/** Names by function index, and the file without the sections that nobody needs. */
function split(bytes) {
  const reader = new Reader(bytes);
  const kept = [bytes.subarray(0, 8)];
  const names = new Map();
  for (const { id, begin, end } of reader.sections()) {
    const name = id === CUSTOM ? reader.text() : undefined;
    if (name === undefined || name === 'target_features') kept.push(bytes.subarray(begin, end));
    if (name !== 'name') continue;
    while (reader.at < end) {
      const subsection = bytes[reader.at++];
      const subsectionSize = reader.varuint();
      const subsectionEnd = reader.at + subsectionSize;
      if (subsection === FUNCTION_NAMES) {
        for (let count = reader.varuint(); count > 0; count--) {
          const index = reader.varuint();
          names.set(index, reader.text());
        }
      }
      reader.at = subsectionEnd;
    }
  }
  return { names, wasm: Buffer.concat(kept) };
}

/** Where each function's code begins, by its index; 0 for what is imported. */
function functionOffsets(wasm) {
  const reader = new Reader(wasm);
  const offsets = [];
  for (const { id } of reader.sections()) {
    if (id === IMPORTS) {
      for (let count = reader.varuint(); count > 0; count--) {
        reader.text();
        reader.text();
        if (wasm[reader.at++] !== 0) throw new Error('an import that is no function');
        reader.varuint();
        offsets.push(0);
      }
    } else if (id === CODE) {
      for (let count = reader.varuint(); count > 0; count--) {
        const size = reader.varuint();
        offsets.push(reader.at);
        reader.at += size;
      }
    }
  }
  return offsets;
}

export function splitNames(wasmFile, namesFile) {
  const { names, wasm } = split(fs.readFileSync(wasmFile));
  if (names.size === 0) throw new Error(`${wasmFile} has no function names`);
  const offsets = functionOffsets(wasm);
  const lines = [...names].map(([index, name]) => `${index} ${offsets[index]} ${name}\n`);
  fs.writeFileSync(namesFile, lines.join(''));
  fs.writeFileSync(wasmFile, wasm);
}
