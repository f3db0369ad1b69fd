/** The worker: loads the setup module, and serves its clients. */
import type { LostMessage, Port } from './messages.js';
import { type Home, Session } from './session.js';

/** @internal What a worker is started with. */
export interface WorkerStart {
  /** The address of the setup module; undefined: there is none. */
  readonly setup: string | undefined;
  /** To who started it. */
  readonly port: Port;
}

/** @internal Serves the client who started the worker, and those who come later; returns what takes those in. */
export async function serve({ setup, port }: WorkerStart): Promise<(port: Port) => void> {
  let exports: Readonly<Record<string, unknown>> = {};
  let error: unknown;
  const home: Home = {
    get setup() {
      return exports;
    },
    connect: (other) => new Session(other, home).begin(error),
    left: (session, lost) => {
      if (session !== first && lost !== undefined) first.post(lost satisfies LostMessage);
    },
  };
  port.ref?.(); // the thread would end before it has begun
  // Calls wait in the port until somebody listens.
  try {
    if (setup !== undefined) exports = await import(setup);
  } catch (thrown) {
    error = thrown;
  }
  const first = new Session(port, home);
  first.begin(error);
  return home.connect;
}
