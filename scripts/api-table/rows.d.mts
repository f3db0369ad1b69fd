export function at(targets: string | readonly string[], note?: string): unknown;
export function no(why: string, note?: string): unknown;
export function type(
  targets: unknown,
  members?: {
    readonly methods?: unknown;
    readonly fields?: unknown;
    readonly names?: Readonly<Record<string, unknown>>;
  },
): unknown;
export function camel(name: string): string;
