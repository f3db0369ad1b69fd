/**
 * What went on, by a log that every process appends to: `enter ID COUNT` with the count that it found in the
 * database, `count ID COUNT` once another is synced, `in ID` now and then, `leave ID` before it closes; `kill ID`
 * by who kills it, before the deed. It knows nothing of locks.
 *
 * Returns a line for each thing that cannot be when one at a time has the database open and nothing synced is lost.
 */
export function violationsIn(log) {
  const violations = [];
  const killed = new Set();
  let holder;
  let count = 0;
  let entered = 0;
  const complain = (index, what) => violations.push(`line ${index + 1} of the log: ${what}`);
  for (const [index, line] of log.split('\n').filter(Boolean).entries()) {
    const [what, id, number] = line.split(' ');
    if (what === 'kill') {
      killed.add(id);
    } else if (what === 'enter') {
      entered++;
      const found = Number(number);
      // A holder that was killed may have synced one more before it could say so.
      const most = count + (holder !== undefined && killed.has(holder) ? 1 : 0);
      if (holder !== undefined && !killed.has(holder)) {
        complain(index, `${id} has it open while ${holder} has`);
      }
      if (found < count) complain(index, `${id} found ${found}, though ${count} were synced`);
      if (found > most) complain(index, `${id} found ${found}, though ${most} were written`);
      count = found;
      holder = id;
    } else {
      if (id !== holder) complain(index, `${what} of ${id}, while ${holder ?? 'nobody'} has it`);
      if (what === 'count') count = Number(number);
      if (what === 'leave' && id === holder) holder = undefined;
    }
  }
  return { violations, entered, count };
}
