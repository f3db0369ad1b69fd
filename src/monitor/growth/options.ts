import { shown } from '../../shown.js';
/** What the growth detector goes by. */

export interface GrowthOptions {
  /**
   * A handle counts as idle when it was not used in so many operations (and `idleMs`). Default: 20,000. More finds
   * later, and forgives handles that are held for longer without being used.
   */
  idleOperations?: number;
  /** The same in milliseconds of the engine's clock; both must have passed. Default: 1,000. */
  idleMs?: number;
  /** Growth is judged over so many operations at least. Default: 120,000. */
  spanOperations?: number;
  /** Idle handles that it takes. Default: 6. */
  handles?: number;
  /**
   * A single iterator, snapshot, transaction or the like that was not used in so many operations, nor for `heldFactor` times
   * the longest life that one of its kind has had, is listed as held. Default: 100,000.
   */
  heldOperations?: number;
  /** The same in milliseconds; both must have passed. Default: 60,000. */
  heldMs?: number;
  /** Default: 10. */
  heldFactor?: number;
  /**
   * Operations for each creation stack that is taken of a kind, when the engine's tracking level takes none. Default: 500. While
   * something is near suspicion 200 times as many are taken.
   */
  siteOperations?: number;
}

export type GrowthSettings = Readonly<Required<GrowthOptions>>;

const DEFAULTS: GrowthSettings = {
  idleOperations: 20_000,
  idleMs: 1_000,
  spanOperations: 120_000,
  handles: 6,
  heldOperations: 100_000,
  heldMs: 60_000,
  heldFactor: 10,
  siteOperations: 500,
};

/** Throws RangeError. */
export function growthSettings(options: GrowthOptions): GrowthSettings {
  const settings: Record<string, number> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options)) {
    if (!(name in DEFAULTS)) {
      const names = Object.keys(DEFAULTS).join(', ');
      throw new RangeError(`${name}: expected an option of watchGrowth: ${names}`);
    }
    if (value === undefined) continue;
    const least = name === 'idleMs' || name === 'heldMs' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`${name}: expected an integer from ${least}, got ${shown(value)}`);
    }
    settings[name] = value;
  }
  return settings as unknown as GrowthSettings;
}
