// What a row of the map says: where something is, or why it is not.

/** Reasons for which something has no counterpart. Each stands in the table's legend with its text. */
export const REASONS = {
  deprecated: 'RocksDB itself has deprecated it, or it does nothing any more.',
  oneThread: 'The engine has one thread: there is nothing that it could tell or change.',
  wasm: 'WebAssembly and WASI have nothing of the kind: no mmap, no direct I/O, no huge pages, no dynamic libraries.',
  memory: 'C and C++ memory management of what a JavaScript value or the garbage collector holds here.',
  extension:
    "A place for C++ code of one's own inside the engine; what can be written in TypeScript has a callback instead.",
  internal: 'Machinery between parts of RocksDB, or for its own tests and benchmarks, that is in its public folder.',
  format: 'Reading the bytes is what a program of RocksDB does, reached as a whole, not function by function.',
};

/** It is there: targets as in targets.mjs, and what is worth knowing. */
export const at = (targets, note) => ({ at: [targets].flat(), ...(note ? { note } : {}) });

/** It is not there, for a reason of REASONS, and what that means for this one. */
export const no = (why, note) => {
  if (!Object.hasOwn(REASONS, why)) throw new Error(`'${why}' is not a reason of REASONS`);
  return { why, ...(note ? { note } : {}) };
};

export const camel = (snake) => snake.replace(/_([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase());
