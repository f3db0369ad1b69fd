/** Figures as people read them, the same on every runtime. */
import { grouped } from '../../text.js';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `8.2 kB`, `61 MB`: two or three digits, decimal units. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (unit < BYTE_UNITS.length - 1 && Math.abs(value) >= (unit === 0 ? 1000 : 999.5)) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 ? shortText(value) : grouped(Math.round(value))} ${BYTE_UNITS[unit]}`;
}

/** `1,234` as it is, `12.3 k`, `4.5 M` beyond. */
export function countText(count: number): string {
  if (Math.abs(count) < 10_000) return grouped(Math.round(count));
  if (Math.abs(count) < 999_500) return `${shortText(count / 1000)} k`;
  if (Math.abs(count) < 999_500_000) return `${shortText(count / 1e6)} M`;
  return `${shortText(count / 1e9)} G`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(ms, 0) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1).replace('.0', '')} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const parts = [
    [86_400, 'd', 3600, 'h'],
    [3600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ] as const;
  for (const [size, name, smaller, smallerName] of parts) {
    if (whole < size) continue;
    const rest = Math.floor((whole % size) / smaller);
    const more = rest > 0 ? ` ${rest} ${smallerName}` : '';
    return `${grouped(Math.floor(whole / size))} ${name}${more}`;
  }
  return `${whole} s`;
}

/** `2026-01-31 12:34:56 UTC`. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function percentText(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %` : '-';
}

/** Two digits below 10, else none after the point. */
function shortText(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.5) return grouped(Math.round(value));
  const digits = size >= 9.95 ? 1 : 2;
  return value.toFixed(digits).replace(/\.?0+$/, '');
}

/** At least `max`, and of a round size in its unit: where an axis ends. */
export function niceMax(max: number, steps: number): number {
  if (!(max > 0)) return steps;
  const step = max / steps;
  const power = 10 ** Math.floor(Math.log10(step));
  const nice = [1, 2, 2.5, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return nice * power * steps;
}
