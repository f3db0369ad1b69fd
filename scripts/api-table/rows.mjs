// What a row of the map says: where something is, or why it is not.

/**
 * Reasons for which something has no counterpart. Each stands in the table's legend with its text.
 */
export const REASONS = {
  deprecated:
    'RocksDB itself has deprecated it, refuses it or never finished it, or it does nothing any more.',
  oneThread: 'The engine has one thread: there is nothing that it could tell or change.',
  wasm:
    'WebAssembly and WASI have nothing of the kind: memory maps, direct I/O, processes, ' +
    'dynamic libraries.',
  engine:
    'The engine brings its own, written for one thread over WASI; what lies below it (files, clock, ' +
    'randomness) is a TypeScript interface.',
  extension:
    "A place for C++ code of one's own within the engine, called for every block, node or byte; " +
    'the callbacks that make sense across the boundary are listed where they are.',
  cpp: 'A help for programs in C++ that TypeScript has no use for.',
  memory:
    'Memory management in C and C++ of what is a JavaScript value here, or a handle with free().',
  internal:
    'Machinery between parts of RocksDB, or for its own tests and tools, in the public folder.',
  experimental:
    'RocksDB marks it as experimental or under construction: it may go or change in any version.',
};

/** It is there: targets as in targets.mjs, and what is worth knowing. */
export const at = (targets, note) => ({ at: [targets].flat(), ...(note ? { note } : {}) });

/** It is not there, for a reason of REASONS, and what that means for this one. */
export const no = (why, note) => {
  if (!Object.hasOwn(REASONS, why)) throw new Error(`'${why}' is not a reason of REASONS`);
  return { why, ...(note ? { note } : {}) };
};

/**
 * A class, struct or enum that is at `targets`, or (`no(...)`) not there with all that it has.
 * Members are where `methods` and `fields` say, with `{}` for their names in camelCase; `names` has
 * the exceptions.
 */
export const type = (targets, members = {}) => ({ ...asRow(targets), members });

export const asRow = (given) =>
  typeof given === 'string' || Array.isArray(given) ? at(given) : given;

/**
 * `write_buffer_size`, `NewIterator`, `SyncWAL`, `DBPath` -> writeBufferSize, newIterator, syncWAL,
 * dbPath
 */
export const camel = (name) =>
  name
    .replace(/_+$/, '')
    .replace(/_+([a-zA-Z0-9])/g, (_, letter) => letter.toUpperCase())
    .replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (letters) => letters.toLowerCase());
