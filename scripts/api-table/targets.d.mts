export interface Targets {
  /** Why a target is not there; undefined when it is. */
  missing(target: string): string | undefined;
}

export function openTargets(root: string, entries: Readonly<Record<string, string>>): Targets;
