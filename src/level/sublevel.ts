import { AbstractSublevel } from 'abstract-level';
import { calledFrom, callerSite } from '../monitor/sites.js';

/** What is done once a database is open, for the caller who asked for it before. */
export function forCaller(work: () => void): () => void {
  const site = callerSite();
  return () => calledFrom(site, work);
}

/** @internal A sublevel whose iterators name their caller, also when they are made before it is open. */
export class RocksSublevel<D, F, K, V> extends AbstractSublevel<D, F, K, V> {
  override defer(work: () => void, options?: object): void {
    super.defer(forCaller(work), options);
  }

  _sublevel(name: string, options: object): AbstractSublevel<this, F, unknown, unknown> {
    return new RocksSublevel(this, name, options);
  }
}
