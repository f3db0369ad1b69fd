/** The file system whose calls fail by rules, on files as such. What databases do with it: fault-drills.test.ts. */
import { InvalidOptionError, ManualClock, MemoryFileSystem, NodeFileSystem } from 'rocksdb-wasm';
import { FaultFileSystem, type FaultRule, OPERATIONS, type Operation } from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import type { FileSystem, OpenFlags } from '../../src/wasi/file-system.js';
import { tempFolder } from '../support/open.js';

const READ: OpenFlags = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
};
const WRITE: OpenFlags = { ...READ, write: true };
const CREATE: OpenFlags = { ...WRITE, create: true };

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index & 0xff);

function writeFile(files: FileSystem, path: string, content: Uint8Array): void {
  const file = files.open(path, { ...CREATE, truncate: true });
  try {
    for (let done = 0; done < content.length; ) {
      done += file.write(content.subarray(done), done);
    }
  } finally {
    file.close();
  }
}

function readFile(files: FileSystem, path: string): Uint8Array {
  const file = files.open(path, READ);
  try {
    const content = new Uint8Array(file.stat().size);
    for (let done = 0; done < content.length; ) {
      const read = file.read(content.subarray(done), done);
      if (read === 0) return content.subarray(0, done);
      done += read;
    }
    return content;
  } finally {
    file.close();
  }
}

/** What a call ends with: an errno, or nothing. */
function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function faulty(...rules: FaultRule[]) {
  const memory = new MemoryFileSystem();
  memory.createDirectory('/d');
  writeFile(memory, '/d/a.sst', bytes(1000));
  return { memory, files: new FaultFileSystem(memory, { seed: 7, rules }) };
}

/** One call of each operation, on a file and a folder that are there. */
const CALLS: Readonly<Record<Operation, (files: FaultFileSystem) => unknown>> = {
  open: (files) => files.open('/d/a.sst', READ).close(),
  create: (files) => files.open('/d/new', CREATE).close(),
  close: (files) => files.open('/d/a.sst', READ).close(),
  openDirectory: (files) => files.openDirectory('/d').close(),
  stat: (files) => files.stat('/d/a.sst'),
  readDirectory: (files) => files.readDirectory('/d'),
  createDirectory: (files) => files.createDirectory('/d/e'),
  removeDirectory: (files) => files.removeDirectory('/empty'),
  removeFile: (files) => files.removeFile('/d/a.sst'),
  rename: (files) => files.rename('/d/a.sst', '/d/b.sst'),
  link: (files) => files.link('/d/a.sst', '/d/c.sst'),
  setModified: (files) => files.setModified('/d/a.sst', 5n),
  read: (files) => onFile(files, (file) => file.read(new Uint8Array(4), 0)),
  write: (files) => onFile(files, (file) => file.write(bytes(4), 0)),
  truncate: (files) => onFile(files, (file) => file.truncate(10)),
  sync: (files) => onFile(files, (file) => file.dataSync()),
  syncDirectory: (files) => {
    const folder = files.openDirectory('/d');
    try {
      folder.sync();
    } finally {
      folder.close();
    }
  },
  lock: (files) => files.locks.acquire('/d/LOCK').release(),
  unlock: (files) => files.locks.acquire('/d/LOCK').release(),
};

function onFile(files: FileSystem, use: (file: ReturnType<FileSystem['open']>) => unknown): void {
  const file = files.open('/d/a.sst', WRITE);
  try {
    use(file);
  } finally {
    file.close();
  }
}

/** Everything that is on it, and whether the lock is free. */
function stateOf(memory: MemoryFileSystem): unknown {
  const entries = ['/', '/d'].flatMap((folder) =>
    memory.readDirectory(folder).map(({ name, type }) => {
      const path = `${folder === '/' ? '' : folder}/${name}`;
      return [path, type === 'file' ? readFile(memory, path).join() : type];
    }),
  );
  const locked = codeOf(() => memory.locks.acquire('/d/LOCK').release());
  return { entries, locked, modified: memory.stat('/d/a.sst').modifiedNs === 5n };
}

describe('an operation that fails', () => {
  for (const operation of OPERATIONS) {
    it(`once: ${operation}`, () => {
      const { memory, files } = faulty({ operation, errno: 'EROFS' });
      memory.createDirectory('/empty');
      const before = stateOf(memory);
      expect(codeOf(() => CALLS[operation](files))).toBe('EROFS');
      expect(stateOf(memory)).toEqual(before);
      expect(files.injected[operation]).toBe(1);
      expect(files.log).toMatchObject([
        { operation, operationCall: 1, rules: [0], errno: 'EROFS' },
      ]);
      expect(codeOf(() => CALLS[operation](files))).toBe(undefined);
      expect(files.log.length).toBe(1);
    });

    it(`once it is done: ${operation}`, () => {
      const struck = faulty({ operation, errno: 'EIO', fails: 'after' });
      const passed = faulty();
      for (const { memory } of [struck, passed]) memory.createDirectory('/empty');
      expect(codeOf(() => CALLS[operation](struck.files))).toBe('EIO');
      CALLS[operation](passed.files);
      const exists = codeOf(() => struck.memory.stat('/d/a.sst')) === undefined;
      if (exists) expect(stateOf(struck.memory)).toEqual(stateOf(passed.memory));
      else expect(struck.memory.readDirectory('/d')).toEqual(passed.memory.readDirectory('/d'));
    });
  }

  it('leaves nothing open: a file that is reported as not opened can be removed and its room is free', () => {
    const { memory, files } = faulty({ operation: 'create', errno: 'EMFILE', fails: 'after' });
    expect(codeOf(() => files.open('/d/new', CREATE))).toBe('EMFILE');
    memory.removeFile('/d/new');
    memory.removeFile('/d/a.sst');
    expect(memory.bytes).toBe(0);
  });
});

describe('a rule', () => {
  const reads = (files: FaultFileSystem, count: number, path = '/d/a.sst') =>
    Array.from({ length: count }, () => codeOf(() => files.stat(path)) ?? '-').join(' ');

  it('strikes the nth call that fits', () => {
    const { files } = faulty({ operation: 'stat', call: 3, errno: 'EIO' });
    expect(reads(files, 5)).toBe('- - EIO - -');
  });

  it('strikes so many times, or always', () => {
    const rule: FaultRule = { operation: 'stat', call: 2, errno: 'EIO' };
    const { files } = faulty({ ...rule, times: 2 });
    expect(reads(files, 5)).toBe('- EIO EIO - -');
    files.rules = [{ ...rule, times: 'always' }];
    expect(reads(files, 4)).toBe('- EIO EIO EIO');
  });

  it('counts all operations when it names none, and several when it names them', () => {
    const { files } = faulty({ call: 2, errno: 'EIO' });
    files.readDirectory('/d');
    expect(reads(files, 2)).toBe('EIO -');
    files.rules = [{ operation: ['stat', 'rename'], call: 2, errno: 'EIO' }];
    expect(reads(files, 1)).toBe('-');
    files.readDirectory('/d');
    expect(codeOf(() => files.rename('/d/a.sst', '/d/b.sst'))).toBe('EIO');
  });

  it('strikes by the path', () => {
    const fits = (path: string, file: string) => {
      const { files } = faulty({ operation: 'stat', path, errno: 'EXDEV' });
      return codeOf(() => files.stat(file)) === 'EXDEV';
    };
    expect(fits('*.sst', '/d/a.sst')).toBe(true);
    expect(fits('*.sst', '/d/a.sstx')).toBe(false);
    expect(fits('a.*', '/d/aa.sst')).toBe(false);
    expect(fits('/d/*', '/d/a.sst')).toBe(true);
    expect(fits('/d/*', '/d/e/a.sst')).toBe(false);
    expect(fits('/d/**', '/d/e/a.sst')).toBe(true);
    expect(fits('**/e/*', '/d/e/a.sst')).toBe(true);
    expect(fits('/d/?.sst', '/d/a.sst')).toBe(true);
    expect(fits('/d/a+sst', '/d/aasst')).toBe(false);
    expect(fits('a[.]sst', '/d/a.sst')).toBe(false);
  });

  it('strikes by chance, and the same seed strikes the same calls', () => {
    const pattern = (seed: number, ...more: FaultRule[]) => {
      const rules: FaultRule[] = [{ operation: 'stat', probability: 0.3, errno: 'EIO' }, ...more];
      const { memory } = faulty();
      return reads(new FaultFileSystem(memory, { seed, rules }), 1000);
    };
    expect(pattern(1)).toBe(pattern(1));
    expect(pattern(1)).not.toBe(pattern(2));
    // Another rule beside it draws numbers of its own.
    expect(pattern(1, { operation: 'stat', probability: 0.5, delayMs: 0 })).toBe(pattern(1));
    const struck = pattern(1).split('EIO').length - 1;
    expect(struck).toBeGreaterThan(200);
    expect(struck).toBeLessThan(400);
  });

  it('is data: a drill is repeated from its JSON, by reset() in place', () => {
    const rules: FaultRule[] = [{ operation: 'stat', probability: 0.5, errno: 'EIO', times: 7 }];
    const { files } = faulty(...JSON.parse(JSON.stringify(rules)));
    const first = [reads(files, 50), files.log];
    files.reset();
    expect(files.callCount).toBe(0);
    expect([reads(files, 50), files.log]).toEqual(first);
    expect(files.rules).toEqual(rules);
  });

  it('takes longer, on the clock that is given', () => {
    const clock = new ManualClock();
    const rules: FaultRule[] = [{ operation: 'stat', delayMs: 1500, times: 2 }];
    const { memory } = faulty();
    const files = new FaultFileSystem(memory, { clock, rules });
    expect(reads(files, 3)).toBe('- - -');
    expect(clock.monotonicNs()).toBe(3_000_000_000n);
    expect(files.log).toMatchObject([{ delayMs: 1500 }, { delayMs: 1500 }]);
  });

  it('rests while it is disabled, and calls are counted', () => {
    const { files } = faulty({ operation: 'stat', errno: 'EIO', times: 'always' });
    files.enabled = false;
    expect(reads(files, 2)).toBe('- -');
    files.enabled = true;
    expect(reads(files, 2)).toBe('EIO EIO');
    expect([files.calls.stat, files.injected.stat, files.callCount]).toEqual([4, 2, 4]);
  });

  it('joins others: delays add up, and the fault function is asked about what is not failed', () => {
    const clock = new ManualClock();
    const { memory } = faulty();
    const rules: FaultRule[] = [{ delayMs: 1 }, { delayMs: 2 }, { call: 2, errno: 'EIO' }];
    const files = new FaultFileSystem(memory, { clock, rules });
    const asked: string[] = [];
    files.fault = (operation, path) => {
      asked.push(`${operation} ${path}`);
      return { errno: 'ENOENT' };
    };
    expect(reads(files, 2)).toBe('ENOENT EIO');
    expect(clock.monotonicNs()).toBe(3_000_000n);
    expect(asked).toEqual(['stat /d/a.sst']);
    expect(files.log.map((each) => each.rules)).toEqual([[0, 1], [2]]);
  });
});

describe('a rule that cannot be', () => {
  it.each<[unknown, string, string]>([
    [{}, 'rules[0]', 'does nothing'],
    [null, 'rules[0]', 'is not a rule'],
    [{ errno: 'EWHAT' }, 'rules[0].errno', 'is not an errno'],
    [{ errno: 5 }, 'rules[0].errno', 'is not an errno'],
    [{ errno: 'ESUCCESS' }, 'rules[0].errno', 'is not an errno'],
    [{ errno: 'EIO', operation: 'writes' }, 'rules[0].operation', 'one of open, create'],
    [{ errno: 'EIO', operation: [] }, 'rules[0].operation', 'names no operation'],
    [{ errno: 'EIO', path: '' }, 'rules[0].path', 'pattern of paths'],
    [{ errno: 'EIO', path: /x/ }, 'rules[0].path', 'pattern of paths'],
    [{ errno: 'EIO', call: 0 }, 'rules[0].call', 'integer from 1 on'],
    [{ errno: 'EIO', times: 'ever' }, 'rules[0].times', 'or "always"'],
    [{ errno: 'EIO', probability: 2 }, 'rules[0].probability', 'from 0 to 1'],
    [{ errno: 'EIO', fails: 'later' }, 'rules[0].fails', 'neither "before" nor "after"'],
    [{ delayMs: 1, fails: 'after' }, 'rules[0].fails', 'wants an errno'],
    [{ delayMs: -1 }, 'rules[0].delayMs', 'milliseconds'],
    [{ operation: 'read', bytes: -1 }, 'rules[0].bytes', 'integer from 0 on'],
    [{ operation: 'sync', bytes: 5 }, 'rules[0].bytes', 'not of sync'],
    [{ flipBits: 1 }, 'rules[0].flipBits', 'of reads and writes'],
    [{ operation: 'write', bytes: 1, errno: 'EIO', fails: 'after' }, 'rules[0].bytes', 'exclude'],
    [{ errno: 'EIO', nth: 3 }, 'rules[0].nth', 'a rule has operation'],
  ])('%j', (rule, option, text) => {
    const { files } = faulty({ operation: 'stat', errno: 'EIO' });
    let error: unknown;
    try {
      files.rules = [rule as FaultRule];
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ code: 'ERR_ROCKSDB_INVALID_OPTION', option });
    expect((error as Error).message).toContain(text);
    // The rules are those of before.
    expect(codeOf(() => files.stat('/d/a.sst'))).toBe('EIO');
  });

  it('and other options that cannot be', () => {
    const memory = new MemoryFileSystem();
    const make = (options: object) => () => new FaultFileSystem(memory, options as never);
    expect(make({ rules: 'EIO' })).toThrow(InvalidOptionError);
    expect(make({ seed: 1.5 })).toThrow('seed: 1.5');
    expect(make({ freeBytes: -1 })).toThrow('freeBytes: -1');
    const { files } = faulty();
    files.fault = () => 'EWHAT';
    expect(() => files.stat('/d')).toThrow('fault.errno: "EWHAT"');
    files.fault = () => ({ bytes: 1 });
    expect(() => files.stat('/d')).toThrow('fault.bytes');
  });
});

describe('data', () => {
  it('is read and written piece by piece', () => {
    const { memory, files } = faulty(
      { operation: 'read', bytes: 7, times: 'always' },
      { operation: 'write', bytes: 11, times: 'always' },
    );
    expect(readFile(files, '/d/a.sst')).toEqual(bytes(1000));
    writeFile(files, '/d/b', bytes(500));
    expect(readFile(memory, '/d/b')).toEqual(bytes(500));
    expect([files.injected.read, files.injected.write]).toEqual([143, 46]);
  });

  it('ends early for who reads 0 bytes', () => {
    const { files } = faulty({ operation: 'read', bytes: 0 });
    expect(readFile(files, '/d/a.sst').length).toBe(0);
    expect(readFile(files, '/d/a.sst').length).toBe(1000);
  });

  it('is torn: a part of it is written, and then the call fails', () => {
    const { memory, files } = faulty({ operation: 'write', bytes: 3, errno: 'ENOSPC' });
    expect(codeOf(() => writeFile(files, '/d/b', bytes(500)))).toBe('ENOSPC');
    expect(readFile(memory, '/d/b')).toEqual(bytes(3));
  });

  it('has bits flipped as it is read: the disk keeps it', () => {
    const { memory, files } = faulty({ operation: 'read', flipBits: 2 });
    const content = readFile(files, '/d/a.sst');
    expect(differentBits(content, bytes(1000))).toEqual(files.log[0]?.flippedBits);
    expect(files.log[0]?.flippedBits?.length).toBe(2);
    expect(readFile(memory, '/d/a.sst')).toEqual(bytes(1000));
  });

  it('has bits flipped as it is written: the disk has them, the writer does not', () => {
    const { memory, files } = faulty({ operation: 'write', flipBits: 3, times: 'always' });
    const content = bytes(100);
    writeFile(files, '/d/b', content);
    expect(content).toEqual(bytes(100));
    expect(differentBits(readFile(memory, '/d/b'), content)).toEqual(files.log[0]?.flippedBits);
  });

  it('rots on the disk', () => {
    const { memory, files } = faulty();
    const flipped = files.flipBits('/d/a.sst', 5, { from: 10, to: 20 });
    expect(flipped.length).toBe(5);
    expect(differentBits(readFile(memory, '/d/a.sst'), bytes(1000))).toEqual(flipped);
    expect(flipped.every((bit) => bit >= 80 && bit < 160)).toBe(true);
    expect(() => files.flipBits('/d/a.sst', 9, { from: 10, to: 11 })).toThrow(InvalidOptionError);
    expect(codeOf(() => files.flipBits('/d/none'))).toBe('ENOENT');
  });
});

function differentBits(one: Uint8Array, other: Uint8Array): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < one.length * 8; bit++) {
    const differs = (one[bit >> 3] ?? 0) ^ (other[bit >> 3] ?? 0);
    if ((differs >> (bit & 7)) & 1) bits.push(bit);
  }
  return bits;
}

const DISKS: readonly [string, () => { inner: FileSystem; folder: string }][] = [
  ['in memory', () => ({ inner: new MemoryFileSystem(), folder: '' })],
  ['on disk', () => ({ inner: new NodeFileSystem(), folder: tempFolder() })],
];

describe.each(DISKS)('a full disk, %s', (_, make) => {
  it('takes what there is room for, and the room comes back', () => {
    const { inner, folder } = make();
    writeFile(inner, `${folder}/before`, bytes(50));
    const files = new FaultFileSystem(inner, { freeBytes: 100 });
    writeFile(files, `${folder}/a`, bytes(60));
    expect(files.freeBytes).toBe(40);
    // A short write first, as a disk does.
    const file = files.open(`${folder}/b`, CREATE);
    expect(file.write(bytes(60), 0)).toBe(40);
    expect(codeOf(() => file.write(bytes(20), 40))).toBe('ENOSPC');
    // What is there may be written over.
    expect(file.write(bytes(40), 0)).toBe(40);
    expect(codeOf(() => file.truncate(41))).toBe('ENOSPC');
    file.truncate(10);
    expect(files.freeBytes).toBe(30);
    // Its room comes back when it is closed.
    files.removeFile(`${folder}/b`);
    expect(files.freeBytes).toBe(30);
    file.close();
    expect(files.freeBytes).toBe(40);
    files.removeFile(`${folder}/before`);
    expect(files.freeBytes).toBe(90);
    expect(files.log.map(({ operation, errno }) => `${operation} ${errno}`)).toEqual([
      'write ENOSPC',
      'write ENOSPC',
      'truncate ENOSPC',
    ]);
  });

  it('counts names, not links: the last name gives the room back', () => {
    const { inner, folder } = make();
    const files = new FaultFileSystem(inner, { freeBytes: 100 });
    writeFile(files, `${folder}/a`, bytes(60));
    files.link(`${folder}/a`, `${folder}/b`);
    files.removeFile(`${folder}/a`);
    expect(files.freeBytes).toBe(40);
    writeFile(files, `${folder}/c`, bytes(10));
    files.rename(`${folder}/c`, `${folder}/b`);
    expect(files.freeBytes).toBe(90);
    writeFile(files, `${folder}/b`, bytes(5));
    expect(files.freeBytes).toBe(95);
    files.rename(`${folder}/b`, `${folder}/b`);
    expect(files.freeBytes).toBe(95);
    files.freeBytes = undefined;
    writeFile(files, `${folder}/b`, bytes(500));
    expect(files.freeBytes).toBe(undefined);
  });
});
