/** The metrics in a registry of the npm package `prom-client`, which the program gives. */
import type { Metric } from '../monitor/metrics.js';
import { mergeMetrics } from '../monitor/reports/prometheus.js';
import { type DebugTarget, Targets } from './targets.js';

/** How prom-client makes metrics; what is used of it. */
interface MetricConfiguration {
  name: string;
  help: string;
  labelNames: string[];
  // biome-ignore lint/suspicious/noExplicitAny: a registry of prom-client's, whatever its content type
  registers: any[];
  collect: () => void;
}

interface PromGauge {
  set(labels: Record<string, string>, value: number): void;
  reset(): void;
}

interface PromCounter {
  inc(labels: Record<string, string>, value: number): void;
  reset(): void;
}

/** The package itself: `import promClient from 'prom-client'`. */
export interface PromClient {
  readonly Gauge: new (configuration: MetricConfiguration) => PromGauge;
  readonly Counter: new (configuration: MetricConfiguration) => PromCounter;
  readonly register: unknown;
}

export interface PromCollectorOptions {
  /** Engines, or databases, whose engines are meant. Default: all of the process, also those that are made later. */
  engines?: readonly DebugTarget[];
  /** A registry of prom-client's. Default: its global one. */
  register?: {
    /** As prom-client's own registry has it. */
    removeSingleMetric(name: string): void;
  };
}

/**
 * Registers the metrics with prom-client, under the names of `heap.metrics()` and with a label `engine`. They are read
 * when the registry is scraped. A metric is registered once it has a sample, and shown from the next scrape on. Returns
 * the function that takes them out again. Throws prom-client's error, and registers none, where the registry has such a
 * name.
 */
export function promCollector(client: PromClient, options: PromCollectorOptions = {}): () => void {
  const collector = new Collector(client, options);
  try {
    collector.refresh();
  } catch (error) {
    collector.remove();
    throw error;
  }
  return () => collector.remove();
}

class Collector {
  readonly #client: PromClient;
  readonly #register: unknown;
  readonly #targets: Targets;
  readonly #own = new Map<string, PromGauge | PromCounter>();
  /** The figures of the scrape that is under way. */
  #present: Map<string, Metric> | undefined;

  constructor(client: PromClient, { engines, register = undefined }: PromCollectorOptions) {
    this.#client = client;
    this.#register = register ?? client.register;
    this.#targets = new Targets(engines);
  }

  /** Reads the figures once a scrape: it asks for all its metrics at once. */
  refresh(): Map<string, Metric> {
    if (this.#present !== undefined) return this.#present;
    const sources = this.#targets.list().map(({ heap }) => ({
      labels: { engine: String(heap.engineNumber) },
      metrics: heap.metrics(),
    }));
    const present = new Map(mergeMetrics(sources).map((metric) => [metric.name, metric]));
    this.#present = present;
    queueMicrotask(() => {
      this.#present = undefined;
    });
    for (const metric of present.values()) {
      if (metric.samples.length > 0 && !this.#own.has(metric.name)) this.#add(metric);
    }
    return present;
  }

  remove(): void {
    const register = this.#register as { removeSingleMetric(name: string): void };
    for (const name of this.#own.keys()) register.removeSingleMetric(name);
    this.#own.clear();
    this.#targets.stop();
  }

  #add({ name, type, help, samples }: Metric): void {
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    const register = this.#register;
    const configuration = { name, help, labelNames, registers: [register] };
    if (type === 'counter') {
      const counter = new this.#client.Counter({
        ...configuration,
        collect: () => {
          counter.reset();
          for (const { labels, value } of this.#samples(name)) counter.inc({ ...labels }, value);
        },
      });
      this.#own.set(name, counter);
    } else {
      const gauge = new this.#client.Gauge({
        ...configuration,
        collect: () => {
          gauge.reset();
          for (const { labels, value } of this.#samples(name)) gauge.set({ ...labels }, value);
        },
      });
      this.#own.set(name, gauge);
    }
  }

  #samples(name: string) {
    return this.refresh().get(name)?.samples ?? [];
  }
}
