// runtime: node
import * as fs from 'node:fs';
import { type HandleKind, MemoryFileSystem, NodeFileSystem, type RocksDB } from 'rocksdb-wasm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder, wasmModule } from './support/open.js';

const example = (name: string) => new URL(`../examples/leaky-log-service/${name}`, import.meta.url);

interface Service {
  readonly url: string;
  readonly debugUrl: string;
  readonly db: RocksDB<'utf8', 'utf8'>;
  close(): Promise<void>;
}

interface Found {
  readonly what: 'alert' | 'growth';
  readonly text: string;
}

const { startService } = await import(example('service.mjs').href);
const { load } = await import(example('load.mjs').href);

async function start(variant: 'leaky' | 'fixed', onDisk: boolean) {
  const { LogStore } = await import(example(`store-${variant}.mjs`).href);
  // What is forgotten by clients is given up at once in the test.
  class Store extends LogStore {
    constructor(db: unknown) {
      super(db, 0);
    }
  }
  const found: Found[] = [];
  const service: Service = await startService({
    Store,
    path: onDisk ? `${tempFolder()}/db` : '/db',
    tell: (what: Found['what'], text: string) => found.push({ what, text }),
    database: {
      wasm: await wasmModule(),
      fileSystem: onDisk ? new NodeFileSystem() : new MemoryFileSystem(),
      onUnreleased: () => {},
    },
  });
  onTestFinished(() => service.close());
  return { service, found };
}

/** The number of the line of an example's file that has the text. */
function lineOf(file: string, text: string): number {
  const lines = fs.readFileSync(example(file), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}

const LEAK = lineOf('store-leaky.mjs', 'this.#db.iterator({ prefix: ');
const HOLD = lineOf('store-leaky.mjs', 'const snapshot = this.#db.snapshot()');

const live = ({ db }: Service, kind: HandleKind) => db.heap.handles(kind).length;

const ROUNDS = 600;

for (const where of ['on disk', 'in memory'] as const) {
  describe(`the log service, ${where}`, () => {
    it('leaks: the page shows it, alert and detector name the lines', async () => {
      const { service, found } = await start('leaky', where === 'on disk');
      const curve: number[] = [];
      const onRound = (round: number) => {
        if (round % 120 === 119) curve.push(live(service, 'iterator'));
      };
      await load(service.url, { rounds: ROUNDS, onRound });
      // One line in 400 is broken: one tail in 20 meets one.
      expect(curve).toEqual([6, 12, 18, 24, 30]);
      expect(live(service, 'snapshot')).toBe(8);
      const alerts = found.filter(({ what }) => what === 'alert').map(({ text }) => text);
      const of = (name: string) => alerts.find((text) => text.includes(`'${name}' raised`));
      expect(of('live iterators')).toContain(`store-leaky.mjs:${LEAK}:`);
      expect(of('snapshots held')).toContain(`store-leaky.mjs:${HOLD}:`);
      const suspects = found.filter(({ what }) => what === 'growth').map(({ text }) => text);
      const named = suspects.filter((text) => text.startsWith('iterator'));
      expect(named.length).toBeGreaterThan(0);
      for (const text of named) expect(text.split('\n')[0]).toContain(`store-leaky.mjs:${LEAK}:`);
      const page = await (await fetch(service.debugUrl)).text();
      expect(page).toMatch(/<li class="finding (warning|critical)">.*live iterators/s);
      expect(page).toContain('growth suspect');
      expect(page).toMatch(new RegExp(`<code>leaky-log-service/store-leaky\\.mjs:${LEAK}</code>`));
      const points = JSON.parse(
        (/data-chart="([^"]*)"/.exec(page)?.[1] ?? '').replaceAll('&quot;', '"'),
      );
      expect(points.times.length).toBeGreaterThan(20);
    });

    it('does not, once it is mended: nothing is told, the curve is flat', async () => {
      const { service, found } = await start('fixed', where === 'on disk');
      const curve = new Set<number>();
      const onRound = (round: number) => {
        if (round % 100 === 99) curve.add(live(service, 'iterator'));
      };
      await load(service.url, { rounds: ROUNDS, onRound });
      expect([...curve]).toEqual([0]);
      expect(live(service, 'snapshot')).toBeLessThanOrEqual(1);
      expect(found).toEqual([]);
      const page = await (await fetch(service.debugUrl)).text();
      expect(page).not.toContain('class="finding');
    });
  });
}
