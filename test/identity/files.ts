/** Tables, backups, checkpoints and exports, of the plain database. */
import {
  BackupEngine,
  type ExportedFiles,
  RocksDB,
  SstFileReader,
  SstFileWriter,
} from 'rocksdb-wasm';
import { expect } from 'vitest';
import type { Plain } from './plain.js';
import type { Subject, Weighted, World } from './world.js';

type Text = 'utf8';
const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const;
const TABLES = '/tables';
const BACKUPS = '/backups';

export class Files implements Subject {
  readonly world: World;
  #writers: SstFileWriter<Text, Text>[] = [];
  readonly #paths = new Map<SstFileWriter<Text, Text>, string>();
  #readers: SstFileReader<Text, Text>[] = [];
  #iterators: { free(): void; next(): unknown }[] = [];
  #exports: ExportedFiles[] = [];
  #backups: BackupEngine[] = [];
  /** Paths of tables that are finished. */
  #tables: string[] = [];
  readonly steps: readonly Weighted[];

  constructor(readonly plain: Plain) {
    const { world } = plain;
    this.world = world;
    world.memory.createDirectory(TABLES);
    const heavy = (times: number, step: () => unknown) => [1, world.rarely(times, step)] as const;
    this.steps = [
      [1, () => this.#newWriter()],
      [1, () => this.#fill()],
      [1, () => this.#finish()],
      heavy(3, () => world.freeOne(this.#writers)),
      heavy(3, () => this.#ingest()),
      [1, () => this.#newReader()],
      [2, () => world.pick(this.#iterators)?.next()],
      [1, () => world.freeOne(this.#iterators)],
      [1, () => this.#freeReader()],
      heavy(12, () => this.#openBackups()),
      heavy(12, () => this.#backUp()),
      heavy(6, () => this.#verify()),
      heavy(24, () => this.#restore()),
      heavy(12, () => this.#purge()),
      heavy(24, () => world.freeOne(this.#backups)),
      heavy(24, () => this.#checkpoint()),
      heavy(12, () => this.#export()),
      heavy(12, () => this.#import()),
      heavy(6, () => world.freeOne(this.#exports)),
      heavy(40, () => this.#copyFamily()),
      heavy(12, () => this.#deleteFiles()),
      heavy(12, () => this.#compactFiles()),
      heavy(12, () => plain.db.verifyChecksum()),
      heavy(6, () => plain.db.getLiveFiles({ flushMemtable: world.once(4) })),
      heavy(6, () => plain.db.getLiveFilesStorageInfo()),
    ];
  }

  get lost(): boolean {
    return this.plain.lost;
  }

  recover(): void {
    this.plain.recover();
  }

  close(): void {
    const kept = [this.#iterators, this.#readers, this.#writers, this.#exports, this.#backups];
    for (const handles of kept) for (const handle of handles.splice(0)) handle.free();
  }

  // ---- Tables ----

  #newWriter(): void {
    const { world } = this;
    world.atMost(2, this.#writers);
    const writer = new SstFileWriter(world.engine, { ...TEXT, mergeOperator: 'stringappend' });
    this.#writers.push(writer);
    const path = world.newPath('tables/table');
    this.#paths.set(writer, path);
    world.perhapsFaulty(() => writer.open(path));
  }

  /** Its last key may come after the next ones: that is an error of the table's. */
  #fill(): void {
    const { world } = this;
    const writer = world.pick(this.#writers);
    if (writer === undefined) return;
    const keys = Array.from({ length: world.below(60) }, () => world.key());
    world.perhapsFaulty(() => {
      for (const key of new Set(keys.sort())) {
        const what = world.below(8);
        if (what === 0) writer.merge(key, 'operand');
        else if (what === 1) writer.putEntity(key, { name: 'value' });
        else writer.put(key, world.value());
      }
    });
  }

  #finish(): void {
    const { world } = this;
    const writer = world.pick(this.#writers);
    if (writer === undefined) return;
    world.perhapsFaulty(() => writer.finish());
    const path = this.#paths.get(writer) as string;
    this.#tables.push(path);
    this.#paths.delete(writer);
    this.#writers.splice(this.#writers.indexOf(writer), 1);
    writer.free();
    if (this.#tables.length > 8) world.memory.removeFile(this.#tables.shift() as string);
  }

  #ingest(): void {
    const { world, plain } = this;
    const path = world.pick(this.#tables);
    if (path === undefined) return;
    const options = { moveFiles: false, snapshotConsistency: world.once(2), ...plain.target() };
    try {
      world.perhapsFaulty(() => plain.db.ingestExternalFile([path], options));
    } finally {
      if (world.once(2)) plain.recover();
    }
  }

  #newReader(): void {
    const { world } = this;
    const path = world.pick(this.#tables);
    if (path === undefined) return;
    if (this.#readers.length > 2) this.#freeReader();
    const reader = world.perhapsFaulty(() => new SstFileReader(world.engine, path, TEXT));
    this.#readers.push(reader);
    world.atMost(4, this.#iterators);
    this.#iterators.push(
      world.once(2)
        ? reader.iterator({ gte: world.key(), reverse: world.once(2) })
        : reader.rawIterator(),
    );
    expect(reader.properties.numEntries).toBeGreaterThan(0);
    reader.verifyChecksum();
  }

  /** With its iterators. */
  #freeReader(): void {
    this.world.freeOne(this.#readers);
    const isFreed = (each: { free(): void }) => (each as { freed?: boolean }).freed === true;
    this.#iterators = this.#iterators.filter((each) => !isFreed(each));
  }

  // ---- Backups ----

  #openBackups(): void {
    const { world } = this;
    const { engine } = world;
    world.atMost(1, this.#backups);
    const backups = world.perhapsFaulty(() =>
      BackupEngine.openSync(BACKUPS, { engine, maxBackgroundOperations: 1 + world.below(2) }),
    );
    this.#backups.push(backups);
  }

  #backUp(): void {
    const { world, plain } = this;
    const [backups] = this.#backups;
    if (backups === undefined) return;
    let left = world.below(8);
    const progress = () => {
      if (left-- === 0) backups.stopBackup();
    };
    const options = {
      flushBeforeBackup: world.once(2),
      ...(world.once(4) ? { progress } : {}),
    };
    world.perhapsFaulty(() => backups.createNewBackupWithMetadata(plain.db, 'note', options));
  }

  #someBackup(backups: BackupEngine): number {
    return this.world.pick(backups.getBackupInfo())?.backupId ?? 1;
  }

  #verify(): void {
    const { world } = this;
    const [backups] = this.#backups;
    if (backups === undefined) return;
    backups.getCorruptedBackups();
    backups.getLatestBackupInfo({ includeFileDetails: true });
    const backup = this.#someBackup(backups);
    world.perhapsFaulty(() => backups.verifyBackup(backup, { verifyWithChecksum: world.once(2) }));
  }

  #restore(): void {
    const { world } = this;
    const [backups] = this.#backups;
    if (backups === undefined) return;
    const path = world.newPath('restored');
    try {
      const backup = this.#someBackup(backups);
      world.perhapsFaulty(() => backups.restoreDBFromBackup(backup, path));
      this.#lookInto(path);
    } finally {
      this.#remove(path);
    }
  }

  #purge(): void {
    const { world } = this;
    const [backups] = this.#backups;
    if (backups === undefined) return;
    const what = world.below(3);
    world.perhapsFaulty(() => {
      if (what === 0) backups.purgeOldBackups(1 + world.below(3));
      else if (what === 1) backups.deleteBackup(this.#someBackup(backups));
      else backups.garbageCollect();
    });
  }

  // ---- Copies of a database, and of a column family ----

  #checkpoint(): void {
    const { world, plain } = this;
    const path = world.newPath('checkpoint');
    try {
      const logSizeForFlush = world.below(2) * 1_000_000;
      world.perhapsFaulty(() => plain.db.checkpoint(path, { logSizeForFlush }));
      this.#lookInto(path);
    } finally {
      this.#remove(path);
    }
  }

  #lookInto(path: string): void {
    const db = RocksDB.openSync(path, { engine: this.world.engine, ...TEXT, readOnly: true });
    try {
      expect(db.getLiveFilesMetaData().length).toBeGreaterThanOrEqual(0);
      db.get(this.world.key());
    } finally {
      db.close();
    }
  }

  /** It may be there or not. */
  #remove(path: string): void {
    const { memory } = this.world;
    const name = path.slice(1);
    if (memory.readDirectory('/').some((entry) => entry.name === name)) this.world.removeTree(path);
  }

  /** The handle is kept; its files stay as long as the world. */
  #export(): void {
    const { world, plain } = this;
    world.atMost(2, this.#exports);
    const path = world.newPath('export');
    const exported = world.perhapsFaulty(() => plain.db.exportColumnFamily(path, plain.target()));
    this.#exports.push(exported);
    expect(exported.metadata.dbComparatorName).toBe('leveldb.BytewiseComparator');
  }

  #import(): void {
    const { world, plain } = this;
    const exported = world.pick(this.#exports);
    if (exported === undefined || plain.families.length >= 3) return;
    const name = `family${world.below(10)}`;
    const options = { mergeOperator: 'stringappend' } as const;
    const family = world.perhapsFaulty(() =>
      plain.db.createColumnFamilyWithImport(name, exported, options),
    );
    plain.families.push(family as never);
  }

  /** Half of the copies are given up on the way. */
  async #copyFamily(): Promise<void> {
    const { world, plain } = this;
    if (plain.families.length >= 3) return;
    const source = world.pick(plain.someFamilies());
    if (source === undefined) return;
    const abort = new AbortController();
    const progress = () => abort.abort();
    const options = {
      bytesPerTurn: 1000,
      mergeOperator: 'stringappend',
      signal: abort.signal,
      ...(world.once(2) ? { progress } : {}),
    } as const;
    try {
      const copy = await plain.db.copyColumnFamily(source, `family${world.below(10)}`, options);
      plain.families.push(copy as never);
    } catch (error) {
      if (error !== abort.signal.reason) throw error;
    }
  }

  // ---- Files that are there ----

  #deleteFiles(): void {
    const { world, plain } = this;
    const [begin, end] = world.range();
    if (world.once(2)) plain.db.deleteFilesInRanges([{ begin, end }], plain.target());
    else plain.db.clipColumnFamily(begin, end, plain.target());
  }

  #compactFiles(): void {
    const { world, plain } = this;
    const family = plain.db.getColumnFamilyMetaData();
    const file = world.pick(family.levels.flatMap(({ files }) => files));
    if (file === undefined) return;
    world.perhapsFaulty(() => plain.db.compactFiles([file.relativeFilename], { outputLevel: 1 }));
  }
}
