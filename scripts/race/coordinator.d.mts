export interface RaceOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly processes: number;
  readonly folder: string;
  readonly entry: string;
  readonly commands: readonly (readonly string[])[];
  readonly native?: readonly string[] | undefined;
  onRound?(round: number, violations: number): void;
}
export interface RaceResult {
  readonly attempts: number;
  readonly entered: number;
  readonly kills: number;
  readonly reused: number;
  readonly foreign: number;
  readonly native: number;
  readonly violations: readonly string[];
}
export function race(options: RaceOptions): Promise<RaceResult>;
