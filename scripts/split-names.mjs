// Takes the name section out of a wasm file and keeps the function names beside it, one a line:
// "index name". A stack trace shows `wasm-function[index]`; the file says what that is.
import * as fs from 'node:fs';

export function splitNames(wasmFile, namesFile) {
  const bytes = fs.readFileSync(wasmFile);
  let at = 8;
  const varuint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const text = () => {
    const length = varuint();
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const kept = [bytes.subarray(0, 8)];
  const lines = [];
  while (at < bytes.length) {
    const begin = at;
    const id = bytes[at++];
    const size = varuint();
    const end = at + size;
    if (id !== 0) {
      kept.push(bytes.subarray(begin, end));
    } else {
      const name = text();
      if (name === 'name') {
        while (at < end) {
          const subsection = bytes[at++];
          const subsectionSize = varuint();
          const subsectionEnd = at + subsectionSize;
          if (subsection === 1) {
            for (let count = varuint(); count > 0; count--) lines.push(`${varuint()} ${text()}`);
          }
          at = subsectionEnd;
        }
      } else if (name === 'target_features') {
        kept.push(bytes.subarray(begin, end));
      }
    }
    at = end;
  }
  if (lines.length === 0) throw new Error(`${wasmFile} has no function names`);
  fs.writeFileSync(namesFile, `${lines.join('\n')}\n`);
  fs.writeFileSync(wasmFile, Buffer.concat(kept));
}
