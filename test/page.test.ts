// runtime: node
import * as fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { MemoryFileSystem, NodeFileSystem, type RocksDB } from 'rocksdb-wasm';
import { heapPage, heapPicture, heapProfile, serveDebug } from 'rocksdb-wasm/debug';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Page } from './support/browser.js';
import { openAt, tempFolder } from './support/open.js';

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.launch();
}, 300_000);

afterAll(() => browser.close());

/** A database that handles of its are live of, and what was sampled meanwhile. */
async function busy(onDisk = false): Promise<{ db: RocksDB; free(): void }> {
  const db = await openAt(onDisk ? `${tempFolder()}/db` : '/db', {
    createIfMissing: true,
    tracking: 'track',
    fileSystem: onDisk ? new NodeFileSystem() : new MemoryFileSystem(),
  });
  const end = db.heap.watch({ everyOperations: 50 });
  const handles: { free(): void }[] = [];
  for (let i = 0; i < 1000; i++) {
    db.put(`k${i}`, 'v'.repeat(300));
    if (i % 50 !== 0) continue;
    const iterator = db.iterator();
    iterator.next();
    handles.push(iterator);
  }
  db.flush();
  const free = () => {
    end();
    for (const handle of handles) handle.free();
  };
  return { db, free };
}

/** What the page looks like to a person. */
const LOOK = `(() => {
  const colour = (element, of) => getComputedStyle(element)[of];
  const wide = [...document.querySelectorAll('body *')].filter((element) => {
    if (element.closest('.scroll') || element.closest('pre')) return false;
    return element.getBoundingClientRect().right > innerWidth + 1;
  });
  return {
    page: colour(document.body, 'backgroundColor'),
    ink: colour(document.body, 'color'),
    scrolls: document.documentElement.scrollWidth > innerWidth,
    outside: wide.map((element) => element.outerHTML.slice(0, 80)),
    small: [...document.querySelectorAll('td, th, p, span')].filter((element) =>
      parseFloat(colour(element, 'fontSize')) < 12).length,
    lines: document.querySelectorAll('path.line').length,
    squares: document.querySelectorAll('.map i').length,
  };
})()`;

const light = (rgb: string) => Number(/\d+/.exec(rgb)?.[0]) > 127;

describe('the page in a browser', () => {
  it('fetches nothing, breaks no rule of its own, and fits narrow and wide, light and dark', async () => {
    const { db, free } = await busy(true);
    const file = `${tempFolder()}/page.html`;
    const site = Array.from({ length: 8 }, (_, i) => `at f${i} (/${'folder/'.repeat(20)}x.ts:1:1)`);
    const finding = {
      level: 'warning',
      source: 'alert',
      title: 'live iterators',
      detail: site[0] ?? '',
      site: site.join('\n'),
      since: undefined,
    } as const;
    fs.writeFileSync(file, heapPage({ ...heapPicture(db.heap), findings: [finding] }));
    free();
    const page = await browser.open();
    for (const width of [400, 1000, 1600]) {
      for (const dark of [false, true]) {
        await page.look(width, 900, dark);
        await page.goto(pathToFileURL(file).href);
        const look = await page.evaluate(LOOK);
        expect(look).toMatchObject({ scrolls: false, outside: [], small: 0 });
        expect([light(look.page), light(look.ink)]).toEqual(dark ? [false, true] : [true, false]);
        expect(look.lines).toBeGreaterThan(4);
        expect(look.squares).toBeGreaterThan(100);
      }
    }
    expect(page.problems).toEqual([]);
    expect(new Set(page.requests)).toEqual(new Set([pathToFileURL(file).href]));
  });

  it('tells figures under the pointer, and by the keyboard', async () => {
    const { db, free } = await busy();
    const file = `${tempFolder()}/page.html`;
    fs.writeFileSync(file, heapPage(heapPicture(db.heap)));
    free();
    const page = await browser.open();
    await page.look(1200, 900);
    await page.goto(pathToFileURL(file).href);
    const box = await page.evaluate(
      `(() => { const { x, y, width } = document.getElementById('memory-chart').getBoundingClientRect(); return { x, y, width }; })()`,
    );
    const move = { type: 'mouseMoved', x: box.x + box.width - 1, y: box.y + 50 };
    await page.call('Input.dispatchMouseEvent', move);
    const tip = `(() => { const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.textContent; })()`;
    const last = await page.evaluate(tip);
    expect(last).toMatch(/UTC, operation [\d,]+Linear memory[\d.]+ MBIn use[\d.]+ (k|M)B$/);
    await page.evaluate(`document.getElementById('memory-chart').focus()`);
    await page.call('Input.dispatchKeyEvent', { type: 'keyDown', key: 'ArrowLeft' });
    const before = await page.evaluate(tip);
    expect(before).toMatch(/operation/);
    expect(before).not.toBe(last);
    await page.call('Input.dispatchKeyEvent', { type: 'keyDown', key: 'Escape' });
    expect(await page.evaluate(tip)).toBe('');
    expect(page.problems).toEqual([]);
  });

  it('brings itself up to date, keeps what is open, and says when it is not reached', async () => {
    const { db, free } = await busy();
    const server = await serveDebug({ engines: [db], refreshMs: 100 });
    const page = await browser.open();
    await page.look(1200, 900);
    await page.goto(server.url);
    const live = `[...document.querySelectorAll('#kinds tr')].find((row) => row.textContent.startsWith('iterator')).querySelector('.strong').textContent`;
    expect(await page.evaluate(live)).toBe('20');
    await page.evaluate(`document.querySelector('#sites details').open = true`);
    const more = [db.iterator(), db.iterator()];
    await until(page, `${live} === '22'`);
    expect(await page.evaluate(`document.querySelector('#sites details').open`)).toBe(true);
    for (const iterator of more) iterator.free();
    free();
    await until(page, `!document.querySelector('#kinds').textContent.includes('iterator22')`);
    expect(page.problems).toEqual([]);
    // Another tab goes on by itself.
    const tab = await browser.open();
    await tab.goto(server.url);
    await tab.call('Page.bringToFront');
    await page.evaluate(`document.querySelector('#live button').click()`);
    const late = db.iterator();
    await until(tab, `document.querySelector('#kinds').textContent.includes('iterator1')`);
    late.free();
    await until(tab, `!document.querySelector('#kinds').textContent.includes('iterator1')`);
    expect(tab.problems).toEqual([]);
    await tab.call('Page.close');
    await page.call('Page.bringToFront');
    expect(await page.evaluate(`document.querySelector('#live span').textContent`)).toBe('paused');
    await page.evaluate(`document.querySelector('#live button').click()`);
    await server.close();
    await until(page, `document.querySelector('#live span').textContent.startsWith('not reached')`);
  });
});

/** The page changes when it likes. */
async function until(page: Page, condition: string): Promise<void> {
  const wait = `new Promise((resolve, reject) => {
    const end = Date.now() + 20_000;
    const look = () => {
      if (${condition}) resolve(true);
      else if (Date.now() > end) reject(new Error('it did not come to be'));
      else setTimeout(look, 20);
    };
    look();
  })`;
  expect(await page.evaluate(wait)).toBe(true);
}

describe('.heapprofile', () => {
  it('is read by the front end of DevTools, which finds the bytes and the places', async () => {
    const { db, free } = await busy();
    const picture = heapPicture(db.heap);
    const text = JSON.stringify(heapProfile(picture));
    free();
    const page = await browser.open();
    await page.goto(`${browser.devToolsOrigin}/devtools/devtools_app.html`);
    // It shows itself when its texts are loaded, which its modules need while they load.
    await until(page, `document.querySelector('.root-view') !== null`);
    const problems = page.problems.length;
    // What "Load profile" of the Memory panel does with a file, and the model that its view is made of.
    const read = await page.evaluate(`(async () => {
      const { HeapProfileView } = await import('/devtools/panels/profiler/profiler.js');
      const type = new HeapProfileView.SamplingHeapProfileType();
      const file = new File([${JSON.stringify(text)}], 'rocksdb-wasm.heapprofile');
      const header = type.createProfileLoadedFromFile(file.name);
      const error = await header.loadFromFile(file);
      const model = new HeapProfileView.SamplingHeapProfileModel(header.profile);
      const names = [];
      const visit = (node) => {
        if (node.self > 0) names.push(node.functionName + ' ' + node.url + ':' + (node.lineNumber + 1));
        node.children.forEach(visit);
      };
      visit(model.root);
      return { error: error && String(error.message ?? error), total: model.total, names };
    })()`);
    expect(read.error).toBeNull();
    expect(read.total).toBe(picture.report.inUseBytes);
    expect(read.names.join('\n')).toMatch(/^busy file:\/\/\S+page\.test\.ts:\d+$/m);
    const own = page.problems.slice(problems).filter((each) => !each.includes('favicon'));
    expect(own).toEqual([]);
  });

  it('has the fields that the protocol gives a sampling profile, of their types', async () => {
    const { db, free } = await busy();
    const page = await browser.open();
    // The browser's own, for comparison.
    await page.call('HeapProfiler.enable');
    await page.call('HeapProfiler.startSampling', { samplingInterval: 64 });
    await page.evaluate(`window.kept = Array.from({ length: 10000 }, () => ({}))`);
    const { profile } = await page.call('HeapProfiler.stopSampling');
    const shape = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
      if (typeof value !== 'object' || value === null) return typeof value;
      const entries = Object.entries(value).filter(([name]) => name !== 'children');
      return Object.fromEntries(entries.sort().map(([name, each]) => [name, shape(each)]));
    };
    const own = heapProfile(heapPicture(db.heap));
    expect(shape(own.head)).toEqual(shape(profile.head));
    expect(shape(own.samples)).toEqual(shape(profile.samples));
    free();
  });
});
