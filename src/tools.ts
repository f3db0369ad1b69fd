/**
 * RocksDB's own tools, `ldb` and `sst_dump`, as functions: each run has an engine of its own. They work on files of
 * databases that are not open, except for what `ldb --secondary_path` and the like can read.
 */
import { dirname } from 'node:path';
import { Engine } from './engine.js';
import {
  CorruptionError,
  EngineCrashedError,
  InvalidArgumentError,
  RocksDBError,
} from './errors.js';
import { withFolders } from './folders.js';
import { OpenMode, SliceLayout, TOOLS_EXPORT_NAMES } from './native/exports.gen.js';
import { loadModule } from './native/module.js';
import type { WasmSource } from './native/wasm-source.js';
import { checkOpenOptions, foldersOf, type OpenOptions, stageRequest } from './open.js';
import { databasePath } from './paths.js';
import { packTexts } from './read-many.js';
import type { OutputWriter } from './wasi/fd-table.js';
import type { FileSystem } from './wasi/file-system.js';
import { GuestExit } from './wasi/imports.js';
import {
  decodeWriteBatch,
  type WriteBatchOperation,
  writeBatchHeader,
} from './write-batch-decoder.js';

export interface ToolOptions {
  /** One with the tools in it. Default: the package's own, `rocksdb.tools.wasm`. */
  wasm?: WasmSource;
  /** Default: the host's real file system. */
  fileSystem?: FileSystem;
  /** What the tool reads from standard input (`ldb load`, `ldb write_extern_sst`). Default: nothing. */
  stdin?: string | Uint8Array;
  /**
   * Options of the database, where the tool cannot know them: a comparator or merge operator of the program's.
   * Otherwise `--try_load_options` takes those that are stored.
   */
  options?: OpenOptions;
}

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TOOL_NAMES = ['ldb', 'sst_dump'] as const;

/** Arguments of the tools that name a file or folder. */
const PATH_ARGUMENTS =
  /^--(db|path|file|secondary_path|leader_path|walfile|dump_location|db_path|checkpoint_dir|backup_dir)=(.+)$/;

/**
 * Runs RocksDB's `ldb` with these arguments, such as `['--db=./data', 'scan', '--hex']`. Paths may be relative to the
 * process's folder. The exit code is 0 when the tool succeeded; what it printed is in the result either way.
 */
export function ldb(args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return run(0, args, options);
}

/** Runs RocksDB's `sst_dump`, such as `['--file=./data/000012.sst', '--command=scan']`. */
export function sstDump(args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return run(1, args, options);
}

/** Checks that the files of a database are those that its MANIFEST names, in place and of the right size. */
export async function checkConsistency(path: string, options: ToolOptions = {}): Promise<void> {
  const result = await ldb([`--db=${databasePath(path)}`, 'checkconsistency'], options);
  if (result.exitCode === 0 && /^OK$/m.test(result.stdout)) return;
  throw failed(CorruptionError, 'ERR_ROCKSDB_CORRUPTION', result);
}

/** One entry of a table file, as RocksDB stores it. */
export interface SstEntry {
  readonly key: Uint8Array;
  readonly sequence: bigint;
  /** RocksDB's value type: 0 deletion, 1 value, 2 merge, 7 single deletion, 15 range deletion, 17 blob index, ... */
  readonly type: number;
  /** Empty for an entity, which has columns. */
  readonly value: Uint8Array;
  /** Of an entity (type 22): names and values. */
  readonly columns?: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
}

export interface SstDump {
  /** RocksDB's table properties, by the names that sst_dump prints: `# entries`, `filter block size`, ... */
  readonly properties: Readonly<Record<string, string>>;
  readonly entries: readonly SstEntry[];
}

/** The entries and properties of a table file, which is checked on the way: CorruptionError when damaged. */
export async function dumpSst(file: string, options: ToolOptions = {}): Promise<SstDump> {
  const scan = ['--command=scan', '--output_hex', '--show_properties', '--verify_checksum'];
  const result = await sstDump([`--file=${databasePath(file)}`, ...scan], options);
  const entries: SstEntry[] = [];
  const properties: Record<string, string> = {};
  for (const line of result.stdout.split('\n')) {
    const entry = /^'([0-9A-F]*)' seq:(\d+), type:(\d+) => ([0-9A-Fx: ]*)$/.exec(line);
    const property = /^ {2}([^:]+): (.*)$/.exec(line);
    if (entry !== null) {
      const [, key = '', sequence = '', type = '', value = ''] = entry;
      const base = { key: fromHex(key), sequence: BigInt(sequence), type: Number(type) };
      entries.push({
        ...base,
        ...(base.type === ENTITY ? entityOf(value) : { value: fromHex(value) }),
      });
    } else if (property !== null) properties[property[1] as string] = property[2] as string;
  }
  if (result.exitCode !== 0 || result.stderr.trim() !== '') {
    throw failed(CorruptionError, 'ERR_ROCKSDB_CORRUPTION', result);
  }
  return { properties, entries };
}

/** One record of a write-ahead log: a batch as it was written. */
export interface WalBatch {
  /** Where it is in the file, bytes. */
  readonly offset: number;
  readonly byteLength: number;
  /** The sequence number of its first operation. */
  readonly sequence: bigint;
  /** How many sequence numbers it takes. */
  readonly count: number;
  readonly operations: readonly WriteBatchOperation[];
}

/**
 * The batches of a write-ahead log (`000010.log`). One that is torn at the end, as a power cut leaves it, is left
 * out; damage before that throws CorruptionError.
 */
export async function dumpWal(file: string, options: ToolOptions = {}): Promise<WalBatch[]> {
  const path = databasePath(file);
  return withEngine([dirname(path)], options, (engine) => {
    const { native, staging, out } = engine;
    const { heap, calls } = native;
    const countAt = out + SliceLayout.byteLength;
    staging.begin();
    try {
      staging.push(path, 'file', 0xffff);
      native.check(calls.rdb_tools_read_wal(staging.address, staging.length, out, countAt));
    } finally {
      staging.end();
    }
    const records: WalBatch[] = [];
    let at = heap.getWord(out + SliceLayout.data); // goes with the engine
    for (let left = heap.getWord(countAt); left > 0; left--) {
      const byteLength = heap.getWord(at + 8);
      const bytes = heap.bytes(at + 16, byteLength);
      const { sequenceNumber: sequence, count } = writeBatchHeader(bytes);
      const offset = heap.getDouble(at);
      const operations = decodeWriteBatch(bytes);
      records.push({ offset, byteLength, sequence, count, operations });
      at += 16 + ((byteLength + 7) & ~7);
    }
    return records;
  });
}

/**
 * One edit of a MANIFEST, with RocksDB's names: `LogNumber`, `AddedFiles`, `ColumnFamily`, ... Keys are in hexadecimal:
 * `'6B6579' seq:1, type:1`.
 */
export type ManifestEdit = Readonly<Record<string, unknown>>;

/** The edits of a MANIFEST, in order. */
export async function dumpManifest(
  file: string,
  options: ToolOptions = {},
): Promise<ManifestEdit[]> {
  const path = databasePath(file);
  // Keys may be of any bytes: in hexadecimal.
  const how = ['--json', '--verbose', '--hex'];
  const result = await ldb(['manifest_dump', `--path=${path}`, ...how], options);
  const edits = result.stdout.split('\n').filter((line) => line.startsWith(EDIT));
  // It ends with 0, too, when it could not go on after some edits.
  const stopped = result.stderr.includes('Error in processing file');
  if (result.exitCode !== 0 || edits.length === 0 || stopped) {
    throw failed(CorruptionError, 'ERR_ROCKSDB_CORRUPTION', result);
  }
  return edits.map((line) => JSON.parse(line) as ManifestEdit);
}

/** How a line with an edit begins. Names of column families are printed, too, and may begin with anything else. */
const EDIT = '{"EditNumber": ';

/** What RocksDB and wasm/bindings/callbacks/named_comparators.cc say of a comparator that is not there, and its name. */
const NO_COMPARATOR =
  /(?:is a function, and not among the options that were given|does not match existing comparator):? (\S+)/;

function failed(
  errorClass: new (code: string, message: string) => RocksDBError,
  code: string,
  { stderr, stdout, exitCode }: ToolResult,
): RocksDBError {
  const [, comparator] = NO_COMPARATOR.exec(`${stderr}\n${stdout}`) ?? [];
  if (comparator !== undefined) {
    return new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `the files are in the order of the comparator '${comparator}', which is a function of a program: pass it in ` +
        'options: { comparator }',
    );
  }
  const last = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' ');
  return new errorClass(code, last || `the tool ended with ${exitCode}`);
}

/** RocksDB's kTypeWideColumnEntity. */
const ENTITY = 22;

/** An entity as sst_dump prints it: `name:value name:value`, in hexadecimal. */
function entityOf(text: string) {
  const columns = text.split(' ').filter(Boolean);
  return {
    value: new Uint8Array(0),
    columns: columns.map((column) => {
      const [name = '', value = ''] = column.replaceAll('0x', '').split(':');
      return [fromHex(name), fromHex(value)] as const;
    }),
  };
}

const fromHex = (hex: string) =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );

/** Keeps all that is written. */
class Collector implements OutputWriter {
  readonly #decoder = new TextDecoder();
  #text = '';

  write(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  flush(): void {}

  get text(): string {
    return this.#text + this.#decoder.decode();
  }
}

async function run(
  tool: number,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  if (!Array.isArray(args) || args.some((arg) => typeof arg !== 'string')) {
    throw new InvalidArgumentError(
      'ERR_ROCKSDB_INVALID_ARGUMENT',
      `${TOOL_NAMES[tool]}: expected an array of arguments, all strings`,
    );
  }
  const folders = new Set<string>();
  const resolved = args.map((arg) => {
    const [, name, path] = PATH_ARGUMENTS.exec(arg) ?? [];
    if (path !== undefined) {
      const absolute = databasePath(path);
      folders.add(absolute).add(dirname(absolute));
      return `--${name}=${absolute}`;
    }
    // Some commands take files without a name before them.
    if (!arg.startsWith('-') && arg.includes('/')) {
      const absolute = databasePath(arg);
      folders.add(dirname(absolute));
    }
    return arg;
  });
  const stdin = options.stdin ?? '';
  const input = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin;
  const checked = options.options && checkOpenOptions(options.options);
  if (checked !== undefined) for (const folder of foldersOf(checked)) folders.add(folder);
  return withEngine(folders, options, (engine) => {
    const { native, staging, out } = engine;
    const output = new Collector();
    const error = new Collector();
    native.wasi.fds.redirect({ input, output, error });
    const texts = [TOOL_NAMES[tool] as string, ...resolved];
    const packed = packTexts(texts);
    let exitCode: number;
    staging.begin();
    try {
      staging.push(packed, 'arguments', 0xffffff);
      const { address } = staging;
      const how = { mode: OpenMode.OpenReadWrite, readOnly: false };
      const families = checked?.families.map((each) => ({ ...each, persisted: false })) ?? [];
      const request = checked && stageRequest(engine, { ...checked, families, path: '', how });
      native.check(native.calls.rdb_tools_run(tool, address, texts.length, request ?? 0, out));
      exitCode = native.heap.getWord(out);
    } catch (thrown) {
      const { cause } = thrown as { cause?: unknown };
      if (!(thrown instanceof EngineCrashedError && cause instanceof GuestExit)) throw thrown;
      exitCode = cause.exitCode;
    } finally {
      staging.end();
    }
    return { exitCode, stdout: output.text, stderr: error.text };
  });
}

/** Runs `work` on an engine of its own that reaches these folders. */
async function withEngine<T>(
  folders: Iterable<string>,
  { wasm, fileSystem }: ToolOptions,
  work: (engine: Engine) => T,
): Promise<T> {
  const module = await loadModule(wasm, 'tools');
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === TOOLS_EXPORT_NAMES[0])) {
    throw new RocksDBError(
      'ERR_ROCKSDB_WASM_INVALID',
      "wasm: it has no tools in it: pass the package's rocksdb.tools.wasm, or leave the option out",
    );
  }
  const engine = await Engine.create({
    wasm: module,
    ...(fileSystem === undefined ? {} : { fileSystem }),
  });
  try {
    return withFolders(engine, [...folders], () => work(engine));
  } finally {
    engine.free();
  }
}
