import { gunzipSync } from 'node:zlib';
import promClient from 'prom-client';
import protobuf from 'protobufjs';
import { type HeapMonitor, MemoryFileSystem, NodeFileSystem, type RocksDB } from 'rocksdb-wasm';
import {
  type HeapPicture,
  type HeapProfileNode,
  heapPage,
  heapPicture,
  heapProfile,
  mergeMetrics,
  pprofProfile,
  promCollector,
  prometheusText,
} from 'rocksdb-wasm/debug';
import { describe, expect, it } from 'vitest';
import { alertFindings, suspectFindings, worstFirst } from '../src/monitor/reports/findings.js';
import { framesOf } from '../src/monitor/reports/frames.js';
import { escaped } from '../src/monitor/reports/page/html.js';
import { bytesText, countText, durationText, niceMax } from '../src/monitor/reports/page/units.js';
import { openAt, tempFolder } from './support/open.js';

type TextDb = RocksDB<'utf8', 'utf8'>;

/** The same handles in each: of one line, of several, of kinds that pin and that do not, and freed ones. */
interface Held {
  readonly db: TextDb;
  readonly heap: HeapMonitor;
  free(): void;
}

async function held(where: 'disk' | 'memory'): Promise<Held> {
  const onDisk = where === 'disk';
  const db = await openAt(onDisk ? `${tempFolder()}/db` : '/db', {
    createIfMissing: true,
    tracking: 'track',
    fileSystem: onDisk ? new NodeFileSystem() : new MemoryFileSystem(),
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
  });
  for (let i = 0; i < 500; i++) db.put(`k${i}`, 'v'.repeat(200));
  const handles: { free(): void }[] = [];
  for (let i = 0; i < 3; i++) {
    const iterator = db.iterator();
    iterator.next();
    handles.push(iterator);
  }
  handles.push(db.snapshot());
  for (let i = 0; i < 500; i++) db.put(`k${i}`, 'w'.repeat(200));
  db.flush();
  const batch = db.batch();
  batch.put('x', 'y'.repeat(5000));
  handles.push(batch);
  for (let i = 0; i < 7; i++) db.iterator().free();
  const free = () => {
    for (const handle of handles.reverse()) handle.free();
  };
  return { db, heap: db.engine.heap, free };
}

/** The message of pprof's format, by the numbers of its fields. */
const SCHEMA = `syntax = "proto3";
message Profile {
  repeated ValueType sample_type = 1; repeated Sample sample = 2; repeated Mapping mapping = 3;
  repeated Location location = 4; repeated Function function = 5; repeated string string_table = 6;
  int64 time_nanos = 9; repeated int64 comment = 13; int64 default_sample_type = 14;
}
message ValueType { int64 type = 1; int64 unit = 2; }
message Sample { repeated uint64 location_id = 1; repeated int64 value = 2; repeated Label label = 3; }
message Label { int64 key = 1; int64 str = 2; int64 num = 3; int64 num_unit = 4; }
message Mapping { uint64 id = 1; }
message Location { uint64 id = 1; uint64 mapping_id = 2; uint64 address = 3; repeated Line line = 4; }
message Line { uint64 function_id = 1; int64 line = 2; }
message Function { uint64 id = 1; int64 name = 2; int64 system_name = 3; int64 filename = 4; }`;

interface Sample {
  readonly values: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `function file:line`, innermost first. */
  readonly frames: readonly string[];
}

/** Read by protobufjs, which knows nothing of how it was written. */
function decode(bytes: Uint8Array): { types: string[]; samples: Sample[]; shown: string } {
  const Profile = protobuf.parse(SCHEMA).root.lookupType('Profile');
  // biome-ignore lint/suspicious/noExplicitAny: by the schema above
  const profile: any = Profile.toObject(Profile.decode(gunzipSync(bytes)), {
    longs: Number,
    defaults: true,
  });
  const text = (index: number): string => {
    if (!(index in profile.stringTable)) throw new Error(`there is no string ${index}`);
    return profile.stringTable[index];
  };
  expect(text(0)).toBe('');
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const byId = (list: any[]) => new Map(list.map((each) => [each.id, each]));
  const [locations, functions] = [byId(profile.location), byId(profile.function)];
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const types = profile.sampleType.map(({ type, unit }: any) => `${text(type)}/${text(unit)}`);
  const frameOf = (id: number) => {
    const [line] = locations.get(id).line;
    const { name, filename } = functions.get(line.functionId);
    return `${text(name)} ${text(filename)}:${line.line}`;
  };
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const samples = profile.sample.map(({ value, label, locationId }: any) => ({
    values: Object.fromEntries(types.map((type: string, index: number) => [type, value[index]])),
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    labels: Object.fromEntries(label.map(({ key, str }: any) => [text(key), text(str)])),
    frames: locationId.map(frameOf),
  }));
  return { types, samples, shown: text(profile.defaultSampleType) };
}

const sumOf = (samples: readonly Sample[], type: string) =>
  samples.reduce((sum, { values }) => sum + (values[type] as number), 0);

for (const where of ['disk', 'memory'] as const) {
  describe(`pprof, ${where}`, () => {
    it('has the sums of the ledger and of the heap', async () => {
      const { db, heap, free } = await held(where);
      const picture = heapPicture(heap);
      const { samples, types, shown } = decode(pprofProfile(picture));
      expect(types).toEqual([
        'inuse_objects/count',
        'inuse_space/bytes',
        'alloc_objects/count',
        'alloc_space/bytes',
        'pinned_space/bytes',
      ]);
      expect(shown).toBe('inuse_objects');
      const { kinds, handles, inUseBytes } = picture.report;
      expect(sumOf(samples, 'inuse_objects/count')).toBe(handles.length);
      expect(sumOf(samples, 'inuse_space/bytes')).toBe(inUseBytes);
      expect(sumOf(samples, 'alloc_space/bytes')).toBe(picture.allocatedBytes);
      const created = kinds.reduce((sum, kind) => sum + kind.created, 0);
      expect(sumOf(samples, 'alloc_objects/count')).toBe(created);
      for (const { kind, live, freed } of kinds) {
        const own = samples.filter(({ labels }) => labels.kind === kind);
        expect(sumOf(own, 'inuse_objects/count'), kind).toBe(live);
        const gone = own.filter(({ labels }) => labels.state === 'freed');
        expect(sumOf(gone, 'alloc_objects/count'), kind).toBe(freed);
      }
      for (const [owner, { bytes }] of Object.entries(picture.report.owners)) {
        const own = samples.filter(({ labels }) => labels.kind === owner);
        expect(sumOf(own, 'inuse_space/bytes'), owner).toBe(bytes);
      }
      free();
      expect(db.heap.handles('iterator')).toEqual([]);
    });

    it('says what handles pin: all of it, and each thing once', async () => {
      const { heap, free } = await held(where);
      const picture = heapPicture(heap);
      const { samples } = decode(pprofProfile(picture));
      const ids = heap.handles('iterator').map(({ id }) => id);
      const together = heap.pinsTogether(ids);
      const groups = [
        together?.memtables,
        together?.sstFiles,
        together?.blobFiles,
        together?.versions,
        together?.cacheBlocks,
      ];
      const pinned = groups.reduce((sum, group) => sum + (group?.uniqueBytes ?? 0), 0);
      expect(pinned).toBeGreaterThan(50_000);
      const ofKind = (kind: string) => samples.filter(({ labels }) => labels.kind === kind);
      expect(sumOf(ofKind('iterator'), 'pinned_space/bytes')).toBe(pinned);
      const retained = heap.pins(heap.handles('snapshot')[0]?.id ?? 0)?.retained;
      expect(retained?.bytes).toBeGreaterThan(0);
      expect(sumOf(ofKind('snapshot'), 'pinned_space/bytes')).toBe(retained?.bytes);
      free();
    });
  });
}

describe('pprof', () => {
  it('names function, file and line of each place', async () => {
    const { heap, free } = await held('memory');
    const { samples } = decode(pprofProfile(heapPicture(heap)));
    const iterators = samples.find(({ labels }) => labels.kind === 'iterator');
    const [record] = heap.handles('iterator');
    const [frame] = framesOf(record?.site ?? '');
    expect(frame?.file).toContain('reports.test');
    expect(iterators?.frames[0]).toBe(`${frame?.name} ${frame?.file}:${frame?.line}`);
    expect(iterators?.values['inuse_objects/count']).toBe(3);
    expect(iterators?.labels).toEqual({ kind: 'iterator', state: 'live' });
    free();
  });

  it('says so where sites were not taken', async () => {
    const { db, heap, free } = await held('memory');
    heap.tracking = 'count';
    const iterator = db.iterator();
    const { samples } = decode(pprofProfile(heapPicture(heap)));
    expect(samples.map(({ frames }) => frames[0])).toContain('(iterator, site not taken) :0');
    iterator.free();
    free();
  });

  it('is the same bytes for the same picture', async () => {
    const { heap, free } = await held('memory');
    const picture = JSON.parse(JSON.stringify(heapPicture(heap))) as HeapPicture;
    expect(pprofProfile(picture)).toEqual(pprofProfile(picture));
    expect(decode(pprofProfile(picture)).samples.length).toBeGreaterThan(5);
    free();
  });
});

describe('the bytes of all blocks that there have been', () => {
  it('are what a trace counts, and never less', async () => {
    const { heap, db, free } = await held('memory');
    let traced = 0;
    const trace = heap.trace({
      stacks: false,
      to: (events) => {
        for (const { type, bytes } of events) if (type === 'allocate') traced += bytes;
      },
    });
    const before = heap.allocatedBytes;
    for (let i = 0; i < 1000; i++) db.put(`n${i}`, 'v'.repeat(3000));
    db.flush();
    const after = heap.allocatedBytes;
    trace.stop();
    expect(traced).toBeGreaterThan(1_000_000);
    expect(after - before).toBe(traced);
    expect(heap.allocatedBytes).toBeGreaterThan(heap.inUseBytes);
    free();
  });
});

describe('.heapprofile', () => {
  const sizeOf = ({ selfSize, children }: HeapProfileNode): number =>
    children.reduce((sum, child) => sum + sizeOf(child), selfSize);
  const nodesOf = (node: HeapProfileNode): HeapProfileNode[] => [
    node,
    ...node.children.flatMap(nodesOf),
  ];

  it('is a tree with the sums of the heap', async () => {
    const { heap, free } = await held('memory');
    const picture = heapPicture(heap);
    const profile = heapProfile(picture);
    expect(sizeOf(profile.head)).toBe(heap.inUseBytes);
    expect(profile.samples.reduce((sum, { size }) => sum + size, 0)).toBe(heap.inUseBytes);
    const nodes = new Map(nodesOf(profile.head).map((node) => [node.id, node]));
    expect(nodes.size).toBe(nodesOf(profile.head).length);
    for (const { nodeId } of profile.samples) expect(nodes.has(nodeId)).toBe(true);
    expect(sizeOf(heapProfile(picture, 'inuseObjects').head)).toBe(picture.report.handles.length);
    const pinned = sizeOf(heapProfile(picture, 'pinnedSpace').head);
    expect(pinned).toBe(sumOf(decode(pprofProfile(picture)).samples, 'pinned_space/bytes'));
    free();
  });

  it('counts lines and columns from 0, as the protocol does', async () => {
    const { heap, free } = await held('memory');
    const [record] = heap.handles('iterator');
    const [frame] = framesOf(record?.site ?? '');
    const profile = heapProfile(heapPicture(heap), 'inuseObjects');
    const lines = nodesOf(profile.head)
      .filter(({ callFrame }) => callFrame.url.includes('reports.test'))
      .map(({ callFrame }) => callFrame.lineNumber + 1);
    expect(lines).toContain(frame?.line);
    expect(() => heapProfile(heapPicture(heap), 'x' as never)).toThrow('weight: expected one of');
    free();
  });
});

describe('Prometheus text', () => {
  it('escapes what must be, names each metric once, and writes what is no number', () => {
    const gauge = { type: 'gauge', help: 'a\\b\nc "d"' } as const;
    const metrics = mergeMetrics([
      {
        labels: { engine: '1' },
        metrics: [{ ...gauge, name: 'm', samples: [{ labels: { p: 'a"b\\c\nd' }, value: 1.5 }] }],
      },
      {
        labels: { engine: '2' },
        metrics: [
          {
            ...gauge,
            name: 'm',
            samples: [
              { labels: {}, value: Number.POSITIVE_INFINITY },
              { labels: { p: 'x' }, value: Number.NaN },
            ],
          },
          { ...gauge, name: 'empty', samples: [] },
        ],
      },
    ]);
    expect(prometheusText(metrics)).toBe(
      [
        '# HELP m a\\\\b\\nc "d"',
        '# TYPE m gauge',
        'm{engine="1",p="a\\"b\\\\c\\nd"} 1.5',
        'm{engine="2"} +Inf',
        'm{engine="2",p="x"} NaN',
        '',
      ].join('\n'),
    );
    expect(prometheusText([])).toBe('');
  });

  it('has the figures of the heap, and no site', async () => {
    const { heap, free } = await held('memory');
    const text = prometheusText(heap.metrics());
    const line = /^[a-z_:][a-z0-9_:]*(\{([a-z_]+="[^"\\\n]*",?)+\})? -?[\d.e+]+$/;
    expect(text.endsWith('\n')).toBe(true);
    for (const each of text.trimEnd().split('\n')) {
      expect(each).toMatch(each.startsWith('#') ? /^# (HELP|TYPE) rocksdb_wasm_\S+ \S/ : line);
    }
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(text).toContain('rocksdb_wasm_handles_live{kind="iterator"} 3\n');
    expect(text).toContain('rocksdb_wasm_handles_created_total{kind="iterator"} 10\n');
    expect(text).not.toContain('reports.test');
    free();
  });
});

describe('the collector for prom-client', () => {
  it('gives what the text form gives, at each scrape anew', async () => {
    const { db, heap, free } = await held('memory');
    const register = new promClient.Registry();
    const remove = promCollector(promClient, { engines: [db], register });
    const engine = String(heap.engineNumber);
    const ours = () => {
      const metrics = heap.metrics().filter(({ name }) => !/age|time/.test(name));
      return prometheusText(mergeMetrics([{ labels: { engine }, metrics }]));
    };
    const samples = (text: string) =>
      text.split('\n').filter((line) => line.startsWith('rocksdb_') && !/age|time/.test(line));
    expect(samples(await register.metrics()).sort()).toEqual(samples(ours()).sort());
    const iterator = db.iterator();
    const text = await register.metrics();
    expect(samples(text).sort()).toEqual(samples(ours()).sort());
    expect(text).toContain(`rocksdb_wasm_handles_live{engine="${engine}",kind="iterator"} 4`);
    expect(text).toContain('# TYPE rocksdb_wasm_handles_created_total counter');
    remove();
    expect(await register.metrics()).not.toContain('rocksdb_wasm');
    iterator.free();
    free();
  });
});

describe('a second collector on one registry', () => {
  it('is refused, and leaves the first one and no sampling behind', async () => {
    const { db, heap, free } = await held('memory');
    const register = new promClient.Registry();
    const remove = promCollector(promClient, { engines: [db], register });
    const text = async () => (await register.metrics()).match(/^# TYPE rocksdb_wasm\S*/gm);
    const before = await text();
    expect(() => promCollector(promClient, { engines: [db], register })).toThrow(/already/);
    expect(await text()).toEqual(before);
    remove();
    const samples = heap.history().length;
    for (let i = 0; i < 3000; i++) db.get('k');
    expect(heap.history().length).toBe(samples);
    free();
  });
});

describe('frames', () => {
  it('are read as each runtime writes them', () => {
    const place = { file: '/a b/c.ts', line: 3, column: 7 };
    expect(framesOf('at f (file:///a%20b/c.ts:3:7)')).toEqual([{ name: 'f', ...place }]);
    expect(framesOf('at async Object.f [as g] (/a b/c.ts:3:7)')).toEqual([
      { name: 'Object.f [as g]', ...place },
    ]);
    expect(framesOf('at /a b/c.ts:3:7')).toEqual([{ name: '', ...place }]);
    expect(framesOf('f@/a b/c.ts:3:7\n@/a b/c.ts:3:7')).toEqual([
      { name: 'f', ...place },
      { name: '', ...place },
    ]);
    expect(framesOf('at node:internal/x:1:2')).toEqual([
      { name: '', file: 'node:internal/x', line: 1, column: 2 },
    ]);
    expect(framesOf('at new Promise (<anonymous>)')).toEqual([
      { name: 'new Promise', file: '', line: 0, column: 0 },
    ]);
    expect(framesOf('at f (C:\\x\\y.ts:3:7)')[0]).toMatchObject({ file: 'C:\\x\\y.ts', line: 3 });
  });
});

describe('the layout of the heap', () => {
  it('has the bytes of the walk, cell by cell', async () => {
    const { heap, free } = await held('memory');
    for (const cells of [1, 7, 1024]) {
      const layout = heap.layout(cells);
      const map = heap.walk();
      expect(layout.cells.length).toBeLessThanOrEqual(cells);
      const used = layout.cells.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
      expect(used).toBe(map.inUseBytes);
      for (const { usedBytes } of layout.cells) {
        expect(usedBytes).toBeLessThanOrEqual(layout.cellBytes);
      }
      expect(layout.cells.some(({ owner }) => owner === 'blockCache' || owner === 'memtable')).toBe(
        true,
      );
    }
    expect(() => heap.layout(0)).toThrow('cells: expected an integer from 1 to 65536, got 0');
    free();
  });
});

describe('findings', () => {
  it('are the alerts that are raised and the suspects, the worst first', async () => {
    const { heap, free } = await held('memory');
    const report = heap.report();
    const rule = { name: 'live', labels: { kind: 'iterator' } };
    const alerts = alertFindings(
      [
        { rule, state: 'raised', level: 'critical', value: 1234, since: 7 },
        { rule, state: 'pending', level: undefined, value: 3, since: 5 },
        { rule, state: 'ok', level: undefined, value: 1, since: undefined },
      ],
      report,
    );
    const suspects = suspectFindings([
      {
        kind: 'snapshot',
        site: 'at f (x.ts:1:1)\nat g (y.ts:1:1)',
        count: 12,
        sinceOperation: 1000,
        time: 3,
        criteria: [
          { holds: true, text: 'it rises' },
          { holds: false, text: 'it does not' },
        ],
      },
    ]);
    const site = heap.handles('iterator')[0]?.site;
    expect(worstFirst([...suspects, ...alerts])).toEqual([
      {
        level: 'critical',
        source: 'alert',
        title: 'live',
        detail: `at 1,234; 3 live of iterator made ${site?.split('\n')[0]}`,
        site,
        since: 7,
      },
      {
        level: 'warning',
        source: 'growth',
        title: 'snapshot',
        detail: '12 idle, the first of operation 1,000, made at f (x.ts:1:1)',
        why: ['it rises'],
        site: 'at f (x.ts:1:1)\nat g (y.ts:1:1)',
        since: 3,
      },
    ]);
    free();
  });
});

describe('the page', () => {
  const EVIL = `</script><script>alert("1")</script><img src=x onerror='alert(2)'>&`;

  it('holds what the program says as text only', async () => {
    const { heap, free } = await held('memory');
    const picture = heapPicture(heap);
    const [first, ...others] = picture.report.handles;
    const evil = { ...first, site: `at ${EVIL} (${EVIL}:1:1)`, name: EVIL, kind: EVIL };
    const text = heapPage({
      ...picture,
      name: EVIL,
      report: {
        ...picture.report,
        handles: [evil, ...others] as never,
        kinds: [{ ...picture.report.kinds[0], kind: EVIL, live: 1, lost: 0 }] as never,
        owners: { [EVIL]: { bytes: 10, blocks: 1 } },
      },
      history: [1, 2].map((time) => ({
        operations: time,
        time,
        inUseBytes: 1,
        highWaterBytes: 1,
        linearMemoryBytes: 1,
        live: { [EVIL]: 1 },
      })),
      findings: [
        {
          level: 'critical',
          source: 'alert',
          title: EVIL,
          detail: EVIL,
          site: EVIL,
          since: undefined,
        },
      ],
    });
    expect(text).toContain(escaped(EVIL));
    expect(text).not.toContain('<img');
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text.match(/<\/script/g)).toHaveLength(1);
    free();
  });

  it('shows what there is: kinds, sites, pins, owners, findings', async () => {
    const { db, heap, free } = await held('memory');
    const end = heap.watch({ everyOperations: 10 });
    for (let i = 0; i < 50; i++) db.get('k');
    const picture = heapPicture(heap, { name: 'my engine' });
    const finding = {
      level: 'warning',
      source: 'growth',
      title: 'iterator',
      detail: 'grows by 3 in 1,000 operations',
      why: ['it rises', '0 < 1'],
      site: 'at leak (x.ts:1:1)',
      since: picture.time - 120_000,
    } as const;
    const text = heapPage({ ...picture, findings: [finding] });
    expect(text).toContain('<title>Heap of my engine</title>');
    expect(text).toMatch(/iterator<\/th>.*?<td class="n strong">3<\/td>/s);
    expect(text).toMatch(/reports\.test\.[jt]s:\d+<\/code>/);
    expect(text).toContain('grows by 3 in 1,000 operations');
    expect(text).toContain('<li>it rises</li><li>0 &lt; 1</li>');
    expect(text).toContain('warning growth suspect, for 2 min');
    expect(text).toMatch(/alone keeps an estimated \d+ superseded versions/);
    expect(text).toContain('data-chart=');
    const without = heapPage({ ...picture, history: [], findings: [], map: undefined });
    expect(without).not.toContain('data-chart=');
    expect(without).toContain('No samples yet');
    expect(without).toContain('The heap was not walked');
    end();
    free();
  });

  it('writes figures as people read them', () => {
    expect([0, 999, 1000, 1234, 98_900, 999_600, 5e9].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '1.23 kB',
      '98.9 kB',
      '1 MB',
      '5 GB',
    ]);
    expect([9999, 10_000, 1_234_567].map(countText)).toEqual(['9,999', '10 k', '1.23 M']);
    expect([0, 450, 9960, 59_900, 200_000, 7_500_000, 90_000_000].map(durationText)).toEqual([
      '0 s',
      '0.5 s',
      '10 s',
      '1 min',
      '3 min 20 s',
      '2 h 5 min',
      '1 d 1 h',
    ]);
    expect([7, 33e6, 101, 0].map((max) => niceMax(max, 4))).toEqual([8, 40e6, 200, 4]);
  });
});
