/** Damaged files of every kind, and what reads them. */
import { type Base, makeBases } from './bases.js';
import { damage, FILE_KINDS, type FileKind, kindOf } from './file-kinds.js';
import type { Image } from './files.js';
import type { Choice } from './random.js';
import * as uses from './uses.js';
import type { Case, Target } from './world.js';

type Weighted = readonly (readonly [number, uses.Use])[];

/** Of all files of a database. */
const COMMON: Weighted = [
  [6, uses.openAndUse],
  [8, uses.openReadOnly],
  [2, uses.repair],
  [1, uses.openSecondary],
  [1, uses.openExpiring],
  [1, uses.families],
];

const USES: Readonly<Record<FileKind, Weighted>> = {
  manifest: COMMON,
  current: COMMON,
  identity: COMMON,
  blob: COMMON,
  wal: [...COMMON, [3, uses.openTransactions]],
  options: [
    [6, uses.storedOptions],
    [1, uses.openAndUse],
    [1, uses.openReadOnly],
  ],
  table: [...COMMON, [10, uses.readTable], [3, uses.ingest]],
  backupMeta: [[1, uses.restore]],
  trace: [[1, uses.replay]],
};

/** Table files have the most parsers. */
const WEIGHTS: Readonly<Record<FileKind, number>> = {
  manifest: 8,
  current: 1,
  options: 6,
  identity: 0.5,
  table: 25,
  wal: 10,
  blob: 6,
  backupMeta: 3,
  trace: 4,
};

/** One of the targets: damages files of this kind. */
function fileTarget(kind: FileKind): Target {
  let found: { base: Base; path: string }[] = [];
  return {
    name: kind,
    weight: WEIGHTS[kind],
    async prepare(seed, wasm) {
      const bases = await basesOf(seed, wasm);
      found = bases.flatMap((base) =>
        base.name === 'encrypted'
          ? []
          : [...base.image.keys()]
              .filter((path) => kindOf(path) === kind)
              .map((path) => ({ base, path })),
      );
      if (found.length === 0) throw new Error(`no base has a file of the kind ${kind}`);
    },
    make(choice) {
      const { base, path } = choice.pick(found);
      const other = choice.pick(found);
      const image = damagedImage(base, path, choice, other.base.image.get(other.path));
      const use = choice.weighted(usesOf(kind, base, path));
      return using(use, choice, image, { base, path });
    },
  };
}

function usesOf(kind: FileKind, base: Base, path: string): Weighted {
  if (base.name === 'backup') return [[1, uses.restore]];
  if (path.startsWith('/exported/')) {
    return [
      [2, uses.importFamily],
      [1, uses.readTable],
      [1, uses.ingest],
    ];
  }
  if (path.endsWith('.external')) {
    return [
      [1, uses.ingest],
      [1, uses.readTable],
    ];
  }
  return USES[kind];
}

/** One case in so many has its OPTIONS file. */
const OPTIONS_READ = 6;

function damagedImage(base: Base, path: string, choice: Choice, other?: Uint8Array): Image {
  const bytes = base.image.get(path) as Uint8Array;
  const image = new Map(base.image).set(path, damage(kindOf(path), bytes, choice, other ?? bytes));
  // To read the options takes as long as everything else, and has a target of its own.
  if (kindOf(path) !== 'options' && !choice.once(OPTIONS_READ)) {
    for (const each of base.image.keys()) if (kindOf(each) === 'options') image.delete(each);
  }
  return image;
}

/** The case draws the same choices however often it is run. */
function using(use: uses.Use, choice: Choice, image: Image, damaged: uses.Damaged): Case {
  const at = choice.word();
  return Object.assign((world: Parameters<Case>[0]) => use(world, choice.again(at), damaged), {
    image,
    about: `${damaged.base.name} ${damaged.path} ${use.name}`,
  });
}

const encrypted: Target & { base?: Base } = {
  name: 'encrypted',
  weight: 1,
  async prepare(seed, wasm) {
    encrypted.base = (await basesOf(seed, wasm)).find(({ name }) => name === 'encrypted');
  },
  make(choice) {
    const base = encrypted.base as Base;
    const path = choice.pick([...base.image.keys()]);
    const image = damagedImage(base, path, choice);
    return using(uses.openEncrypted, choice, image, { base, path });
  },
};

const toolRuns: Target & { bases?: Base[] } = {
  name: 'tools',
  weight: 0.25,
  async prepare(seed, wasm) {
    toolRuns.bases = (await basesOf(seed, wasm)).filter(({ image }) => image.has('/db/CURRENT'));
  },
  make(choice) {
    const bases = (toolRuns.bases ?? []).filter(({ name }) => name !== 'encrypted');
    const base = choice.pick(bases);
    const path = choice.pick([...base.image.keys()]);
    return using(uses.runTools, choice, damagedImage(base, path, choice), { base, path });
  },
};

let made: { seed: number; bases: Promise<Base[]> } | undefined;

/** One set for all targets of a seed. */
function basesOf(seed: number, wasm: WebAssembly.Module): Promise<Base[]> {
  if (made?.seed !== seed) made = { seed, bases: makeBases(seed, wasm) };
  return made.bases;
}

export const FILE_TARGETS: readonly Target[] = [...FILE_KINDS.map(fileTarget), encrypted, toolRuns];
