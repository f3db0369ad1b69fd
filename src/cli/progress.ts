/** How far long work is, on standard error: a bar where somebody looks, a line now and then where a file does. */

/** Between two pictures of it. */
const TERMINAL_MS = 100;
const LINES_MS = 2000;
const BAR_CELLS = 24;

export interface ProgressPlace {
  /** Undefined: nothing is shown. */
  readonly write: ((text: string) => void) | undefined;
  /** It can go back to the start of a line. */
  readonly terminal: boolean;
  now(): number;
}

export class Progress {
  readonly #place: ProgressPlace;
  readonly #title: string;
  readonly #unit: string;
  readonly #start: number;
  #total: number | undefined;
  #shown: number;
  #width = 0;
  #last = '';

  constructor(place: ProgressPlace, title: string, unit: string, total?: number) {
    this.#place = place;
    this.#title = title;
    this.#unit = unit;
    this.#total = total;
    this.#start = this.#shown = place.now();
  }

  /** `done`: of the total, in its unit. */
  at(done: number, total = this.#total): void {
    this.#total = total;
    const now = this.#place.now();
    const pause = this.#place.terminal ? TERMINAL_MS : LINES_MS;
    if (this.#place.write === undefined || now - this.#shown < pause) return;
    this.#shown = now;
    this.#show(this.#text(done, (now - this.#start) / 1000));
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#place.terminal && this.#width > 0) {
      this.#place.write?.(`\r${' '.repeat(this.#width)}\r`);
    }
    this.#width = 0;
  }

  #text(done: number, seconds: number): string {
    const rate = seconds > 0 ? `, ${amount(done / seconds, this.#unit)}/s` : '';
    if (this.#total === undefined || this.#total <= 0) {
      return `${this.#title}: ${amount(done, this.#unit)}${rate}`;
    }
    const share = Math.min(1, done / this.#total);
    const cells = Math.round(share * BAR_CELLS);
    const bar = `[${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}]`;
    const left =
      share > 0 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : '';
    return `${this.#title} ${bar} ${Math.floor(share * 100)} %${rate}${left}`;
  }

  #show(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    if (!this.#place.terminal) {
      this.#place.write?.(`${text}\n`);
      return;
    }
    this.#place.write?.(`\r${text.padEnd(this.#width)}`);
    this.#width = Math.max(this.#width, text.length);
  }
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 MiB`, `12,345 entries`. */
export function amount(count: number, unit: string): string {
  if (unit !== 'bytes') return `${Math.round(count).toLocaleString('en')} ${unit}`;
  let value = count;
  let power = 0;
  while (value >= 1024 && power < BYTE_UNITS.length - 1) {
    value /= 1024;
    power++;
  }
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
