// runtime: node
/** The doctor on databases that are broken or bloated by real means, and what its remedies do to them. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  copyDatabase,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  EncryptedFileSystem,
  NodeFileSystem,
  SstFileWriter,
} from 'rocksdb-wasm';
import { FaultFileSystem } from 'rocksdb-wasm/faults';
import { beforeEach, describe, expect, it } from 'vitest';
import { native, skipWithoutNative } from '../native/programs.js';
import type { Setup } from '../native/script.js';
import { openAt, tempFolder, wasmModule } from '../support/open.js';
import {
  cutOff,
  deletes,
  FLUSH,
  fileOf,
  filesOf,
  flipByte,
  keyAt,
  nativeDatabase,
  PLAIN,
  puts,
  stateOf,
} from './databases.js';
import { cli, json, ok } from './run.js';
import { whileNative } from './while-native.js';

beforeEach(skipWithoutNative);

const doctor = (folder: string, ...args: string[]): Diagnosis => json(['doctor', folder, ...args]);
/** The function itself. */
const look = async (folder: string, options: DiagnoseOptions = {}) =>
  diagnose(folder, { wasm: await wasmModule('tools'), ...options });
const codesOf = ({ findings }: Diagnosis) => findings.map(({ code }) => code);
const findingOf = ({ findings }: Diagnosis, code: string) => {
  const found = findings.find((each) => each.code === code);
  if (found === undefined) throw new Error(`no ${code}: ${JSON.stringify(findings, null, 1)}`);
  return found;
};
const evidenceOf = (diagnosis: Diagnosis, code: string) =>
  findingOf(diagnosis, code).evidence.join('\n');

const noCompaction = (options: object = {}): Setup => ({
  families: { default: { disableAutoCompactions: true, ...options } },
});

/** Two tables, and a log with 100 entries. */
const BASE = [...puts(0, 1500), FLUSH, ...puts(1500, 2000), FLUSH, ...puts(2000, 2100)];
const base = () => nativeDatabase(BASE, noCompaction());

const entriesOf = (folder: string) => Number(ok(['count', folder]));

it('finds nothing in a database of native RocksDB, and writes nothing', () => {
  const folder = base();
  const before = stateOf(folder);
  const { code, stdout } = cli(['doctor', folder]);
  expect(stdout).toContain('nothing is wrong');
  expect(code).toBe(0);
  const diagnosis = doctor(folder);
  expect(diagnosis).toMatchObject({ path: folder, healthy: true, findings: [], skipped: [] });
  expect(diagnosis.facts.rocksdbVersion).toMatch(/^9\.10/);
  expect(diagnosis.facts.columnFamilies).toMatchObject([
    { name: 'default', tables: 2, entries: 2000, deletions: 0, visible: 2100 },
  ]);
  expect(stateOf(folder)).toEqual(before);
});

it('ends with 1 when it has found something, and says it for people', () => {
  const folder = base();
  fs.rmSync(`${folder}/CURRENT`);
  const { code, stdout } = cli(['doctor', folder]);
  expect(code).toBe(1);
  expect(stdout).toContain('error CURRENT_MISSING: ');
  expect(stdout).toContain('  remedy: write the line MANIFEST-');
  expect(stdout).toContain('1 errors, 0 warnings, 0 notes');
});

describe('CURRENT and MANIFEST', () => {
  const manifestOf = (folder: string) => fileOf(folder, /^MANIFEST/);
  const nameOf = (file: string) => file.slice(file.lastIndexOf('/') + 1);

  for (const [what, code, harm] of [
    ['missing', 'CURRENT_MISSING', (file: string) => fs.rmSync(file)],
    ['empty', 'CURRENT_DAMAGED', (file: string) => fs.writeFileSync(file, '')],
    ['garbage', 'CURRENT_DAMAGED', (file: string) => fs.writeFileSync(file, 'MANIFEST-00')],
    [
      'of another',
      'MANIFEST_MISSING',
      (file: string) => fs.writeFileSync(file, 'MANIFEST-000099\n'),
    ],
  ] as const) {
    it(`CURRENT is ${what}`, () => {
      const folder = base();
      harm(`${folder}/CURRENT`);
      const diagnosis = doctor(folder);
      expect(codesOf(diagnosis)).toEqual([code]);
      const line = /write the line (MANIFEST-\d+) into (\S+)/.exec(
        findingOf(diagnosis, code).remedy,
      );
      expect(line?.slice(1)).toEqual([nameOf(manifestOf(folder)), `${folder}/CURRENT`]);
      fs.writeFileSync(line?.[2] as string, `${line?.[1]}\n`);
      expect(codesOf(doctor(folder))).toEqual([]);
      expect(entriesOf(folder)).toBe(2100);
    });
  }

  for (const [what, code, harm] of [
    ['missing', 'MANIFEST_MISSING', (file: string) => fs.rmSync(file)],
    ['damaged', 'MANIFEST_DAMAGED', (file: string) => flipByte(file, 60)],
    ['damaged at its end', 'MANIFEST_DAMAGED', (file: string) => flipByte(file, -20)],
  ] as const) {
    it(`the MANIFEST is ${what}`, () => {
      const folder = base();
      harm(manifestOf(folder));
      const diagnosis = doctor(folder);
      expect(codesOf(diagnosis)).toEqual([code]);
      expect(findingOf(diagnosis, code).remedy).toContain('rocksdb-wasm repair');
      ok(['repair', folder]);
      const after = doctor(folder);
      expect(codesOf(after)).toEqual(['REPAIRED_BEFORE']);
      expect(after.healthy).toBe(true);
      expect(entriesOf(folder)).toBe(2100);
    });
  }

  it('the MANIFEST is an older one, and tables have what it does not know', () => {
    const folder = nativeDatabase([...puts(0, 1500), FLUSH], noCompaction());
    const old = { file: manifestOf(folder), bytes: fs.readFileSync(manifestOf(folder)) };
    native.write(folder, ['open', ...puts(1500, 1600).map(hexLine), 'flush default']);
    for (const file of filesOf(folder, /^MANIFEST|\.log$/)) fs.rmSync(file);
    fs.writeFileSync(old.file, old.bytes);
    fs.writeFileSync(`${folder}/CURRENT`, `${nameOf(old.file)}\n`);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['MANIFEST_BEHIND']);
    expect(evidenceOf(diagnosis, 'MANIFEST_BEHIND')).toMatch(/1 tables of .*\.sst/);
    ok(['repair', folder]);
    expect(entriesOf(folder)).toBe(1600);
    expect(doctor(folder).healthy).toBe(true);
  });
});

const hexLine = ([operation, family, ...data]: readonly (string | Uint8Array | undefined)[]) =>
  [operation, family, ...data.map((each) => Buffer.from(each as string).toString('hex'))].join(' ');

describe('tables', () => {
  const firstTable = (folder: string) => filesOf(folder, /\.sst$/)[0] as string;

  it('one is missing', () => {
    const folder = base();
    const table = firstTable(folder);
    fs.rmSync(table);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['TABLE_MISSING']);
    expect(evidenceOf(diagnosis, 'TABLE_MISSING')).toContain(table.slice(-10));
    expect(findingOf(diagnosis, 'TABLE_MISSING').columnFamily).toBe('default');
    ok(['repair', folder]);
    expect(doctor(folder).healthy).toBe(true);
    expect(entriesOf(folder)).toBe(600);
  });

  it('one has another size', () => {
    const folder = base();
    cutOff(firstTable(folder), 1000);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['TABLE_SIZE_WRONG', 'TABLE_DAMAGED']);
    ok(['repair', folder]);
    expect(doctor(folder).healthy).toBe(true);
    expect(entriesOf(folder)).toBe(600);
  });

  it('a block of one is damaged', () => {
    const folder = base();
    const copy = `${folder}-backup`;
    fs.cpSync(folder, copy, { recursive: true });
    flipByte(firstTable(folder), 300);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['TABLE_DAMAGED']);
    const evidence = evidenceOf(diagnosis, 'TABLE_DAMAGED');
    expect(evidence).toContain(firstTable(folder));
    expect(evidence).toContain('block checksum mismatch');
    expect(evidence).toContain(`from 0x${Buffer.from(keyAt(0)).toString('hex')}`);
    expect(codesOf(doctor(folder, '--shallow'))).toEqual([]); // which does not read it
    const name = firstTable(folder).slice(folder.length);
    fs.copyFileSync(`${copy}${name}`, `${folder}${name}`);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('the end of one, which opening needs, is damaged', () => {
    const folder = base();
    flipByte(firstTable(folder), -3);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['TABLE_DAMAGED']);
    ok(['repair', folder]);
    expect(doctor(folder).healthy).toBe(true);
    expect(entriesOf(folder)).toBe(600);
  });

  it('they have two names', async () => {
    const folder = base();
    const db = await openAt(folder, {});
    for (const file of [`${folder}/mine.sst`, `${folder}-outside.sst`]) {
      const writer = new SstFileWriter(db.engine);
      writer.open(file);
      writer.put(`ingested ${file}`, 'v');
      writer.finish();
      writer.free();
      db.ingestExternalFile([file], { linkFiles: true });
    }
    db.close();
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['TABLE_TWO_NAMES']);
    expect(findingOf(diagnosis, 'TABLE_TWO_NAMES').severity).toBe('warning');
    expect(evidenceOf(diagnosis, 'TABLE_TWO_NAMES')).toContain('in this folder also as mine.sst');
    fs.rmSync(`${folder}/mine.sst`);
    const outside = doctor(folder);
    expect(findingOf(outside, 'TABLE_TWO_NAMES').severity).toBe('note');
    expect(outside.healthy).toBe(true);
    fs.rmSync(`${folder}-outside.sst`);
    expect(codesOf(doctor(folder))).toEqual([]);
  });
});

describe('logs', () => {
  it('one is damaged in the middle', () => {
    const damaged = () => {
      const folder = nativeDatabase([...puts(0, 10), FLUSH, ...puts(10, 1010)], noCompaction());
      flipByte(fileOf(folder, /\.log$/), 3000);
      return folder;
    };
    const folder = damaged();
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['LOG_DAMAGED']);
    expect(findingOf(diagnosis, 'LOG_DAMAGED').severity).toBe('error');
    const [, options = ''] =
      /--options='([^']+)'/.exec(findingOf(diagnosis, 'LOG_DAMAGED').remedy) ?? [];
    ok(['flush', folder, `--options=${options}`]);
    expect(codesOf(doctor(folder))).toEqual([]);
    const skipping = entriesOf(folder);
    expect(skipping).toBeLessThan(1010);
    const other = damaged();
    ok(['flush', other]);
    expect(codesOf(doctor(other))).toEqual([]);
    expect(entriesOf(other)).toBeLessThan(skipping);
  });

  it('one is torn at its end', () => {
    const folder = base();
    cutOff(fileOf(folder, /\.log$/), 10);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['LOG_TORN']);
    expect(diagnosis.healthy).toBe(true);
    ok(['flush', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
    expect(entriesOf(folder)).toBe(2099);
  });

  it('a record that spans blocks, and the last one, are whole', () => {
    const folder = nativeDatabase(puts(0, 5, 'v'.repeat(40_000)));
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('an idle column family keeps old ones', () => {
    const folder = nativeDatabase(
      [
        ['put', 'idle', 'a', 'b'],
        ...[0, 1, 2, 3].flatMap((i) => [...puts(i * 300, i * 300 + 300), FLUSH]),
        ['put', 'default', 'last', '1'],
      ],
      { families: { default: { disableAutoCompactions: true }, idle: {} } },
    );
    const diagnosis = doctor(folder, '--min-bytes=10K');
    expect(codesOf(diagnosis)).toEqual(['LOG_PILEUP']);
    expect(evidenceOf(diagnosis, 'LOG_PILEUP')).toMatch(
      /4 old logs of .*\n.*'idle' \(in 1 of 5 logs\)/,
    );
    expect(codesOf(doctor(folder))).toEqual([]); // they are small
    ok(['flush', folder]);
    expect(codesOf(doctor(folder, '--min-bytes=10K'))).toEqual([]);
  });
});

describe('space', () => {
  it('deletions that were never compacted', () => {
    const folder = nativeDatabase(
      [...puts(0, 3000), FLUSH, ...deletes(0, 2900), FLUSH],
      noCompaction(),
    );
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['DELETIONS_RETAINED']);
    const evidence = evidenceOf(diagnosis, 'DELETIONS_RETAINED');
    expect(evidence).toContain('a scan shows 100');
    expect(evidence).toContain('disableAutoCompactions is set');
    expect(codesOf(doctor(folder, '--shallow'))).toEqual(['DELETIONS_RETAINED']);
    expect(codesOf(doctor(folder, '--min-entries=10K'))).toEqual([]);
    ok(['compact', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('values that were overwritten and never compacted', () => {
    const rounds = [0, 1, 2].flatMap((i) => [...puts(0, 1000, `${i}`), FLUSH]);
    const folder = nativeDatabase(rounds, noCompaction());
    expect(codesOf(doctor(folder))).toEqual(['VERSIONS_RETAINED']);
    ok(['compact', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('a snapshot that was held through a compaction', async () => {
    const folder = nativeDatabase([...puts(0, 3000), FLUSH]);
    const db = await openAt(folder, {});
    const snapshot = db.snapshot();
    for (let i = 0; i < 3000; i++) db.delete(keyAt(i));
    db.flush();
    db.compactRange({ bottommostLevelCompaction: 'force' });
    snapshot.free();
    db.close();
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['SNAPSHOT_RETAINED']);
    expect(evidenceOf(diagnosis, 'SNAPSHOT_RETAINED')).toMatch(
      /3,000 deletions are in the last level/,
    );
    ok(['compact', folder, '--bottommost=force']);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('files that were not deleted, since their deletion was disabled when the process died', () => {
    const folder = nativeDatabase([...puts(0, 900), FLUSH, ...puts(0, 900), FLUSH], noCompaction());
    const program = `
      import { RocksDB } from ${JSON.stringify(fileURLToPath(new URL('../../dist/index.js', import.meta.url)))};
      const db = await RocksDB.open(${JSON.stringify(folder)});
      db.disableFileDeletions();
      db.compactRange();
      process.exit(0);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', program]);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['FILES_LEFT_OVER']);
    expect(evidenceOf(diagnosis, 'FILES_LEFT_OVER')).toMatch(/\d+ files of .*\.sst/);
    ok(['flush', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
    expect(entriesOf(folder)).toBe(900);
  });

  const blobs = noCompaction({ enableBlobFiles: true, minBlobSize: 100n });

  it('blob files that are mostly garbage', () => {
    const large = 'b'.repeat(2000);
    const folder = nativeDatabase(
      [...puts(0, 1000, large), FLUSH, ...deletes(0, 900), FLUSH, ['compact', 'default']],
      blobs,
    );
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['BLOB_GARBAGE']);
    ok(['compact', folder, '--blob-garbage']);
    expect(codesOf(doctor(folder))).toEqual([]);
    expect(entriesOf(folder)).toBe(100);
    expect(native.read(folder).length).toBe(102);
  });

  it('a blob file that is missing, and one that is damaged', () => {
    const folder = nativeDatabase([...puts(0, 100, 'b'.repeat(500)), FLUSH], blobs);
    const blob = fileOf(folder, /\.blob$/);
    flipByte(blob, 1000);
    expect(codesOf(doctor(folder))).toEqual(['BLOB_DAMAGED']);
    fs.rmSync(blob);
    expect(codesOf(doctor(folder))).toContain('BLOB_MISSING');
  });

  it('level 0 has too many tables, and compaction is behind', () => {
    const flushes = Array.from({ length: 21 }, (_, i) => [...puts(i, i + 300), FLUSH]).flat();
    const folder = nativeDatabase(
      flushes,
      noCompaction({ softPendingCompactionBytesLimit: 20_000n }),
    );
    const diagnosis = doctor(folder, '--min-entries=100K');
    expect(codesOf(diagnosis)).toEqual(['LEVEL0_PILEUP', 'COMPACTION_DEBT']);
    expect(evidenceOf(diagnosis, 'LEVEL0_PILEUP')).toContain('21 tables in level 0');
    ok(['compact', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('the disk has little room', () => {
    const folder = base();
    const diagnosis = doctor(folder, '--min-free=4096T');
    expect(codesOf(diagnosis)).toEqual(['DISK_NEARLY_FULL']);
    expect(diagnosis.facts.freeBytes).toBeGreaterThan(0);
    expect(codesOf(doctor(folder, '--min-free=1'))).toEqual([]);
  });
});

describe('opening', () => {
  it('the comparator is a function', async () => {
    const folder = `${tempFolder()}/db`;
    const comparator = { name: 'test.bytes', compare: Buffer.compare };
    const db = await openAt(folder, { createIfMissing: true, comparator });
    db.put('a', '1');
    db.flush();
    db.close();
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['COMPARATOR_MISSING']);
    expect(evidenceOf(diagnosis, 'COMPARATOR_MISSING')).toContain("'test.bytes'");
    expect(codesOf(await look(folder, { options: { comparator } }))).toEqual([]);
  });

  it('the merge operator is a function', async () => {
    const folder = `${tempFolder()}/db`;
    const mergeOperator = {
      name: 'test.last',
      fullMerge: (_: Uint8Array, __: unknown, operands: readonly Uint8Array[]) => operands.at(-1),
    };
    const db = await openAt(folder, {
      createIfMissing: true,
      mergeOperator: mergeOperator as never,
    });
    db.merge('a', '1');
    db.close();
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['MERGE_OPERATOR_MISSING']);
    expect(evidenceOf(diagnosis, 'MERGE_OPERATOR_MISSING')).toContain("'test.last'");
    const given = { options: { mergeOperator: mergeOperator as never } };
    expect(codesOf(await look(folder, given))).toEqual([]);
  });

  it('the OPTIONS file is of a newer version', () => {
    const folder = base();
    const file = filesOf(folder, /^OPTIONS/).at(-1) as string;
    const text = fs.readFileSync(file, 'utf8');
    const newer = text
      .replace(/rocksdb_version=\S+/, 'rocksdb_version=11.2.0')
      .replace('[DBOptions]\n', '[DBOptions]\n  brand_new_option=7\n');
    fs.writeFileSync(file, newer);
    const diagnosis = doctor(folder);
    expect(codesOf(diagnosis)).toEqual(['OPTIONS_NEWER']);
    expect(evidenceOf(diagnosis, 'OPTIONS_NEWER')).toContain('brand_new_option');
    expect(evidenceOf(diagnosis, 'OPTIONS_NEWER')).not.toContain('write_buffer_size');
    fs.writeFileSync(file, text);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('the OPTIONS file is missing, or damaged', () => {
    const folder = base();
    const files = filesOf(folder, /^OPTIONS/);
    fs.writeFileSync(files.at(-1) as string, 'garbage');
    expect(codesOf(doctor(folder))).toEqual(['OPTIONS_DAMAGED']);
    for (const file of files) fs.rmSync(file);
    expect(codesOf(doctor(folder))).toEqual(['OPTIONS_MISSING']);
    ok(['flush', folder]);
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('native RocksDB has it open', async () => {
    const folder = base();
    await whileNative(folder, async ({ pid }) => {
      const diagnosis = doctor(folder);
      expect(codesOf(diagnosis)).toEqual(['IN_USE']);
      expect(evidenceOf(diagnosis, 'IN_USE')).toContain(`process ${pid}`);
      expect(diagnosis.healthy).toBe(true);
    });
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('this package has it open', async () => {
    const folder = base();
    const db = await openAt(folder, {});
    expect(evidenceOf(doctor(folder), 'IN_USE')).toContain(`process ${process.pid}`);
    expect(codesOf(await look(folder))).toContain('IN_USE');
    db.close();
    expect(codesOf(doctor(folder))).toEqual([]);
  });

  it('there is no database', () => {
    const folder = tempFolder();
    fs.writeFileSync(`${folder}/notes.txt`, '');
    expect(codesOf(doctor(folder))).toEqual(['NOT_A_DATABASE']);
    expect(codesOf(doctor(`${folder}/none`))).toEqual(['NOT_A_DATABASE']);
  });

  it('its files may not be read', async () => {
    const folder = base();
    const rules = [
      { operation: 'open', path: 'CURRENT', times: 'always', errno: 'EACCES' },
    ] as const;
    const fileSystem = new FaultFileSystem(new NodeFileSystem(), { seed: 1, rules });
    const diagnosis = await look(folder, { fileSystem });
    expect(codesOf(diagnosis)).toEqual(['ACCESS_DENIED']);
  });
});

describe('encryption', () => {
  const disk = new NodeFileSystem();
  const key = new Uint8Array(32).fill(7);

  function encrypted(): { folder: string; keyFile: string } {
    const plain = base();
    const folder = `${plain}-encrypted`;
    const fileSystem = new EncryptedFileSystem(disk, { keys: { '2025-01': key } });
    copyDatabase({ fileSystem: disk, path: plain }, { fileSystem, path: folder });
    const keyFile = `${plain}.key`;
    fs.writeFileSync(keyFile, key);
    return { folder, keyFile };
  }

  it('the key is missing, wrong, of another name, or right', () => {
    const { folder, keyFile } = encrypted();
    const without = doctor(folder);
    expect(codesOf(without)).toEqual(['ENCRYPTED']);
    expect(evidenceOf(without, 'ENCRYPTED')).toContain("'2025-01'");
    fs.writeFileSync(`${keyFile}.wrong`, new Uint8Array(32).fill(8));
    expect(codesOf(doctor(folder, `--key-file=${keyFile}.wrong`))).toEqual([
      'ENCRYPTION_KEY_WRONG',
    ]);
    expect(codesOf(doctor(folder, `--key-file=other=${keyFile}`))).toEqual([
      'ENCRYPTION_KEY_MISSING',
    ]);
    for (const given of [`--key-file=2025-01=${keyFile}`, `--key-file=${keyFile}`]) {
      expect(codesOf(doctor(folder, given))).toEqual([]);
    }
  });

  it('a plain database, and a key', () => {
    const { keyFile } = encrypted();
    expect(codesOf(doctor(base(), `--key-file=main=${keyFile}`))).toEqual(['NOT_ENCRYPTED']);
  });

  it('a damaged file of an encrypted one', () => {
    const { folder, keyFile } = encrypted();
    flipByte(`${folder}/CURRENT`, 300);
    const diagnosis = doctor(folder, `--key-file=2025-01=${keyFile}`);
    expect(codesOf(diagnosis)).toEqual([expect.stringMatching(/^ENCRYPTION_/)]);
  });
});

it('can be stopped, and tells how far it is', async () => {
  const folder = nativeDatabase([...puts(0, 2000), FLUSH, ...puts(2000, 3000), FLUSH], PLAIN);
  const steps: string[] = [];
  await look(folder, { onProgress: ({ step }) => void steps.push(step) });
  expect(new Set(steps)).toContain('tables');
  const stop = new AbortController();
  const stopped = look(folder, {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
  for (const at of new Set(steps)) {
    const onProgress = ({ step }: { step: string }) => {
      if (step === at) throw new Error(`not ${at}`);
    };
    await expect(look(folder, { onProgress })).rejects.toThrow(`not ${at}`);
  }
});
