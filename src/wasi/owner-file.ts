/** The owner files beside a LOCK file: made whole, read whole, removed by their owner. See lock.ts. */
import * as fs from 'node:fs';
import { systemClock } from './clock.js';
import { type OwnerRecord, parseRecord } from './lock-owner.js';

/** How often, and how long each time, the writer of a file is waited for. */
const WAITS_MAX = 20;
const WAIT_NS = 5_000_000n;

/**
 * Makes an owner file, and beside it its draft, the same file by another name, which the caller removes once
 * it no longer contends. False when there is one of this name.
 */
export function publish(file: string, draft: string, record: OwnerRecord): boolean {
  try {
    // Synced, since a power cut could otherwise leave a name without content, held for ever.
    writeNew(draft, record);
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    // A reply that was lost on the network: the link may be ours all the same.
    if (code === 'EEXIST') return isOurs(file, record);
    // A holder has cleaned up behind the draft.
    if (code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw error;
    }
  }
  try {
    writeNew(file, record);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}

function writeNew(file: string, record: OwnerRecord): void {
  const fd = fs.openSync(file, 'wx', 0o644);
  try {
    fs.writeFileSync(fd, `${JSON.stringify(record)}\n`);
    fs.fsyncSync(fd);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whether its owner is not yet sure to have the lock: its draft is still there. */
export function isContended(file: string): boolean {
  try {
    return fs.statSync(file).nlink > 1;
  } catch (error) {
    // Gone: it withdraws.
    if ((error as { code?: unknown }).code === 'ENOENT') return true;
    throw error;
  }
}

/**
 * Removes our own owner file; marks it where it cannot be removed. False: it is not there, or not ours.
 */
export function withdraw(file: string, record: OwnerRecord): boolean {
  if (!isOurs(file, record)) return false;
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return false;
    fs.writeFileSync(file, `${JSON.stringify({ ...record, released: true })}\n`);
  }
  return true;
}

export function isOurs(file: string, { token }: OwnerRecord): boolean {
  const found = readRecord(file);
  return found !== 'gone' && found?.token === token;
}

/** Undefined: it stays unreadable though its writer has had time to finish it. */
export function readRecord(file: string): OwnerRecord | 'gone' | undefined {
  for (let wait = 0; ; wait++) {
    const record = readOnce(file);
    if (record === 'denied') return undefined;
    if (record !== undefined || wait === WAITS_MAX) return record;
    systemClock.sleep(WAIT_NS);
  }
}

/** Undefined: it is not whole. */
export function readOnce(file: string): OwnerRecord | 'gone' | 'denied' | undefined {
  try {
    return parseRecord(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT') return 'gone';
    if (code === 'EACCES' || code === 'EPERM') return 'denied';
    throw error;
  }
}
