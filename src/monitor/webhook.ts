/** Sends alerts to a URL. Nothing of it throws into the program. */
import { fieldsOf, type Invalid, TIMER_MS_MAX, wholeFrom } from './checks.js';

export interface WebhookOptions {
  /** http or https, without a name and password: those go into `headers`. Redirects are not followed. */
  url: string;
  /** Sent beside `content-type: application/json`, which they may replace. */
  headers?: Readonly<Record<string, string>>;
  /** For one attempt. Default: 5,000. */
  timeoutMs?: number;
  /** Attempts after the first that failed, 100 at most. Default: 3. */
  retries?: number;
  /** Before the first of them; twice as long before each further one. Default: 500. */
  backoffMs?: number;
  /** Alerts that may wait to be sent; the oldest ones go when there are more. Default: 64. */
  maxQueued?: number;
}

/** What became of the alerts of one rule. */
export interface WebhookDeliveries {
  readonly sent: number;
  /** Given up after all attempts. */
  readonly failed: number;
  /** Too many waited. */
  readonly dropped: number;
  /** Being sent, or waiting for it. */
  readonly waiting: number;
  /** What the last attempt that failed met. */
  readonly lastError: string | undefined;
}

type Checked = Required<WebhookOptions>;

const RETRIES_MAX = 100;

/** Throws what `invalid` makes. */
export function checkWebhook(
  invalid: Invalid,
  at: string,
  given: string | WebhookOptions,
  warn: (message: string) => void,
): Webhook {
  const options = typeof given === 'string' ? { url: given } : given;
  const fields = ['url', 'headers', 'timeoutMs', 'retries', 'backoffMs', 'maxQueued'] as const;
  const { url, headers = {}, ...rest } = fieldsOf<WebhookOptions>(invalid, at, options, fields);
  if (typeof url !== 'string' || !/^https?:$/.test(protocolOf(url))) {
    throw invalid(`${at}.url`, url, 'an address that begins with http: or https:');
  }
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    // fetch would refuse it, and say it in full.
    throw invalid(`${at}.url`, new URL(url).origin, 'an address without password: use headers');
  }
  try {
    new Headers(headers);
  } catch {
    throw invalid(`${at}.headers`, headers, 'names and values of HTTP headers');
  }
  const number = (name: keyof typeof rest, least: number, otherwise: number, most?: number) =>
    wholeFrom(invalid, `${at}.${name}`, rest[name], least, most) ?? otherwise;
  const checked = {
    url,
    headers: { ...headers },
    timeoutMs: number('timeoutMs', 1, 5000, TIMER_MS_MAX),
    retries: number('retries', 0, 3, RETRIES_MAX),
    backoffMs: number('backoffMs', 0, 500, TIMER_MS_MAX),
    maxQueued: number('maxQueued', 1, 64),
  };
  return new Webhook(checked, warn);
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return '';
  }
}

/** Sends one after the other, in order. */
export class Webhook {
  readonly #options: Checked;
  readonly #warn: (message: string) => void;
  readonly #queue: string[] = [];
  #busy = false;
  #warned = false;
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #lastError: string | undefined;

  constructor(options: Checked, warn: (message: string) => void) {
    this.#options = options;
    this.#warn = warn;
  }

  get deliveries(): WebhookDeliveries {
    return {
      sent: this.#sent,
      failed: this.#failed,
      dropped: this.#dropped,
      waiting: this.#queue.length + (this.#busy ? 1 : 0),
      lastError: this.#lastError,
    };
  }

  /** Sends it soon. Timers of its own do not keep the process alive; an attempt under way does, up to its timeout. */
  send(payload: unknown): void {
    if (this.#queue.length >= this.#options.maxQueued) {
      this.#queue.shift();
      this.#dropped++;
    }
    this.#queue.push(JSON.stringify(payload));
    if (!this.#busy) void this.#run();
  }

  /** What waits is not sent any more. */
  end(): void {
    this.#dropped += this.#queue.length;
    this.#queue.length = 0;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let body = this.#queue.shift(); body !== undefined; body = this.#queue.shift()) {
      if (await this.#deliver(body)) this.#sent++;
      else this.#giveUp();
    }
    this.#busy = false;
  }

  #giveUp(): void {
    this.#failed++;
    if (this.#warned) return;
    this.#warned = true;
    // The address may have a secret in its path or query.
    const { origin } = new URL(this.#options.url);
    this.#warn(
      `an alert could not be sent to ${origin}: ${this.#lastError}; further ones are counted`,
    );
  }

  async #deliver(body: string): Promise<boolean> {
    const { retries, backoffMs } = this.#options;
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (attempt > 0) await sleep(Math.min(backoffMs * 2 ** (attempt - 1), TIMER_MS_MAX));
      const problem = await this.#attempt(body);
      if (problem === undefined) return true;
      this.#lastError = problem;
    }
    return false;
  }

  /** What went wrong; undefined: nothing. */
  async #attempt(body: string): Promise<string | undefined> {
    const { url, headers, timeoutMs } = this.#options;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    unref(timer);
    const sent = new Headers({ 'content-type': 'application/json' });
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: sent,
        body,
        // Followed, a POST may become a GET that says nothing.
        redirect: 'manual',
        signal: controller.signal,
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      const redirected =
        response.type === 'opaqueredirect' || Math.floor(response.status / 100) === 3;
      return redirected
        ? 'a redirect: give the address that it leads to'
        : `HTTP ${response.status}`;
    } catch (error) {
      if (controller.signal.aborted) return `no answer within ${timeoutMs} ms`;
      const { cause } = error as { cause?: unknown };
      return String(cause instanceof Error ? cause.message : error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    unref(setTimeout(resolve, ms));
  });
}

function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
