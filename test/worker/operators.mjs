/** The setup module of the tests: what runs in the worker. */
export const backwards = {
  name: 'test.backwards',
  compare(a, b) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) if (a[i] !== b[i]) return b[i] - a[i];
    return b.length - a.length;
  },
};

/** Joins operands with commas. */
export const joined = {
  name: 'test.joined',
  merge(_key, existing, operand) {
    const text = new TextDecoder();
    const parts = existing === undefined ? [] : [text.decode(existing)];
    return new TextEncoder().encode([...parts, text.decode(operand)].join(','));
  },
};

/** Sums the lengths of all values, in one call. */
export function valueBytes(db) {
  const iterator = db.iterator();
  try {
    let sum = 0;
    for (const [, value] of iterator) sum += value.length;
    return sum;
  } finally {
    iterator.free();
  }
}

export function perfOf(db, key) {
  return db.withPerfContext('enableCount', () => db.get(key)).result;
}

/** Blocks the worker. */
export function busy(milliseconds) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

export function fails() {
  throw new RangeError('as it was told');
}

export const notAFunction = 7;

/** Ends the worker as a program's mistake would. */
export function crash() {
  setTimeout(() => {
    throw new Error('the worker made a mistake');
  }, 0);
}
