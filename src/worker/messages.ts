/** What goes between a client and the worker, in both directions. */

/** A handle of the session, and the way from it to one of its parts; or the name of a class. */
export type Target = number | string;

/** A call. `name` of those that are no method begins with `@`: see Session. */
export interface CallMessage {
  readonly type: 'call';
  readonly call: number;
  readonly on: Target;
  /** From the handle to the object that is meant: `['heap']`. */
  readonly path?: readonly string[];
  readonly name: string;
  readonly values: readonly unknown[];
  /** Something in `values` is not as it stands there: see wire.ts. */
  readonly packed: boolean;
  /** Where the client's program made the call, if the worker wants to know that. */
  readonly site?: string;
}

/** Handles that the client does not hold any more, with how often it was told of each. */
export interface DropMessage {
  readonly type: 'drop';
  readonly handles: readonly (readonly [id: number, received: number])[];
}

/** A signal that a call was given was aborted. */
export interface AbortMessage {
  readonly type: 'abort';
  readonly signal: number;
}

/** The client ends; what it has is freed. */
export interface LeaveMessage {
  readonly type: 'leave';
}

/** Another client comes, at this port. */
export interface ConnectMessage {
  readonly type: 'connect';
  readonly port: MessagePort;
}

export type ToWorker = CallMessage | DropMessage | AbortMessage | LeaveMessage | ConnectMessage;

/** The answer to a call. */
export interface AnswerMessage {
  readonly type: 'answer';
  readonly call: number;
  readonly failed: boolean;
  readonly value: unknown;
  readonly packed: boolean;
}

/** A function of the client's is to be called; nothing waits for it. */
export interface NotifyMessage {
  readonly type: 'notify';
  readonly fn: number;
  readonly values: readonly unknown[];
  readonly packed: boolean;
}

/** A function of the client's is not needed any more. */
export interface ForgetMessage {
  readonly type: 'forget';
  readonly fn: number;
}

/** From now on calls come with their sites, or without. */
export interface SitesMessage {
  readonly type: 'sites';
  readonly wanted: boolean;
}

/** The worker has loaded its setup module, or could not. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly failed: boolean;
  readonly value: unknown;
}

/** Handles that a client lost, or left behind when it ended, and that were freed for it. */
export interface LostMessage {
  readonly type: 'lost';
  readonly handles: readonly unknown[];
  readonly how: 'collected' | 'client ended';
}

export type ToClient =
  | AnswerMessage
  | NotifyMessage
  | ForgetMessage
  | SitesMessage
  | ReadyMessage
  | LostMessage;

/** What of a port of node:worker_threads is used; Deno and Bun have the same. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  addEventListener(
    event: 'message' | 'close',
    listener: (event: { readonly data: unknown }) => void,
  ): void;
  on?(event: 'close', listener: () => void): unknown;
  start(): void;
  ref?(): void;
  unref?(): void;
  close?(): void;
}

/**
 * Calls `receive` with each message. Not by `on('message')`: Deno looks through all that comes that way for ports,
 * arrays of bytes too, one by one.
 */
export function listen<M>(port: Port, receive: (message: M) => void): void {
  port.addEventListener('message', ({ data }) => receive(data as M));
  port.start();
}

/** Calls `told` when the other end is gone. Ports that came in a message have no `on()` on Deno. */
export function whenClosed(port: Port, told: () => void): void {
  if (port.on === undefined) port.addEventListener('close', told);
  else port.on('close', told);
}
