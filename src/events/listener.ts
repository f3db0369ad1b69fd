/** Listeners: what RocksDB tells of flushes, compactions, files, stalls and errors. */
import type { Engine } from '../engine.js';
import { InvalidOptionError } from '../errors.js';
import type { Delivery } from '../native/event-queue.js';
import { EventLayout, EventType, ListenerWantsLayout } from '../native/exports.gen.js';
import type { HostObject } from '../native/host-callbacks.js';
import { decodePlain } from '../native/plain-data.js';
import { expected } from '../option-errors.js';
import { infoOf } from './decode.js';
import type {
  BackgroundErrorInfo,
  BackgroundErrorRecoveryInfo,
  BlobFileCreationInfo,
  ColumnFamilyHandleInfo,
  CompactionJobInfo,
  EventStatus,
  ExternalFileIngestionInfo,
  FileCreationBriefInfo,
  FileDeletionInfo,
  FileOperationInfo,
  FlushJobInfo,
  IOErrorInfo,
  ManualFlushInfo,
  MemTableInfo,
  SubcompactionJobInfo,
  TableFileCreationInfo,
  WriteStallInfo,
} from './infos.js';

/**
 * Functions that are told what a database does: RocksDB's EventListener. Give any of them, as
 * `RocksDB.open(path, { listeners: [{ onFlushCompleted(info) { ... } }] })`.
 *
 * They are called in the order of the events, when the call that caused them is over and before it
 * returns, so that they may use the database. Events of a call that fails may come right after it, those of
 * `background: 'idle'` come in the idle turn. When a listener throws, the others are called still, and the
 * call throws CallbackError with that error as its cause; if there is no call to do so, the next call does.
 *
 * The exceptions are called in the middle of the engine's work, as often as it happens, and the engine refuses
 * to be used in them (ERR_ROCKSDB_REENTRANT): `onErrorRecoveryBegin`, whose answer is waited for,
 * and `onFile...Finish` and `onIOError`, of which there are too many to keep.
 */
export interface EventListener {
  onFlushBegin?(info: FlushJobInfo): void;
  onFlushCompleted?(info: FlushJobInfo): void;
  /** A `flush()`, or what flushes likewise, has been queued. */
  onManualFlushScheduled?(info: ManualFlushInfo): void;
  onCompactionBegin?(info: CompactionJobInfo): void;
  /** Whether it succeeded: `info.status`. */
  onCompactionCompleted?(info: CompactionJobInfo): void;
  onSubcompactionBegin?(info: SubcompactionJobInfo): void;
  onSubcompactionCompleted?(info: SubcompactionJobInfo): void;
  onTableFileCreationStarted?(info: FileCreationBriefInfo): void;
  /** Whether it succeeded: `info.status`. */
  onTableFileCreated?(info: TableFileCreationInfo): void;
  onTableFileDeleted?(info: FileDeletionInfo): void;
  onBlobFileCreationStarted?(info: FileCreationBriefInfo): void;
  onBlobFileCreated?(info: BlobFileCreationInfo): void;
  onBlobFileDeleted?(info: FileDeletionInfo): void;
  /** A memtable takes no more writes and waits for its flush. */
  onMemTableSealed?(info: MemTableInfo): void;
  onColumnFamilyHandleDeletionStarted?(info: ColumnFamilyHandleInfo): void;
  onExternalFileIngested?(info: ExternalFileIngestionInfo): void;
  /** A flush, compaction or write failed so that the database may take no more writes. */
  onBackgroundError?(info: BackgroundErrorInfo): void;
  onStallConditionsChanged?(info: WriteStallInfo): void;
  /**
   * RocksDB is about to recover from a background error by itself. Return false to leave that to
   * `db.resume()`. Called in the middle of the engine's work.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
  onErrorRecoveryBegin?(info: BackgroundErrorInfo): boolean | void;
  /** RocksDB's deprecated form of onErrorRecoveryEnd, for recoveries that succeeded. */
  onErrorRecoveryCompleted?(info: { readonly oldError: EventStatus }): void;
  onErrorRecoveryEnd?(info: BackgroundErrorRecoveryInfo): void;
  /** File operations; each is called in the middle of the engine's work, and slows it down. */
  onFileReadFinish?(info: FileOperationInfo): void;
  onFileWriteFinish?(info: FileOperationInfo): void;
  onFileFlushFinish?(info: FileOperationInfo): void;
  onFileSyncFinish?(info: FileOperationInfo): void;
  onFileRangeSyncFinish?(info: FileOperationInfo): void;
  onFileTruncateFinish?(info: FileOperationInfo): void;
  onFileCloseFinish?(info: FileOperationInfo): void;
  onIOError?(info: IOErrorInfo): void;
  /** One call made more than 16,384 events: so many after those were not kept. */
  onEventsLost?(info: { readonly count: number }): void;
}

type Method = Exclude<keyof EventListener, 'onEventsLost'>;

/** The methods by rdb_event_type. */
export const METHODS = {
  [EventType.EventFlushBegin]: 'onFlushBegin',
  [EventType.EventFlushCompleted]: 'onFlushCompleted',
  [EventType.EventManualFlushScheduled]: 'onManualFlushScheduled',
  [EventType.EventCompactionBegin]: 'onCompactionBegin',
  [EventType.EventCompactionCompleted]: 'onCompactionCompleted',
  [EventType.EventSubcompactionBegin]: 'onSubcompactionBegin',
  [EventType.EventSubcompactionCompleted]: 'onSubcompactionCompleted',
  [EventType.EventTableFileCreationStarted]: 'onTableFileCreationStarted',
  [EventType.EventTableFileCreated]: 'onTableFileCreated',
  [EventType.EventTableFileDeleted]: 'onTableFileDeleted',
  [EventType.EventBlobFileCreationStarted]: 'onBlobFileCreationStarted',
  [EventType.EventBlobFileCreated]: 'onBlobFileCreated',
  [EventType.EventBlobFileDeleted]: 'onBlobFileDeleted',
  [EventType.EventMemTableSealed]: 'onMemTableSealed',
  [EventType.EventColumnFamilyHandleDeletionStarted]: 'onColumnFamilyHandleDeletionStarted',
  [EventType.EventExternalFileIngested]: 'onExternalFileIngested',
  [EventType.EventBackgroundError]: 'onBackgroundError',
  [EventType.EventStallConditionsChanged]: 'onStallConditionsChanged',
  [EventType.EventErrorRecoveryBegin]: 'onErrorRecoveryBegin',
  [EventType.EventErrorRecoveryCompleted]: 'onErrorRecoveryCompleted',
  [EventType.EventErrorRecoveryEnd]: 'onErrorRecoveryEnd',
  [EventType.EventFileReadFinish]: 'onFileReadFinish',
  [EventType.EventFileWriteFinish]: 'onFileWriteFinish',
  [EventType.EventFileFlushFinish]: 'onFileFlushFinish',
  [EventType.EventFileSyncFinish]: 'onFileSyncFinish',
  [EventType.EventFileRangeSyncFinish]: 'onFileRangeSyncFinish',
  [EventType.EventFileTruncateFinish]: 'onFileTruncateFinish',
  [EventType.EventFileCloseFinish]: 'onFileCloseFinish',
  [EventType.EventIoError]: 'onIOError',
} as const satisfies Readonly<Record<number, Method>>;

const EVERY_METHOD: readonly string[] = [...Object.values(METHODS), 'onEventsLost'];

/** Whose calls happen in the middle of the engine's work. */
const isInside = (type: number) =>
  type === EventType.EventErrorRecoveryBegin || type >= EventType.EventFileReadFinish;

/** What C++ calls for all listeners of a database. */
export function hostListeners(value: object, engine: Engine, path: string): HostObject {
  const listeners = checkListeners(value, path);
  const { heap } = engine.native;
  const { events } = engine.context;
  return {
    methods: [
      (at) => {
        heap.setWord(at + ListenerWantsLayout.events, wanted(listeners));
      },
      (at) => {
        const type = heap.getWord(at + EventLayout.type);
        const data = heap.getWord(at + EventLayout.data);
        const length = heap.getWord(at + EventLayout.length);
        const info = infoOf(type, decodePlain(heap.bytes(data, length)));
        const event = new ListenerEvent(listeners, METHODS[type as keyof typeof METHODS], info);
        if (!isInside(type)) {
          events.push(event);
          return;
        }
        event.deliver(events.guard);
        if (event.refused) heap.setWord(at + EventLayout.answer, 0);
      },
    ],
  };
}

/** A method may be anything by the time that it is called. */
type Listeners = readonly Readonly<Record<string, (info: unknown) => unknown>>[];

class ListenerEvent implements Delivery {
  /** One of them returned false. */
  refused = false;
  readonly #listeners: Listeners;
  readonly #method: Method;
  readonly #info: unknown;

  constructor(listeners: Listeners, method: Method, info: unknown) {
    this.#listeners = listeners;
    this.#method = method;
    this.#info = info;
  }

  deliver(guard: (call: () => unknown) => void): void {
    this.#tell(this.#method, this.#info, guard);
  }

  lost(count: number, guard: (call: () => unknown) => void): void {
    this.#tell('onEventsLost', { count }, guard);
  }

  #tell(method: string, info: unknown, guard: (call: () => unknown) => void): void {
    for (const listener of this.#listeners) {
      guard(() => {
        if (listener[method]?.(info) === false) this.refused = true;
      });
    }
  }
}

/** A bit for each event that any of them listens to. */
function wanted(listeners: Listeners): number {
  let bits = 0;
  for (const [type, method] of Object.entries(METHODS)) {
    if (listeners.some((listener) => listener[method] !== undefined)) bits |= 1 << Number(type);
  }
  return bits;
}

function checkListeners(value: object, path: string): Listeners {
  if (!Array.isArray(value)) throw expected('an array of listeners', path, value);
  value.forEach((listener, index) => {
    const at = `${path}[${index}]`;
    if (typeof listener !== 'object' || listener === null)
      throw expected('an object', at, listener);
    for (const method of EVERY_METHOD) {
      const given = (listener as Record<string, unknown>)[method];
      if (given !== undefined && typeof given !== 'function') {
        throw expected('a function', `${at}.${method}`, given);
      }
    }
    // A misspelt one would never be called.
    const wrong = Object.keys(listener).find(
      (name) => /^on[A-Z]/.test(name) && !EVERY_METHOD.includes(name),
    );
    if (wrong !== undefined) {
      throw new InvalidOptionError(
        `${at}.${wrong}: there is no such event; those are ${EVERY_METHOD.join(', ')}`,
        `${at}.${wrong}`,
        listener,
      );
    }
  });
  return value as Listeners;
}
