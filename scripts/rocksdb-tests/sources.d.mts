export interface Body {
  readonly suite: string;
  readonly name: string;
  /** The macro; main: a program without gtest. */
  readonly kind: string;
  /** Its code, without comments. */
  readonly text: string;
  readonly line: number;
}
export function testFiles(): string[];
export function bodiesOf(file: string, source?: string): Body[];
