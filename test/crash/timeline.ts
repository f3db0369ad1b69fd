/**
 * What a database may hold after a crash: the state after some beginning of all that was written, which has
 * at least what was acknowledged as durable. Each write is whole or absent.
 */

/** What a write leaves of one key, by `FAMILY KEY`; undefined: it is gone. */
export type Effects = ReadonlyMap<string, string | undefined>;
export type State = ReadonlyMap<string, string>;

export class Timeline {
  /** After all that is durable. */
  #durable = new Map<string, string>();
  /** What came after that, in order; the last may be under way. */
  #since: Effects[] = [];
  #now = new Map<string, string>();
  #version = 0;

  /** After everything that was begun. */
  get now(): State {
    return this.#now;
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** To be called before the write is. */
  begin(effects: Effects): void {
    this.#version++;
    this.#since.push(effects);
    apply(this.#now, effects);
  }

  /** Everything up to now survives from here on. */
  durable(): void {
    this.#fold(this.#since.length);
  }

  /** Likewise, up to the last write that concerns one of these keys. */
  durableFor(concerned: (key: string) => boolean): void {
    this.#fold(this.#since.findLastIndex((effects) => [...effects.keys()].some(concerned)) + 1);
  }

  /** Takes keys out of all that was and is: their column family was dropped. */
  forget(concerned: (key: string) => boolean): void {
    this.#version++;
    const strip = <V>(map: ReadonlyMap<string, V>) =>
      new Map([...map].filter(([key]) => !concerned(key)));
    this.#durable = strip(this.#durable);
    this.#now = strip(this.#now);
    this.#since = this.#since.map(strip);
  }

  /**
   * Compares what was found with every state that may be. Returns the number of writes beyond the durable ones that are
   * there, or what is wrong. Keys for which `absent` says so do not count: their family is not there.
   */
  find(found: State, absent: (key: string) => boolean = () => false): number | string {
    const state = new Map(this.#durable);
    const wrong = new Set<string>();
    const look = (key: string) => {
      if (!absent(key) && state.get(key) !== found.get(key)) wrong.add(key);
      else wrong.delete(key);
    };
    for (const key of [...state.keys(), ...found.keys()]) look(key);
    let fewest = { beyond: 0, keys: [...wrong], state: new Map(state) };
    for (let beyond = 0; ; beyond++) {
      if (wrong.size === 0) return beyond;
      if (wrong.size < fewest.keys.length) {
        fewest = { beyond, keys: [...wrong], state: new Map(state) };
      }
      const next = this.#since[beyond];
      if (next === undefined) break;
      apply(state, next);
      for (const key of next.keys()) look(key);
    }
    return this.#difference(found, fewest);
  }

  /** What was found after a crash is what there is from now on. */
  survived(beyond: number): void {
    this.#since.length = beyond;
    this.#fold(beyond);
    this.#now = new Map(this.#durable);
  }

  clone(): Timeline {
    const copy = new Timeline();
    copy.#durable = new Map(this.#durable);
    copy.#since = [...this.#since];
    copy.#now = new Map(this.#now);
    return copy;
  }

  #fold(count: number): void {
    this.#version++;
    for (const effects of this.#since.splice(0, count)) apply(this.#durable, effects);
  }

  #difference(found: State, near: { beyond: number; keys: string[]; state: State }): string {
    const lost = near.keys.filter((key) => !found.has(key)).length;
    const invented = near.keys.filter((key) => !near.state.has(key)).length;
    const examples = near.keys.slice(0, 4).map((key) => {
      return `${key}: ${brief(found.get(key))} instead of ${brief(near.state.get(key))}`;
    });
    return (
      `no state of the writes is this one; the nearest, ${near.beyond} of ${this.#since.length} writes after the durable ` +
      `ones, differs in ${near.keys.length} keys (${lost} lost, ${invented} not of it): ${examples.join('; ')}`
    );
  }
}

function apply(state: Map<string, string>, effects: Effects): void {
  for (const [key, value] of effects) {
    if (value === undefined) state.delete(key);
    else state.set(key, value);
  }
}

/** Values are long; their first characters say which write they are of. */
function brief(value: string | undefined): string {
  return value === undefined ? 'nothing' : `'${value.slice(0, 24)}' (${value.length})`;
}
