/**
 * Stands in for `vitest` where the tests run as a bundle: on Node, Deno and Bun alike, with vitest's own
 * runner and matchers, and nothing of its workers and transformation.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  type ExpectStatic,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  type MatcherState,
  setState,
} from '@vitest/expect';
import {
  type File,
  getCurrentTest,
  type Suite,
  startTests,
  type Task,
  type Test,
  type VitestRunner,
  type VitestRunnerConfig,
} from '@vitest/runner';

export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFailed,
  onTestFinished,
  suite,
  test,
} from '@vitest/runner';

// ---- expect ------------------------------------------------------------------------------------

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** What vitest adds to chai's assertions. */
type VitestAssertion = { withTest(test: unknown): VitestAssertion };

const NO_ASSERTIONS: Partial<MatcherState> = {
  assertionCalls: 0,
  isExpectingAssertions: false,
  isExpectingAssertionsError: null,
  expectedAssertionsNumber: null,
  expectedAssertionsNumberErrorGen: null,
};

function makeExpect(): ExpectStatic {
  const expect = ((value: unknown, message?: string) => {
    const { assertionCalls } = getState(expect);
    setState({ assertionCalls: assertionCalls + 1 }, expect);
    const assertion = chai.expect(value, message) as unknown as VitestAssertion;
    const test = getCurrentTest();
    return test === undefined ? assertion : assertion.withTest(test);
  }) as unknown as ExpectStatic;
  const globals = globalThis as unknown as Record<symbol, object>;
  Object.assign(expect, chai.expect, globals[ASYMMETRIC_MATCHERS_OBJECT], {
    assert: chai.assert,
    getState: () => getState(expect),
    setState: (state: Partial<MatcherState>) => setState(state, expect),
    extend: (matchers: object) =>
      (chai.expect as unknown as { extend(of: object, by: object): void }).extend(expect, matchers),
    unreachable: (message?: string) => chai.assert.fail(message ?? 'expected not to be reached'),
    assertions: (count: number) => {
      const message = () => `expected ${count} assertions, got ${getState(expect).assertionCalls}`;
      const expectedAssertionsNumberErrorGen = () => new Error(message());
      setState({ expectedAssertionsNumber: count, expectedAssertionsNumberErrorGen }, expect);
    },
    hasAssertions: () => {
      const isExpectingAssertionsError = new Error('expected an assertion, got none');
      setState({ isExpectingAssertions: true, isExpectingAssertionsError }, expect);
    },
  });
  setState(NO_ASSERTIONS, expect);
  return expect;
}

export const expect: ExpectStatic = makeExpect();
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, configurable: true });

function checkAssertionCount(): void {
  const state = getState(expect);
  const { expectedAssertionsNumber: expected, assertionCalls } = state;
  if (expected !== null && expected !== assertionCalls) {
    throw state.expectedAssertionsNumberErrorGen?.() ?? new Error('wrong number of assertions');
  }
  if (state.isExpectingAssertions && assertionCalls === 0) throw state.isExpectingAssertionsError;
}

// ---- running -----------------------------------------------------------------------------------

export interface TestRecord {
  /** The file and the titles around the test, or of the suite that failed as a whole. */
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly milliseconds: number;
  /** Stacks of a failure, or the reason of a skip. */
  readonly notes: readonly string[];
}

export interface RunOptions {
  readonly testTimeout: number;
  /** Told before each test, so that a crash can be blamed. */
  started(name: string): void;
  /** Told all of a file's tests when they are over. */
  finished(record: TestRecord): void;
}

const TITLE = ' > ';

function nameOf(task: Task): string {
  if (task === task.file) return task.name;
  return `${nameOf(task.suite ?? task.file)}${TITLE}${task.name}`;
}

function stacksOf(task: Task): string[] {
  return (task.result?.errors ?? []).map((error) => {
    const text = error.stack?.includes(error.message)
      ? error.stack
      : `${error.name}: ${error.message}\n${error.stack ?? ''}`;
    return error.diff === undefined ? text : `${text}\n${error.diff}`;
  });
}

function* recordsOf(task: File | Suite | Test): Generator<TestRecord> {
  const milliseconds = task.result?.duration ?? 0;
  const failed = task.result?.state === 'fail';
  if (task.type === 'test') {
    const { note } = (task.result ?? {}) as { note?: string };
    const state = failed ? 'failed' : task.result?.state === 'pass' ? 'passed' : 'skipped';
    const notes = failed ? stacksOf(task) : note === undefined ? [] : [note];
    yield { name: nameOf(task), state, milliseconds, notes };
    return;
  }
  // Its own errors: it could not be loaded, had no test, or a hook of it failed.
  const notes = stacksOf(task);
  const own = failed && (notes.length > 0 || task.tasks.length === 0);
  if (own) yield { name: nameOf(task), state: 'failed', milliseconds, notes };
  for (const child of task.tasks) yield* recordsOf(child);
}

class Runner implements VitestRunner {
  readonly config: VitestRunnerConfig;

  constructor(
    readonly importFile: () => unknown,
    readonly options: RunOptions,
  ) {
    this.config = {
      root: '/',
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: options.testTimeout,
      hookTimeout: 60_000,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    };
  }

  onBeforeRunTask(test: Test): void {
    this.options.started(nameOf(test));
  }

  onBeforeTryTask(): void {
    setState(NO_ASSERTIONS, expect);
  }

  onAfterTryTask(): void {
    checkAssertionCount();
  }
}

/** Runs the tests that importing a file defines. `path` is what it is called by. */
export async function runFile(
  path: string,
  load: () => Promise<unknown>,
  options: RunOptions,
): Promise<void> {
  const files = await startTests([`/${path}`], new Runner(load, options));
  for (const file of files) for (const record of recordsOf(file)) options.finished(record);
}
