/** Loggers: where the lines go that RocksDB writes to its LOG file otherwise. */
import type { Engine } from '../engine.js';
import { LogMessageLayout } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import { expected } from '../option-errors.js';

/** The order of rocksdb::InfoLogLevel. `header`: what a log begins with (options, versions). */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'header'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Takes RocksDB's lines instead of the LOG file: `RocksDB.open(path, { logger })`. It is called in the
 * middle of the engine's work, which refuses to be used in it (ERR_ROCKSDB_REENTRANT). What it throws, the
 * call that is under way throws at its end, as a CallbackError, or if it cannot any more, the next call.
 * Several databases may share one.
 */
export interface Logger {
  /** `message` has no line end. */
  log(level: LogLevel, message: string): void;
  /** The least level that `log` is called with; headers always come. Default: the option infoLogLevel. */
  readonly infoLogLevel?: Exclude<LogLevel, 'header'>;
}

/** A logger that writes to the process's error output, a line each, after `prefix`. */
export function stderrLogger(
  options: { level?: Logger['infoLogLevel']; prefix?: string } = {},
): Logger {
  const { level = 'info', prefix = '' } = options;
  if (!isLevel(level)) throw expected(LEVELS_IN_WORDS, 'level', level);
  return {
    infoLogLevel: level,
    log: (of, message) => console.error(`${prefix}[${of}] ${message}`),
  };
}

const LEVELS_IN_WORDS = `one of ${LOG_LEVELS.slice(0, -1).join(', ')}`;
const isLevel = (level: unknown) => level !== 'header' && LOG_LEVELS.includes(level as LogLevel);

/** Throws unless `value` is a logger. */
export function checkLogger(value: unknown, path: string): Logger {
  const logger = (value ?? {}) as Logger;
  if (typeof logger.log !== 'function') {
    throw expected('a logger: an object with log(level, message)', path, value);
  }
  const { infoLogLevel } = logger;
  if (infoLogLevel !== undefined && !isLevel(infoLogLevel)) {
    throw expected(LEVELS_IN_WORDS, `${path}.infoLogLevel`, infoLogLevel);
  }
  return logger;
}

/** What C++ calls for a logger. */
export function hostLogger(value: object, engine: Engine, path: string): HostObject {
  const logger = checkLogger(value, path);
  const { infoLogLevel } = logger;
  const { heap } = engine.native;
  const { events } = engine.context;
  return {
    methods: [
      (at) => {
        if (infoLogLevel === undefined) return;
        heap.setWord(at + LogMessageLayout.level, LOG_LEVELS.indexOf(infoLogLevel));
      },
      (at) => {
        const level = LOG_LEVELS[heap.getWord(at + LogMessageLayout.level)] ?? 'info';
        const text = heap.getWord(at + LogMessageLayout.text);
        const message = heap.readText(text, heap.getWord(at + LogMessageLayout.length));
        events.guard(() => logger.log(level, message));
      },
    ],
  };
}
