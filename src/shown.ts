/**
 * What a value is, in a few words, for the message that refuses it. Never throws, whatever the value is, and never looks
 * into objects: a handle leads to the whole memory of its engine.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, SHOWN_LENGTH);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  return String(value);
}

/** The same, with quotes around texts. */
export function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(shown(value)) : shown(value);
}

const SHOWN_LENGTH = 200;
