/**
 * The platform's cipher, and the only place that names it: AES-256-GCM, AES-256-CTR, HKDF and SHA-256
 * of node:crypto, which Node, Deno and Bun have.
 */
import * as crypto from 'node:crypto';

export const KEY_BYTES = 32;
/** A nonce of GCM. */
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

const GCM = 'aes-256-gcm';
const CTR = 'aes-256-ctr';
const BLOCK_BYTES = 16;
/** GCM keeps counter 1 of a nonce for its tag; the data begins with 2. */
const FIRST_COUNTER = 2;
const OPTIONS = { authTagLength: TAG_BYTES };
/** Randomness is asked for in pieces of this size: a call costs more than the bytes. */
const POOL_BYTES = 3072;

let pool = new Uint8Array(0);
let poolUsed = 0;

/** From the platform's own source always: a nonce that came twice would undo the encryption. */
export function randomBytes(length: number): Uint8Array {
  if (length > POOL_BYTES) return crypto.randomFillSync(new Uint8Array(length));
  if (poolUsed + length > pool.length) {
    pool = crypto.randomFillSync(new Uint8Array(POOL_BYTES));
    poolUsed = 0;
  }
  poolUsed += length;
  return pool.subarray(poolUsed - length, poolUsed);
}

export interface Sealed {
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
}

/** AES-256-GCM. A nonce must never come twice with one key. */
export function seal(
  key: Uint8Array,
  iv: Uint8Array,
  context: Uint8Array,
  plain: Uint8Array,
): Sealed {
  const cipher = crypto.createCipheriv(GCM, key, iv, OPTIONS).setAAD(context);
  const text = cipher.update(plain);
  cipher.final();
  return { text, tag: cipher.getAuthTag() };
}

/** Undefined when the tag does not fit: nothing that was not verified comes out. */
export function unseal(
  key: Uint8Array,
  iv: Uint8Array,
  context: Uint8Array,
  { text, tag }: Sealed,
): Uint8Array | undefined {
  const decipher = crypto.createDecipheriv(GCM, key, iv, OPTIONS).setAAD(context);
  decipher.setAuthTag(tag);
  const plain = decipher.update(text);
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

/** GMAC: GCM over no plaintext. A nonce must never come twice with one key. */
export function authenticate(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): Uint8Array {
  const cipher = crypto.createCipheriv(GCM, key, nonce, OPTIONS).setAAD(message);
  cipher.final();
  return cipher.getAuthTag();
}

/** Encrypts, and decrypts, from one position onward. */
export type Keystream = (bytes: Uint8Array) => Uint8Array;

/**
 * The keystream that GCM has under this nonce, from `offset` bytes on, so that a part of what `seal`
 * made can be decrypted, or data be encrypted bit by bit.
 */
export function keystream(key: Uint8Array, iv: Uint8Array, offset: number): Keystream {
  const counter = new Uint8Array(BLOCK_BYTES);
  counter.set(iv);
  const block = Math.floor(offset / BLOCK_BYTES) + FIRST_COUNTER;
  new DataView(counter.buffer).setUint32(IV_BYTES, block);
  const cipher = crypto.createCipheriv(CTR, key, counter);
  if (offset % BLOCK_BYTES > 0) cipher.update(new Uint8Array(offset % BLOCK_BYTES));
  return (bytes) => cipher.update(bytes);
}

/** HKDF with SHA-256. */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(crypto.hkdfSync('sha256', secret, salt, purpose, KEY_BYTES));
}

/** SHA-256. */
export function digest(bytes: Uint8Array): Uint8Array {
  return crypto.createHash('sha256').update(bytes).digest();
}

/** In a time that does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}
