/** What arrives, and how long what has gone stayed. */
export interface Flow {
  /** Of the time below: operations. */
  readonly span: number;
  /** That arrived in it. */
  readonly arrived: number;
  /** That left in it. */
  readonly left: number;
  /** Sum of the stays of those that left, in operations. */
  readonly stayed: number;
  /** A stay that is supposed of those that have not left, when none has. */
  readonly usual: number;
}

/**
 * Little's law: as many are present as arrive in the time that one stays, `L = lambda W`. The stay is the mean of those
 * that have left, and at least `usual`. What never leaves does not lengthen it: so when more are present than
 * this, they are not explained by those that leave.
 */
export function explainedBy({ span, arrived, left, stayed, usual }: Flow): number {
  if (span <= 0) return 0;
  const stay = Math.max(usual, left > 0 ? stayed / left : 0);
  return (arrived / span) * stay;
}
