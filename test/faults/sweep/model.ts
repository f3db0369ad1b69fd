/** What a database must hold, as far as it is known: a write that failed may have been done or not. */

/** A value; undefined: there is none. */
export type Value = string | undefined;
export type Change = readonly [key: string, value: Value];

export class Model {
  /** What each key may have. Keys that are not named have nothing. */
  readonly #possible = new Map<string, ReadonlySet<Value>>();
  /** Puts that were made together: all of them are there, or none, until one of their keys is written again. */
  readonly #batches = new Set<readonly Change[]>();

  /** The changes were acknowledged. */
  acknowledge(changes: readonly Change[]): void {
    this.#forgetBatches(changes);
    for (const [key, value] of changes) this.#possible.set(key, new Set([value]));
  }

  /** The changes failed, and may have been done. */
  doubt(changes: readonly Change[]): void {
    this.#forgetBatches(changes);
    for (const [key, value] of changes) {
      const before = this.#possible.get(key) ?? [undefined];
      this.#possible.set(key, new Set([...before, value]));
    }
    const puts = changes.every(([, value]) => value !== undefined);
    if (puts && changes.length > 1) this.#batches.add(changes);
  }

  /** Whether the key may have the value. */
  allows(key: string, value: Value): boolean {
    return this.#possible.get(key)?.has(value) ?? value === undefined;
  }

  /** What is wrong with a database's whole content, in words. */
  problemsOf(content: ReadonlyMap<string, string>): string[] {
    const problems: string[] = [];
    for (const [key, value] of content) {
      if (!this.allows(key, value)) problems.push(`${key} has ${short(value)}: ${this.#say(key)}`);
    }
    for (const [key] of this.#possible) {
      if (!content.has(key) && !this.allows(key, undefined)) {
        problems.push(`${key} is lost: ${this.#say(key)}`);
      }
    }
    for (const changes of this.#batches) {
      const done = changes.filter(([key, value]) => content.get(key) === value);
      if (done.length === 0 || done.length === changes.length) continue;
      problems.push(`${done.length} of ${changes.length} changes of a batch: ${done[0]?.[0]}`);
    }
    return problems;
  }

  #forgetBatches(changes: readonly Change[]): void {
    const keys = new Set(changes.map(([key]) => key));
    for (const batch of this.#batches) {
      if (batch.some(([key]) => keys.has(key))) this.#batches.delete(batch);
    }
  }

  #say(key: string): string {
    const possible = this.#possible.get(key);
    if (possible === undefined) return 'it was never written';
    return `it was ${[...possible].map(short).join(' or ')}`;
  }
}

const short = (value: Value) => (value === undefined ? 'nothing' : `"${value.slice(0, 24)}"`);
