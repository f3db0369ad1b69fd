/**
 * Encrypted files against arrays: whatever is done to them in whatever order, they read as plain ones
 * would; and no byte of keystream ever encrypts two bytes.
 */
import { type FileSystem, FileSystemError, MemoryFileSystem } from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import {
  DESCRIPTOR_BYTES,
  HEADER_BYTES,
  PAGE_BYTES,
  PAGE_STRIDE,
} from '../../src/encryption/layout.js';
import { decodeDescriptor } from '../../src/encryption/page.js';
import type { FileHandle } from '../../src/wasi/file-system.js';
import {
  CREATE,
  type Draw,
  differenceOf,
  drawBytes,
  draws,
  encrypted,
  readAll,
  runs,
} from './fixtures.js';

/** A position that is often one where something begins. */
function drawPosition(draw: Draw, size: number): number {
  const pages = draw(4) * PAGE_BYTES;
  const places = [0, size, pages, pages + draw(40), Math.max(pages - draw(40), 0), draw(size + 1)];
  return places[draw(places.length)] as number;
}

function drawLength(draw: Draw): number {
  const lengths = [1, draw(20) + 1, draw(300) + 1, draw(9000) + 1, PAGE_BYTES, draw(30_000) + 1];
  return lengths[draw(lengths.length)] as number;
}

/** What plain files do. */
class Model {
  content = new Uint8Array(0);

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.content.length) this.truncate(end);
    this.content.set(bytes, position);
  }

  truncate(size: number): void {
    const content = new Uint8Array(size);
    content.set(this.content.subarray(0, size));
    this.content = content;
  }
}

/** One random run; `check` after each step. */
function run(inner: FileSystem, draw: Draw, steps: number, check: () => void = () => {}): void {
  const model = new Model();
  let fileSystem = encrypted(inner);
  let file = fileSystem.open('/f', CREATE);
  let wrote = 0;
  const attempt = (change: () => void) => {
    try {
      change();
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== 'ENOSPC') throw error;
      return false;
    }
    return true;
  };
  for (let step = 0; step < steps; step++) {
    const what = draw(20);
    if (what < 8) {
      const bytes = drawBytes(draw, drawLength(draw));
      const position = what < 4 ? wrote : drawPosition(draw, model.content.length);
      if (!attempt(() => file.write(bytes, position))) return;
      model.write(bytes, position);
      wrote = position + bytes.length;
    } else if (what < 10) {
      const size = drawPosition(draw, model.content.length);
      if (!attempt(() => file.truncate(size))) return;
      model.truncate(size);
      wrote = size;
    } else if (what < 13) {
      file.sync();
    } else if (what < 15) {
      file.close();
      if (what === 14) fileSystem = encrypted(inner);
      file = fileSystem.open('/f', CREATE);
    } else if (what === 15) {
      // What a process that was killed leaves: all that it wrote.
      const seen = readAll(encrypted(inner), '/f');
      expect([step, differenceOf(seen, model.content)]).toEqual([step, -1]);
    } else {
      const position = drawPosition(draw, model.content.length);
      const into = new Uint8Array(drawLength(draw));
      const read = readFrom(file, into, position);
      const there = model.content.subarray(position, position + into.length);
      expect([step, differenceOf(into.subarray(0, read), there)]).toEqual([step, -1]);
    }
    expect([step, file.stat().size]).toEqual([step, model.content.length]);
    check();
  }
  file.close();
  expect(differenceOf(readAll(fileSystem, '/f'), model.content)).toBe(-1);
}

function readFrom(file: FileHandle, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const read = file.read(into.subarray(done), position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** Watches what is on disk: the ciphertext byte of each place in each keystream. */
class KeystreamWatch {
  readonly #used = new Map<string, Map<number, number>>();
  bytes = 0;

  look(inner: FileSystem): void {
    const disk = readAll(inner, '/f');
    for (let at = HEADER_BYTES; at < disk.length; at += PAGE_STRIDE) {
      const descriptor = decodeDescriptor(disk.subarray(at));
      for (const { start, end, iv } of descriptor?.regions ?? []) {
        const name = Buffer.from(iv).toString('hex');
        const used = this.#used.get(name) ?? new Map<number, number>();
        this.#used.set(name, used);
        for (let offset = start; offset < end; offset++) {
          const byte = disk[at + DESCRIPTOR_BYTES + offset];
          if (byte === undefined) continue;
          const before = used.get(offset);
          if (before !== undefined && before !== byte) {
            throw new Error(`keystream ${name} at ${offset} was used twice`);
          }
          used.set(offset, byte);
          this.bytes++;
        }
      }
    }
  }
}

describe('an encrypted file', () => {
  it('reads as a plain one, whatever is done to it', () => {
    for (let seed = 0; seed < runs(15); seed++) run(new MemoryFileSystem(), draws(seed), 80);
  });

  it('never uses a byte of keystream twice', () => {
    for (let seed = 0; seed < runs(4); seed++) {
      const inner = new MemoryFileSystem();
      const watch = new KeystreamWatch();
      run(inner, draws(1000 + seed), 50, () => watch.look(inner));
      expect(watch.bytes).toBeGreaterThan(1000);
    }
  });

  it('never uses a byte of keystream twice after a write that failed', () => {
    for (let seed = 0; seed < runs(3); seed++) {
      const memory = new MemoryFileSystem();
      const disk = new TearingFileSystem(memory);
      const watch = new KeystreamWatch();
      const draw = draws(2000 + seed);
      for (let part = 0; part < 8; part++) {
        const file = encrypted(disk).open('/f', CREATE);
        for (let write = 0; write < 5; write++) {
          disk.fails = draw(3) === 0;
          try {
            file.write(drawBytes(draw, drawLength(draw)), draw(2) * file.stat().size);
          } catch (error) {
            expect((error as FileSystemError).code).toBe('ENOSPC');
          }
          watch.look(memory);
        }
        disk.fails = false;
        file.close();
      }
    }
  });

  it('keeps all that was written before a write that failed, synced or not', () => {
    for (const written of [100, 3000, PAGE_BYTES - 10]) {
      for (const failing of [10, 500, 2 * PAGE_BYTES]) {
        const memory = new MemoryFileSystem();
        const disk = new TearingFileSystem(memory);
        const file = encrypted(disk).open('/f', CREATE);
        const content = drawBytes(draws(written), written);
        file.write(content.subarray(0, 50), 0);
        file.sync();
        file.write(content.subarray(50), 50);
        disk.fails = true;
        expect(() => file.write(new Uint8Array(failing), written)).toThrow('ENOSPC');
        disk.fails = false;
        const left = readAll(encrypted(memory), '/f').subarray(0, written);
        expect([written, failing, differenceOf(left, content)]).toEqual([written, failing, -1]);
        // And it goes on from there.
        file.write(Uint8Array.of(1, 2, 3), written);
        const after = readAll(encrypted(memory), '/f');
        expect([...after.subarray(written, written + 3)]).toEqual([1, 2, 3]);
        file.close();
      }
    }
  });
});

/** Writes a part of what it is given, and then there is no room. */
class TearingFileSystem extends FaultFileSystem {
  fails = false;

  override open(...[path, flags]: Parameters<FileSystem['open']>): FileHandle {
    const file = super.open(path, flags);
    const { write } = file;
    return {
      ...file,
      write: (from, position) => {
        if (!this.fails) return write(from, position);
        // What there is room for: what it had.
        if (position + from.length <= file.stat().size) return write(from, position);
        write(from.subarray(0, Math.ceil(from.length / 2)), position);
        throw new FileSystemError('ENOSPC', path);
      },
    };
  }
}
