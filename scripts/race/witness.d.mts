export function violationsIn(log: string): {
  readonly violations: readonly string[];
  readonly entered: number;
  readonly count: number;
};
