/** An open file whose calls fail as an injector says. */
import type { FileHandle } from '../wasi/file-system.js';
import type { DiskSpace } from './disk-space.js';
import { type Effect, type Injector, injected } from './injector.js';

/** Takes over `file`: closing the one returned closes it. */
export function faultyFile(
  file: FileHandle,
  path: string,
  injector: Injector,
  space: DiskSpace,
): FileHandle {
  const closed = space.opened(file);
  return {
    read: (into, position) => read(file, path, injector, into, position),
    write: (from, position) => write(file, path, injector, space, from, position),
    stat: () => injector.run('stat', path, () => file.stat()),
    setModified: (ns) => injector.run('setModified', path, () => file.setModified(ns)),
    truncate: (size) => injector.run('truncate', path, () => space.truncate(file, size, path)),
    sync: () => injector.run('sync', path, () => file.sync()),
    dataSync: () => injector.run('sync', path, () => file.dataSync()),
    close: () =>
      injector.run('close', path, () => {
        closed();
        file.close();
      }),
  };
}

function read(
  file: FileHandle,
  path: string,
  injector: Injector,
  into: Uint8Array,
  position: number,
): number {
  const effect = injector.meet('read', path);
  if (effect === undefined) return file.read(into, position);
  const { errno, fails, bytes = into.length } = effect;
  if (errno !== undefined && fails === 'before') throw injected(errno, 'read', path);
  const done = bytes === 0 ? 0 : file.read(into.subarray(0, bytes), position);
  flip(effect, 'read', path, injector, into.subarray(0, done), position);
  if (errno !== undefined) throw injected(errno, 'read', path);
  return done;
}

function write(
  file: FileHandle,
  path: string,
  injector: Injector,
  space: DiskSpace,
  from: Uint8Array,
  position: number,
): number {
  const effect = injector.meet('write', path);
  const { errno, fails, bytes } = effect ?? {};
  if (errno !== undefined && fails === 'before' && bytes === undefined) {
    throw injected(errno, 'write', path);
  }
  const allowed = Math.min(bytes ?? from.length, from.length);
  let part = from.subarray(0, space.roomFor(file, position, allowed, path));
  if (effect?.flipBits !== undefined) {
    // What is written is the caller's and stays as it is.
    part = part.slice();
    flip(effect, 'write', path, injector, part, position);
  }
  const done = part.length === 0 ? 0 : space.changing(file, () => file.write(part, position));
  if (errno !== undefined) throw injected(errno, 'write', path);
  return done;
}

/** Flips bits of data that lies at `position` of its file, if the effect is about them. */
function flip(
  effect: Effect,
  operation: 'read' | 'write',
  path: string,
  injector: Injector,
  data: Uint8Array,
  position: number,
): void {
  if (effect.flipBits === undefined) return;
  const bits = injector.chooseBits(0, data.length * 8, effect.flipBits);
  for (const bit of bits) data[bit >>> 3] = (data[bit >>> 3] as number) ^ (1 << (bit & 7));
  const inFile = bits.map((bit) => position * 8 + bit);
  injector.note(operation, path, effect, effect.struck, inFile);
}
