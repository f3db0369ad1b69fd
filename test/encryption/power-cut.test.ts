/** What a power cut leaves of encrypted files: nothing that was synced is lost, and no garbage is read. */
import { EncryptionError, type FileSystem, MemoryFileSystem } from 'rocksdb-wasm';
import { PowerCutFileSystem } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { PAGE_BYTES, pageOf } from '../../src/encryption/layout.js';
import {
  CREATE,
  concat,
  type Draw,
  differenceOf,
  drawBytes,
  draws,
  encrypted,
  READ,
  readAll,
  runs,
  WRITE,
} from './fixtures.js';

/** Length of an append: mostly small, as a log's are. */
function drawLength(draw: Draw): number {
  return [draw(60) + 1, draw(400) + 1, draw(3000) + 1, draw(2 * PAGE_BYTES) + 1][draw(4)] as number;
}

describe('a power cut', () => {
  it('leaves of a file that is appended to what was synced, and nothing that was not written', () => {
    let more = 0;
    for (let seed = 0; seed < runs(12); seed++) {
      const draw = draws(seed);
      const disk = new PowerCutFileSystem({ appends: 'any' });
      let fileSystem = encrypted(disk);
      let file = fileSystem.open('/f', CREATE);
      fileSystem.openDirectory('/').sync();
      let content = new Uint8Array(0);
      let synced = 0;
      let step = 0;
      const check = () => {
        const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
        expect([seed, step, left.length >= synced]).toEqual([seed, step, true]);
        const there = content.subarray(0, left.length);
        expect([seed, step, differenceOf(left, there)]).toEqual([seed, step, -1]);
        if (left.length > synced) more++;
      };
      disk.onOperation = check;
      for (; step < 25; step++) {
        const what = draw(10);
        if (what < 6) {
          const bytes = drawBytes(draw, drawLength(draw));
          content = concat(content, bytes);
          file.write(bytes, content.length - bytes.length);
        } else if (what < 9) {
          if (what === 8) file.sync();
          else file.dataSync();
          synced = content.length;
        } else {
          file.close();
          fileSystem = encrypted(disk);
          file = fileSystem.open('/f', WRITE);
        }
        for (let cut = 0; cut < 3; cut++) check();
      }
    }
    expect(more).toBeGreaterThan(20);
  });

  it('and a second one, after the file was appended to again, loses nothing either', () => {
    for (let seed = 0; seed < runs(10); seed++) {
      const draw = draws(5000 + seed);
      let inner: FileSystem = new PowerCutFileSystem({ appends: 'any' });
      let content = new Uint8Array(0);
      for (let life = 0; life < 8; life++) {
        const disk = new PowerCutFileSystem({ appends: 'any' });
        copyTo(inner, disk);
        const file = encrypted(disk).open('/f', CREATE);
        encrypted(disk).openDirectory('/').sync();
        expect([seed, life, file.stat().size >= content.length]).toEqual([seed, life, true]);
        // What an unsynced write left behind is overwritten.
        file.truncate(content.length);
        let synced = content.length;
        for (let write = draw(5); write >= 0; write--) {
          const bytes = drawBytes(draw, drawLength(draw));
          file.write(bytes, content.length);
          content = concat(content, bytes);
          if (draw(2) === 0) {
            file.sync();
            synced = content.length;
          }
        }
        inner = disk.afterPowerCut({ seed: draw(2 ** 31) });
        const left = readAll(encrypted(inner), '/f');
        expect([seed, life, left.length >= synced]).toEqual([seed, life, true]);
        content = content.slice(0, left.length);
        expect([seed, life, differenceOf(left, content)]).toEqual([seed, life, -1]);
      }
    }
  });

  it('leaves of a file that is overwritten from its start the synced beginning', () => {
    for (let seed = 0; seed < runs(10); seed++) {
      const draw = draws(9000 + seed);
      const disk = new PowerCutFileSystem({ appends: 'any' });
      let file = encrypted(disk).open('/f', CREATE);
      encrypted(disk).openDirectory('/').sync();
      let old = new Uint8Array(0);
      for (let life = 0; life < 4; life++) {
        const content = old.slice();
        let end = 0;
        let synced = 0;
        let began = false;
        for (let step = 0; step < 10; step++) {
          if (draw(3) > 0) {
            const bytes = drawBytes(draw, drawLength(draw));
            file.write(bytes, end);
            old = Uint8Array.from(
              { length: Math.max(old.length, end + bytes.length) },
              (_, index) =>
                index >= end && index < end + bytes.length
                  ? (bytes[index - end] as number)
                  : (old[index] as number),
            );
            end += bytes.length;
            began = true;
          } else {
            file.sync();
            synced = end;
          }
          const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
          const place = `seed ${seed}, life ${life}, step ${step}`;
          expect([place, left.length >= synced]).toEqual([place, true]);
          // New up to what was synced; then each byte is the new one or the old one, or the file ends.
          expect([place, differenceOf(left.subarray(0, synced), old.subarray(0, synced))]).toEqual([
            place,
            -1,
          ]);
          const foreign = left.findIndex((byte, at) => byte !== old[at] && byte !== content[at]);
          expect([place, foreign]).toEqual([place, -1]);
          if (!began) expect([place, left.length]).toEqual([place, content.length]);
        }
        file.sync();
        file.close();
        file = encrypted(disk).open('/f', WRITE);
        file.sync();
      }
      file.close();
    }
  });

  it('while a file is cut shorter leaves what is kept', () => {
    for (let seed = 0; seed < runs(25); seed++) {
      const draw = draws(13_000 + seed);
      const disk = new PowerCutFileSystem({ appends: 'any' });
      const file = encrypted(disk).open('/f', CREATE);
      encrypted(disk).openDirectory('/').sync();
      const content = drawBytes(draw, draw(3 * PAGE_BYTES) + 10);
      file.write(content, 0);
      file.sync();
      const kept = draw(content.length - 1) + 1;
      disk.onOperation = () => check();
      const check = () => {
        const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
        expect([seed, left.length >= kept]).toEqual([seed, true]);
        expect([seed, differenceOf(left, content.subarray(0, left.length))]).toEqual([seed, -1]);
      };
      file.truncate(kept);
      check();
      file.sync();
      expect(readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f').length).toBe(
        kept,
      );
      file.close();
    }
  });

  it('while a page is encrypted anew, after many small overwrites, leaves one state or the other', () => {
    let anew = 0;
    for (let seed = 0; seed < runs(10); seed++) {
      const draw = draws(17_000 + seed);
      const disk = new PowerCutFileSystem({ appends: 'any' });
      const file = encrypted(disk).open('/f', CREATE);
      encrypted(disk).openDirectory('/').sync();
      const content = drawBytes(draw, PAGE_BYTES + draw(PAGE_BYTES));
      file.write(content, 0);
      file.sync();
      for (let write = 0; write < 8; write++) {
        const at = 100 + write * 500;
        const before = content.slice();
        let changes = 0;
        // The beginning of the page and all other pages are never at risk; nor is anything once synced.
        disk.onOperation = () => {
          changes++;
          const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
          expect([seed, write, differenceOf(left.subarray(0, at), before.subarray(0, at))]).toEqual(
            [seed, write, -1],
          );
        };
        const bytes = drawBytes(draw, 10);
        file.write(bytes, at);
        disk.onOperation('write', '/f');
        content.set(bytes, at);
        disk.onOperation = undefined;
        if (changes > 5) anew++;
        file.sync();
        const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
        expect([seed, write, differenceOf(left, content)]).toEqual([seed, write, -1]);
      }
      file.close();
    }
    expect(anew).toBeGreaterThan(0);
  });

  it('costs nothing that was synced and lies, in its page, before what was written since', () => {
    for (let seed = 0; seed < runs(12); seed++) {
      const draw = draws(21_000 + seed);
      const disk = new PowerCutFileSystem({ appends: 'any' });
      const file = encrypted(disk).open('/f', CREATE);
      encrypted(disk).openDirectory('/').sync();
      let content = new Uint8Array(0);
      let durable = content;
      // How much of each page lies before all that was written since the last sync.
      const untouched = new Map<number, number>();
      const touch = (from: number, to: number) => {
        for (let page = pageOf(from); page * PAGE_BYTES < to; page++) {
          const offset = Math.max(from - page * PAGE_BYTES, 0);
          untouched.set(page, Math.min(untouched.get(page) ?? PAGE_BYTES, offset));
        }
      };
      let place = '';
      const check = () => {
        for (let cut = 0; cut < 2; cut++) {
          const left = encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })).open('/f', READ);
          for (let page = 0; page * PAGE_BYTES < durable.length; page++) {
            const at = page * PAGE_BYTES;
            const safe = durable.subarray(at, at + (untouched.get(page) ?? PAGE_BYTES));
            const into = new Uint8Array(safe.length);
            const read = left.read(into, at);
            expect([place, page, differenceOf(into.subarray(0, read), safe)]).toEqual([
              place,
              page,
              -1,
            ]);
          }
          left.close();
        }
      };
      disk.onOperation = check;
      for (let step = 0; step < 25; step++) {
        place = `seed ${seed}, step ${step}`;
        const what = draw(10);
        if (what < 3) {
          const bytes = drawBytes(draw, drawLength(draw));
          touch(content.length, content.length + bytes.length);
          file.write(bytes, content.length);
          content = concat(content, bytes);
        } else if (what < 7 && content.length > 0) {
          const page = what === 6 && content.length > 2 * PAGE_BYTES;
          const bytes = drawBytes(draw, page ? PAGE_BYTES : draw(50) + 1);
          const last = Math.max(content.length - bytes.length, 0);
          const position = page ? draw(2) * PAGE_BYTES : Math.min(draw(content.length), last);
          touch(position, position + bytes.length);
          file.write(bytes.subarray(0, content.length - position), position);
          content.set(bytes.subarray(0, content.length - position), position);
        } else if (what === 7 && content.length > 1) {
          const size = content.length - draw(Math.min(content.length, 2000));
          touch(size, content.length);
          file.truncate(size);
          content = content.slice(0, size);
        } else {
          file.sync();
          durable = content.slice();
          untouched.clear();
        }
        check();
      }
      disk.onOperation = undefined;
      file.close();
      expect(differenceOf(readAll(encrypted(disk), '/f'), content)).toBe(-1);
    }
  });

  it('costs nothing of a page that others were written after', () => {
    const draw = draws(31_000);
    const disk = new PowerCutFileSystem({ appends: 'any' });
    const file = encrypted(disk).open('/f', CREATE);
    encrypted(disk).openDirectory('/').sync();
    file.write(new Uint8Array(2 * PAGE_BYTES).fill(1), 0);
    file.sync();
    file.write(new Uint8Array(1000).fill(2), 2 * PAGE_BYTES);
    file.write(new Uint8Array(PAGE_BYTES).fill(3), PAGE_BYTES);
    file.sync();
    file.write(new Uint8Array(1000).fill(4), 2 * PAGE_BYTES + 1000);
    for (let cut = 0; cut < 50; cut++) {
      const left = readAll(encrypted(disk.afterPowerCut({ seed: draw(2 ** 31) })), '/f');
      expect(left.length).toBeGreaterThanOrEqual(2 * PAGE_BYTES + 1000);
    }
    file.close();
  });

  it('is told from damage: what was synced before the last sync must all be there', () => {
    const disk = new PowerCutFileSystem({ appends: 'any' });
    const fileSystem = encrypted(disk);
    const file = fileSystem.open('/f', CREATE);
    file.write(new Uint8Array(100).fill(1), 0);
    file.sync();
    file.write(new Uint8Array(100).fill(2), 100);
    file.sync();
    fileSystem.openDirectory('/').sync();
    const left = disk.afterPowerCut({ seed: 0, survival: 'none' });
    const raw = left.open('/f', WRITE);
    raw.write(new Uint8Array(1), raw.stat().size - 150);
    raw.close();
    expect(() => readAll(encrypted(left), '/f')).toThrow(EncryptionError);
    file.close();
  });
});

describe('a file that was closed', () => {
  it('claims all that was synced, though more was written after it', () => {
    const inner = new MemoryFileSystem();
    const file = encrypted(inner).open('/f', CREATE);
    file.write(new Uint8Array(100).fill(1), 0);
    file.sync();
    file.write(new Uint8Array(100).fill(2), 100);
    file.close();
    const raw = inner.open('/f', WRITE);
    raw.write(new Uint8Array(1), raw.stat().size - 150);
    raw.close();
    expect(() => readAll(encrypted(inner), '/f')).toThrow(EncryptionError);
  });
});

/** Copies `/f` as it is on disk. */
function copyTo(from: FileSystem, to: PowerCutFileSystem): void {
  if (!from.readDirectory('/').some(({ name }) => name === 'f')) return;
  const content = readAll(from, '/f');
  const file = to.open('/f', CREATE);
  file.write(content, 0);
  file.sync();
  file.close();
}
