/**
 * The envelope: a file's own keys, wrapped by a master key whose name it tells.
 *
 * The file's keys are random, so that no two files share a keystream and a master key can be changed
 * without touching the data. They are wrapped by AES-256-GCM under a key that HKDF derives from the
 * master key and a random salt, for this one envelope; all of its other fields are authenticated with
 * them. An unkeyed checksum tells damage from a wrong key.
 */
import { EncryptionError } from '../errors.js';
import {
  deriveKey,
  digest,
  equalBytes,
  IV_BYTES,
  KEY_BYTES,
  randomBytes,
  seal,
  TAG_BYTES,
  unseal,
} from './cipher.js';
import { KEY_ID_BYTES_MAX, type KeyRing } from './key-ring.js';
import { isZero, RECORDS_AT, SECTOR_BYTES } from './layout.js';

/** The keys of one file. */
export interface FileKeys {
  /** For the content. */
  readonly data: Uint8Array;
  /** For what is only authenticated. */
  readonly mac: Uint8Array;
}

export interface Envelope {
  readonly keys: FileKeys;
  readonly keyId: string;
  /** 0 or 1: the place in the header. */
  readonly place: number;
  /** Of two that are valid, the higher one counts. */
  readonly generation: number;
}

const MAGIC = new TextEncoder().encode('rdbw-enc');
const VERSION = 1;
const PURPOSE = 'rocksdb-wasm: wraps the keys of a file, version 1';
const SALT_BYTES = 32;
const CHECKSUM_BYTES = 16;

const VERSION_AT = MAGIC.length;
const ID_LENGTH_AT = VERSION_AT + 2;
const GENERATION_AT = ID_LENGTH_AT + 2;
const SALT_AT = GENERATION_AT + 4;
const ID_AT = SALT_AT + SALT_BYTES;
/** Up to here everything is authenticated. */
const WRAPPED_AT = ID_AT + KEY_ID_BYTES_MAX + 1;
const TAG_AT = WRAPPED_AT + 2 * KEY_BYTES;
const CHECKSUM_AT = SECTOR_BYTES - CHECKSUM_BYTES;

/** The wrapping key is used once, so that its nonce can be anything. */
const WRAP_IV = new Uint8Array(IV_BYTES);

export function newFileKeys(): FileKeys {
  return { data: randomBytes(KEY_BYTES).slice(), mac: randomBytes(KEY_BYTES).slice() };
}

/** The envelope of these keys under the current master key: a sector. */
export function encodeEnvelope({ data, mac }: FileKeys, ring: KeyRing, generation: number) {
  const bytes = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(bytes.buffer);
  const id = new TextEncoder().encode(ring.currentId);
  bytes.set(MAGIC);
  view.setUint16(VERSION_AT, VERSION, true);
  view.setUint16(ID_LENGTH_AT, id.length, true);
  view.setUint32(GENERATION_AT, generation, true);
  bytes.set(randomBytes(SALT_BYTES), SALT_AT);
  bytes.set(id, ID_AT);
  const plain = new Uint8Array(2 * KEY_BYTES);
  plain.set(data);
  plain.set(mac, KEY_BYTES);
  const context = bytes.subarray(0, WRAPPED_AT);
  const { text, tag } = seal(wrappingKey(ring.current, bytes), WRAP_IV, context, plain);
  bytes.set(text, WRAPPED_AT);
  bytes.set(tag, TAG_AT);
  bytes.set(checksumOf(bytes), CHECKSUM_AT);
  return bytes;
}

export interface OpenedEnvelope {
  readonly envelope: Envelope;
  /** All that could be opened: two while a change of the master key is under way. */
  readonly all: readonly Envelope[];
}

/**
 * Opens the envelope of a header, or of as much of one as there is. Undefined: there are only zeros, as a
 * power cut leaves a file that was never synced. Throws EncryptionError.
 */
export function openEnvelope(
  header: Uint8Array,
  ring: KeyRing,
  path: string,
): OpenedEnvelope | undefined {
  if (isZero(header.subarray(0, RECORDS_AT))) return undefined;
  const places = [0, 1].map((place) => {
    const bytes = header.subarray(place * SECTOR_BYTES, (place + 1) * SECTOR_BYTES);
    return { place, bytes, trouble: troubleOf(bytes, ring, path) };
  });
  const opened = places
    .filter(({ trouble }) => trouble === undefined)
    .map(({ place, bytes }) => unwrap(bytes, place, ring))
    .filter((envelope) => envelope !== undefined)
    .sort((a, b) => b.generation - a.generation);
  if (opened[0] !== undefined) return { envelope: opened[0], all: opened };
  const wrong = places.find(({ trouble }) => trouble === undefined);
  if (wrong !== undefined) throw wrongKey(wrong.bytes, path);
  const troubles = places.map(({ trouble }) => trouble as EncryptionError);
  throw troubles.sort((a, b) => rankOf(a) - rankOf(b))[0];
}

/** Name of the master key in a header, which takes no key to read; undefined: it is not one of an encrypted file. */
export function keyNameIn(header: Uint8Array): string | undefined {
  const magic = header.subarray(0, MAGIC.length);
  if (header.length < SECTOR_BYTES || !equalBytes(magic, MAGIC)) return undefined;
  return keyIdOf(header);
}

/** Why an envelope cannot be opened, as far as that shows without a key. */
function troubleOf(bytes: Uint8Array, ring: KeyRing, path: string): EncryptionError | undefined {
  const magic = bytes.subarray(0, MAGIC.length);
  if (magic.length === 0 || !equalBytes(magic, MAGIC.subarray(0, magic.length))) {
    return new EncryptionError(
      'ERR_ROCKSDB_NOT_ENCRYPTED',
      `${path} is not a file of EncryptedFileSystem: open its database without encryption, or make an ` +
        'encrypted copy of it by copyDatabase()',
      path,
    );
  }
  if (bytes.length < SECTOR_BYTES) {
    return new EncryptionError(
      'ERR_ROCKSDB_ENCRYPTION_HEADER_TRUNCATED',
      `${path} ends after ${bytes.length} bytes, in the header that holds its keys: restore it from a backup`,
      path,
    );
  }
  if (!equalBytes(bytes.subarray(CHECKSUM_AT), checksumOf(bytes))) {
    return new EncryptionError(
      'ERR_ROCKSDB_ENCRYPTION_HEADER_DAMAGED',
      `the header of ${path}, which holds its keys, is damaged: restore it from a backup`,
      path,
    );
  }
  const version = viewOf(bytes).getUint16(VERSION_AT, true);
  if (version !== VERSION) {
    return new EncryptionError(
      'ERR_ROCKSDB_ENCRYPTION_VERSION',
      `${path} has version ${version} of the format, this is version ${VERSION}: use a newer rocksdb-wasm`,
      path,
    );
  }
  const id = keyIdOf(bytes);
  if (ring.get(id) !== undefined) return undefined;
  return new EncryptionError(
    'ERR_ROCKSDB_ENCRYPTION_KEY_MISSING',
    `${path} is encrypted with key '${id}', which is not among the given ones (${ring.names}): add it to keys`,
    path,
  );
}

/** Which trouble to tell of, of two envelopes: the one that says more. */
function rankOf({ code }: EncryptionError): number {
  const ranks = ['KEY_MISSING', 'VERSION', 'DAMAGED', 'TRUNCATED', 'NOT_ENCRYPTED'];
  return ranks.findIndex((rank) => code.endsWith(rank));
}

function wrongKey(envelope: Uint8Array, path: string): EncryptionError {
  return new EncryptionError(
    'ERR_ROCKSDB_ENCRYPTION_WRONG_KEY',
    `the key '${keyIdOf(envelope)}' that was given is not the one that ${path} is encrypted with, or its ` +
      'header was forged: give the right key under this name',
    path,
  );
}

function unwrap(bytes: Uint8Array, place: number, ring: KeyRing): Envelope | undefined {
  const keyId = keyIdOf(bytes);
  const master = ring.get(keyId) as Uint8Array;
  const text = bytes.subarray(WRAPPED_AT, TAG_AT);
  const tag = bytes.subarray(TAG_AT, TAG_AT + TAG_BYTES);
  const context = bytes.subarray(0, WRAPPED_AT);
  const plain = unseal(wrappingKey(master, bytes), WRAP_IV, context, { text, tag });
  if (plain === undefined) return undefined;
  const keys = { data: plain.slice(0, KEY_BYTES), mac: plain.slice(KEY_BYTES) };
  return { keys, keyId, place, generation: viewOf(bytes).getUint32(GENERATION_AT, true) };
}

function wrappingKey(master: Uint8Array, envelope: Uint8Array): Uint8Array {
  return deriveKey(master, envelope.subarray(SALT_AT, ID_AT), PURPOSE);
}

function keyIdOf(envelope: Uint8Array): string {
  const length = Math.min(viewOf(envelope).getUint16(ID_LENGTH_AT, true), KEY_ID_BYTES_MAX);
  return new TextDecoder().decode(envelope.subarray(ID_AT, ID_AT + length));
}

function checksumOf(envelope: Uint8Array): Uint8Array {
  return digest(envelope.subarray(0, CHECKSUM_AT)).subarray(0, CHECKSUM_BYTES);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
