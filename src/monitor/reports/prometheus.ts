/** Metrics in Prometheus' text format, version 0.0.4. */
import type { Metric, MetricSample } from '../metrics.js';

/** For the header `Content-Type`. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics as Prometheus scrapes them, each with HELP and TYPE; those without samples are left out. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map((sample) => lineOf(name, sample));
      return `# HELP ${name} ${helpText(help)}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
    })
    .join('');
}

/**
 * Metrics of several sources as one list: those of one name are put together (the format allows each name once), and
 * the labels of a source are put before those of its samples.
 */
export function mergeMetrics(
  sources: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly metrics: readonly Metric[];
  }[],
): Metric[] {
  const merged = new Map<string, Metric & { samples: MetricSample[] }>();
  for (const { labels, metrics } of sources) {
    for (const { samples, ...metric } of metrics) {
      let target = merged.get(metric.name);
      if (target === undefined) {
        target = { ...metric, samples: [] };
        merged.set(metric.name, target);
      }
      for (const sample of samples) {
        target.samples.push({ labels: { ...labels, ...sample.labels }, value: sample.value });
      }
    }
  }
  return [...merged.values()];
}

function lineOf(name: string, { labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${labelText(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value); // NaN is what the format calls it, too
}

const helpText = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const labelText = (text: string) => helpText(text).replaceAll('"', '\\"');
