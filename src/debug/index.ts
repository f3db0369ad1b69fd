/** `rocksdb-wasm/debug`: reports in other programs' forms, as a page, and live over HTTP. */

export type { HeapCell, HeapLayout } from '../monitor/heap-layout.js';
export type { Finding, FindingLevel } from '../monitor/reports/findings.js';
export {
  type HeapProfile,
  type HeapProfileCallFrame,
  type HeapProfileNode,
  type HeapProfileWeight,
  heapProfile,
} from '../monitor/reports/heapprofile.js';
export type { HistoryPoint } from '../monitor/reports/history.js';
export { heapPage } from '../monitor/reports/page/page.js';
export { type HeapPicture, heapPicture, type PictureOptions } from '../monitor/reports/picture.js';
export { pprofProfile } from '../monitor/reports/pprof.js';
export {
  mergeMetrics,
  PROMETHEUS_CONTENT_TYPE,
  prometheusText,
} from '../monitor/reports/prometheus.js';
export { type DebugHandler, type DebugOptions, debugHandler } from './handler.js';
export { type NodeDebugHandler, nodeDebugHandler } from './node-adapter.js';
export { type PromClient, type PromCollectorOptions, promCollector } from './prom-client.js';
export { type DebugServer, type ServeDebugOptions, serveDebug } from './server.js';
export type { DatabaseDebugStats, DebugStats, EngineDebugStats } from './stats.js';
