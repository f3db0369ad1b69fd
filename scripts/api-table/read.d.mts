import type { Targets } from './targets.mjs';

export interface Mapped {
  readonly area: string;
  readonly at?: readonly string[];
  readonly why?: string;
  readonly note?: string;
  readonly missing: readonly string[];
}
export interface Row {
  readonly name: string;
  readonly mapped?: Mapped;
}
export interface CppRow extends Row {
  readonly kind: string;
  readonly header: string;
  readonly line: number;
  readonly count: number;
}
export interface Table {
  readonly c: readonly Row[];
  readonly cpp: readonly CppRow[];
  readonly unused: readonly string[];
}
/** One module of scripts/api-map/. */
export interface Area {
  readonly area: string;
  readonly c?: Readonly<Record<string, unknown>>;
  readonly cRules?: readonly (readonly [RegExp, (match: RegExpExecArray) => unknown])[];
  readonly cpp?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export function readHeaders(sources: string): Map<string, string>;
export function readTable(
  headers: ReadonlyMap<string, string>,
  targets: Targets,
  map?: readonly Area[],
): Table;
export function faultsOf(table: Table, targets: Targets): string[];
