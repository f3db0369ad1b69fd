/** Headless Chromium, spoken to over its DevTools protocol through pipes, which needs no package. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { provideChromium } from '../../scripts/chromium.mjs';

// biome-ignore lint/suspicious/noExplicitAny: what the protocol says is known where it is read
type Answer = any;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** One browser. Close it. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #to: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #pages = new Map<string, Page>();
  #lastId = 0;
  #text = '';

  static async launch(): Promise<Browser> {
    const program = await provideChromium();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rocksdb-wasm-browser-'));
    const args = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${folder}`,
      '--remote-debugging-pipe',
      '--remote-debugging-port=0',
      'about:blank',
    ];
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    return new Browser(spawn(program, args, { stdio: [...stdio] }), folder);
  }

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#to = child.stdio[3] as Writable;
    const from = child.stdio[4] as Readable;
    from.setEncoding('utf8');
    from.on('data', (text: string) => this.#read(text));
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    });
  }

  /** What the browser serves its DevTools at: `http://127.0.0.1:PORT`. */
  get devToolsOrigin(): string {
    const file = path.join(this.#folder, 'DevToolsActivePort');
    return `http://127.0.0.1:${fs.readFileSync(file, 'utf8').split('\n')[0]}`;
  }

  async open(): Promise<Page> {
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.#pages.set(sessionId, page);
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await page.call(`${domain}.enable`);
    return page;
  }

  call(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
    const id = ++this.#lastId;
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    // It ends its own processes first: killed, it would leave them to write into the folder.
    this.call('Browser.close').catch(() => {});
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #read(text: string): void {
    const messages = (this.#text + text).split('\0');
    this.#text = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result, error, method, params, sessionId } = JSON.parse(message);
      if (id === undefined) {
        this.#pages.get(sessionId)?.heard(method, params);
        continue;
      }
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    }
  }
}

export class Page {
  readonly #browser: Browser;
  readonly #session: string;
  readonly #events = new Map<string, (() => void)[]>();
  /** What went wrong: exceptions, errors in the console, breaches of the content security policy. */
  readonly problems: string[] = [];
  /** Addresses that were asked for. */
  readonly requests: string[] = [];

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  call(method: string, params: object = {}): Promise<Answer> {
    return this.#browser.call(method, params, this.#session);
  }

  heard(method: string, params: Answer): void {
    if (method === 'Runtime.exceptionThrown') {
      const { exception, text } = params.exceptionDetails;
      this.problems.push(exception?.description ?? text);
    }
    if (method === 'Log.entryAdded' && params.entry.level === 'error') {
      this.problems.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    }
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    for (const tell of this.#events.get(method)?.splice(0) ?? []) tell();
  }

  #next(method: string): Promise<void> {
    return new Promise((resolve) => {
      this.#events.set(method, [...(this.#events.get(method) ?? []), resolve]);
    });
  }

  async look(width: number, height: number, dark = false): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.call('Emulation.setDeviceMetricsOverride', metrics);
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
    await this.call('Emulation.setEmulatedMedia', { features });
  }

  async goto(url: string): Promise<void> {
    const loaded = this.#next('Page.loadEventFired');
    const { errorText } = await this.call('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** The value of an expression, which may be a promise. */
  async evaluate(expression: string): Promise<Answer> {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.call('Runtime.evaluate', how);
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.call('Page.captureScreenshot', { captureBeyondViewport: true });
    fs.writeFileSync(file, data, 'base64');
  }
}
