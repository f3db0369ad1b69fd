/** pprof's format, which `go tool pprof`, speedscope and many services read. */
import { gzipSync } from 'node:zlib';
import { Profile, StringTable } from 'pprof-format';
import type { StackFrame } from './frames.js';
import type { HeapPicture } from './picture.js';
import { type StackWeights, type WeighedStack, weighedStacks } from './stacks.js';

/** In the order of each sample's values. */
const SAMPLE_TYPES = [
  ['inuse_objects', 'count', 'inuseObjects'],
  ['inuse_space', 'bytes', 'inuseSpace'],
  ['alloc_objects', 'count', 'allocObjects'],
  ['alloc_space', 'bytes', 'allocSpace'],
  ['pinned_space', 'bytes', 'pinnedSpace'],
] as const satisfies readonly [string, string, keyof StackWeights][];

/** What is shown unless another one is asked for: handles are what leaks. */
const DEFAULT_TYPE = 'inuse_objects';

/**
 * A profile of the live handles and of the bytes on the heap by where they were made, gzipped (`.pb.gz`). Each
 * sample has the labels `kind` and `state`. Sums: `inuse_objects` the live handles, `inuse_space` the heap's
 * `inUseBytes`, `alloc_objects` all handles that were made, `alloc_space` the heap's `allocatedBytes`,
 * `pinned_space` what only handles keep alive. Of what is freed the sites are not kept: it is one frame a kind.
 */
export function pprofProfile(picture: HeapPicture): Uint8Array<ArrayBuffer> {
  const strings = new StringTable();
  const places = new Places(strings);
  const text = (value: string) => strings.dedup(value);
  const sample = weighedStacks(picture).map((stack) => ({
    locationId: stack.frames.map((frame) => places.locationOf(frame)),
    value: SAMPLE_TYPES.map(([, , weight]) => stack[weight]),
    label: labelsOf(stack, text),
  }));
  const profile = new Profile({
    sampleType: SAMPLE_TYPES.map(([type, unit]) => ({ type: text(type), unit: text(unit) })),
    sample,
    location: places.locations,
    function: places.functions,
    timeNanos: BigInt(Math.round(picture.time)) * 1_000_000n,
    defaultSampleType: text(DEFAULT_TYPE),
    comment: [text(`rocksdb-wasm: ${picture.name}`)],
    stringTable: strings,
  });
  return new Uint8Array(gzipSync(profile.encode()));
}

function labelsOf({ kind, state }: WeighedStack, text: (value: string) => number) {
  return [
    { key: text('kind'), str: text(kind) },
    { key: text('state'), str: text(state) },
  ];
}

/** Functions and the places in them, each once. */
class Places {
  readonly functions: { id: number; name: number; systemName: number; filename: number }[] = [];
  readonly locations: { id: number; line: { functionId: number; line: number }[] }[] = [];
  readonly #functionIds = new Map<string, number>();
  readonly #locationIds = new Map<string, number>();
  readonly #strings: StringTable;

  constructor(strings: StringTable) {
    this.#strings = strings;
  }

  locationOf(frame: StackFrame): number {
    const functionId = this.#functionOf(frame);
    const key = `${functionId}:${frame.line}:${frame.column}`;
    let id = this.#locationIds.get(key);
    if (id === undefined) {
      id = this.locations.length + 1; // 0 is none
      this.#locationIds.set(key, id);
      this.locations.push({ id, line: [{ functionId, line: frame.line }] });
    }
    return id;
  }

  #functionOf({ name, file, line }: StackFrame): number {
    // What has no name is told apart by its place.
    const shown =
      name === '' ? `(anonymous) ${file.slice(file.lastIndexOf('/') + 1)}:${line}` : name;
    const key = `${shown}\n${file}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      id = this.functions.length + 1;
      this.#functionIds.set(key, id);
      const index = this.#strings.dedup(shown);
      const filename = this.#strings.dedup(file);
      this.functions.push({ id, name: index, systemName: index, filename });
    }
    return id;
  }
}
