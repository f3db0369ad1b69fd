/** vitest for the core suites behind a worker: tests that cannot run there are skipped by name, with the reason. */
import { describe as describeReal, it as itReal } from 'vitest';
import { NOT_THROUGH_A_WORKER } from './left-out.js';

export * from 'vitest';

type Body = () => unknown;
/** The titles that lead to the body that is running: bodies run later than they are given. */
let titles: readonly string[] = [];
const unseen = new Set(Object.keys(NOT_THROUGH_A_WORKER));

/** Those of the list that no test has; a test fails with them. */
export const leftOutInVain = (): string[] => [...unseen];

function describeHere(title: string, body: Body): void {
  const here = [...titles, title];
  describeReal(title, () => {
    const before = titles;
    titles = here;
    try {
      body();
    } finally {
      titles = before;
    }
  });
}

/** As vitest's: `%s` is each value in turn. */
describeHere.each =
  (rows: readonly (readonly unknown[])[]) =>
  (title: string, body: (...row: unknown[]) => unknown): void => {
    for (const row of rows) {
      let index = 0;
      const name = title.replace(/%[sdioj]/g, () => String(row[index++]));
      describeHere(name, () => body(...row));
    }
  };

function itHere(title: string, body: Body): void {
  const name = [...titles, title].join(' > ');
  const short = name.slice(name.indexOf(' > ') + 3);
  const reason = NOT_THROUGH_A_WORKER[short];
  if (reason === undefined) {
    itReal(title, body as never);
    return;
  }
  unseen.delete(short);
  itReal.skip(`${title} (${reason})`, body as never);
}

itHere.skipIf = (condition: unknown) => (condition ? skipped : itHere);
itHere.skip = skipped;

function skipped(title: string, body: Body): void {
  itReal.skip(title, body as never);
}

export { describeHere as describe, itHere as it, itHere as test };
