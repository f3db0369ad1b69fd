// Runs the bodies of test programs and tells what became of each.
import { PROGRAM } from './sources.mjs';

/** Stops of one body (traps, time limits) after which its other instances are not tried. */
const STOPS_MAX = 3;
const LINES_MAX = 40;

/** The tests of a program by body: Map from 'Suite.Name' to the full names of its instances. */
export async function listTests(runner, module, seconds) {
  const tests = new Map();
  let prefix = '';
  const onLine = (line) => {
    const suite = /^(\S+\.)(\s|$)/.exec(line);
    if (suite) prefix = suite[1];
    const test = /^ {2}(\S+)/.exec(line);
    if (!test || prefix === '') return;
    const key = bodyOf(prefix + test[1]);
    tests.set(key, [...(tests.get(key) ?? []), prefix + test[1]]);
  };
  const result = await runner.run(
    module,
    ['test', '--gtest_list_tests'],
    'memory',
    seconds,
    onLine,
  );
  if (result.code !== 0) throw new Error(`its tests cannot be listed: ${describe(result)}`);
  return tests;
}

/** 'Suite.Name' of [INSTANTIATION/]Suite[/TYPE].Name[/PARAMETER]. */
export function bodyOf(fullName) {
  const dot = fullName.indexOf('.');
  const suites = fullName.slice(0, dot).split('/');
  const name = fullName.slice(dot + 1).split('/')[0];
  const suite = suites.length > 1 && !/^\d+$/.test(suites[1]) ? suites[1] : suites[0];
  return `${suite}.${name}`;
}

const describe = ({ code, error, frames = [], timeout, seconds }) => {
  if (timeout) return `over the time limit of ${seconds} s`;
  if (error !== undefined) return [error, ...frames.slice(0, 12)].join('\n    ');
  return `main() returned ${code}`;
};

/**
 * Runs one body's instances, in one instance of the wasm as long as that lives. Resolves to { instances, passed, bypassed,
 * failures: [{ name, what }], seconds }.
 */
export async function runBody(runner, module, body, names, place, seconds) {
  const begin = performance.now();
  const report = { instances: names.length, passed: 0, bypassed: 0, failures: [] };
  const program = body.startsWith(`${PROGRAM}.`);
  let left = [...names];
  let stops = 0;
  while (left.length > 0) {
    const state = { current: undefined, lines: [], bypass: false, ended: [] };
    const args = program
      ? ['test']
      : ['test', '--gtest_color=no', `--gtest_filter=${left.join(':')}`];
    const result = await runner.run(module, args, place, seconds, (line) =>
      follow(line, state, report),
    );
    if (program) {
      if (result.code === 0) report.passed++;
      else
        report.failures.push({
          name: body,
          what: [...state.lines.slice(-5), describe({ ...result, seconds })].join('\n'),
        });
      break;
    }
    const whole = result.code === 0 || result.code === 1;
    left = left.filter((name) => !state.ended.includes(name));
    if (whole && left.length === 0) break;
    const name = state.current ?? left[0];
    left = left.filter((each) => each !== name);
    const what = whole ? 'it did not run' : describe({ ...result, seconds });
    report.failures.push({ name, what: [...state.lines.slice(-8), what].join('\n') });
    if (++stops === STOPS_MAX && left.length > 0) {
      report.failures.push({ name: left[0], what: `${left.length} more were not tried` });
      break;
    }
  }
  report.seconds = (performance.now() - begin) / 1000;
  return report;
}

/** Takes in a line that the program prints. True: a test has begun or ended. */
function follow(line, state, report) {
  // A test may have left its line without an end.
  const mark = /\[ +(RUN|OK|FAILED) +\] ([^\s,]+)/.exec(line);
  if (mark === null) {
    if (/^(SKIPPED|BYPASSED): /.test(line)) state.bypass = true;
    if (state.lines.length < LINES_MAX) state.lines.push(line);
    else if (state.lines.length === LINES_MAX) state.lines.push('...');
    return false;
  }
  const [, what, name] = mark;
  if (what === 'RUN') {
    Object.assign(state, { current: name, lines: [], bypass: false });
    return true;
  }
  if (state.current !== name) return false; // in the summary
  state.current = undefined;
  state.ended.push(name);
  if (what === 'OK') {
    report.passed++;
    if (state.bypass) report.bypassed++;
  } else report.failures.push({ name, what: state.lines.join('\n') });
  return true;
}
