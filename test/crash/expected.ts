/** Everything that a crash must leave as it was, or may leave either way while a call is under way. */
import { type Effects, type State, Timeline } from './timeline.js';

/** `before`: of before a call that is under way; `after`: of it, and the same once it has returned. */
export interface Choice<T> {
  before: T;
  after: T;
}

/** A copy of the database elsewhere. */
export interface Copy {
  readonly kind: 'backup' | 'checkpoint';
  /** Of a backup; 0 of a checkpoint. */
  readonly id: number;
  readonly path: string;
  readonly content: State;
  /** `undecided` while it is being made or deleted. */
  made: 'yes' | 'undecided';
}

export class Expected {
  /** The database was created, and that was acknowledged. */
  created = false;
  /** By name: the default family's is always there. */
  readonly families = new Map<string, 'present' | 'undecided'>([['default', 'present']]);
  /** Writes that survive in one order: all that go to the log are one timeline. */
  readonly timelines = new Map<string, Timeline>();
  readonly copies: Copy[] = [];
  /** `FAMILY OPTION`, with the values that it may have. */
  readonly settings = new Map<string, Choice<unknown>>();
  /** What prepared transactions, by name, will write. Names are not used twice. */
  readonly prepared = new Map<string, Effects>();

  /** `timelineOf`: which of them a key belongs to. */
  constructor(readonly timelineOf: (key: string) => string = () => 'log') {}

  timeline(name: string): Timeline {
    const known = this.timelines.get(name) ?? new Timeline();
    this.timelines.set(name, known);
    return known;
  }

  /** Changes with everything that is expected. */
  get version(): string {
    const timelines = [...this.timelines.values()].map(({ version }) => version);
    const copies = this.copies.map(({ made, id }) => `${id}${made}`);
    const settings = [...this.settings.values()].map(({ before, after }) => `${before}/${after}`);
    return [this.created, ...timelines, ...this.families, ...copies, ...settings].join();
  }

  clone(): Expected {
    const copy = new Expected(this.timelineOf);
    copy.created = this.created;
    for (const [name, state] of this.families) copy.families.set(name, state);
    for (const [name, timeline] of this.timelines) copy.timelines.set(name, timeline.clone());
    for (const each of this.copies) copy.copies.push({ ...each });
    for (const [name, choice] of this.settings) copy.settings.set(name, { ...choice });
    for (const [name, effects] of this.prepared) copy.prepared.set(name, effects);
    return copy;
  }
}
