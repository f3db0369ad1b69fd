// runtime: node
// The runner of RocksDB's own tests (scripts/rocksdb-tests.mjs): that nothing is left out silently, and that what fails, traps,
// hangs or is not there is told.
import { describe, expect, it } from 'vitest';
import { bodyOf, type ProgramRunner, runBody } from '../scripts/rocksdb-tests/bodies.mjs';
import { classify, inventory } from '../scripts/rocksdb-tests/classify.mjs';
import { checkExpectations, expectations } from '../scripts/rocksdb-tests/expectations.mjs';

const all = inventory();

describe('the list of what is not run', () => {
  it("agrees with RocksDB's sources", () => {
    expect(checkExpectations(expectations(), all)).toEqual([]);
    expect(all.size).toBeGreaterThan(200);
    expect([...all.values()].flat().length).toBeGreaterThan(3700);
  });

  const changed = (change: (expected: ReturnType<typeof expectations>) => void) => {
    const expected = expectations();
    change(expected);
    return checkExpectations(expected, all).join('\n');
  };

  it('is wrong when it names what is not there', () => {
    const wrong = changed(({ notRun }) => {
      notRun['db/db_basic_test.cc'] = {
        ...notRun['db/db_basic_test.cc'],
        'DBBasicTest.No': 'threads',
      };
      notRun['db/no_test.cc'] = { 'A.B': 'threads' };
    });
    expect(wrong).toContain('DBBasicTest.No: RocksDB has no such test');
    expect(wrong).toContain('db/no_test.cc: A.B: RocksDB has no such test');
  });

  it('is wrong when its reason is not true or not said', () => {
    const wrong = changed(({ notRun }) => {
      const entries = {
        'Coding.Fixed32': 'threads',
        'Coding.Fixed64': 'disabled',
        'Coding.Varint32': 'mood',
      };
      notRun['util/coding_test.cc'] = entries;
    });
    expect(wrong).toContain('Coding.Fixed32: its source starts no threads');
    expect(wrong).toContain('Coding.Fixed64: RocksDB does not disable it');
    expect(wrong).toContain("Coding.Varint32: 'mood' is no reason");
  });

  it('is wrong when it lacks what RocksDB disables, or has a reason for nothing', () => {
    const wrong = changed((expected) => {
      expected.reasons.spare = 'nothing';
      for (const entries of Object.values(expected.notRun)) {
        for (const [key, reason] of Object.entries(entries)) {
          if (reason === 'disabled') delete entries[key];
        }
      }
    });
    expect(wrong).toContain('RocksDB disables it, and it is not listed');
    expect(wrong).toContain('reasons: spare: nothing has it');
  });
});

describe('what a body needs', () => {
  const needs = (code: string) =>
    Object.fromEntries(classify('x_test.cc', code).map(({ name, needs: what }) => [name, what]));

  it('is told from its code, not from comments', () => {
    const code = `
      // TEST(A, Comment) { }
      TEST(A, Plain) { /* port::Thread */ Put("{"); }
      TEST_F(A, Callback) { SyncPoint::GetInstance()->SetCallBack("x", [](void*) {}); }
      TEST_P(A, Starts) { std::vector<port::Thread> threads; }
      TEST_F(A, Orders) { SyncPoint::GetInstance()->LoadDependency({{"a", "b"}}); }
      TEST_F(A, DISABLED_Off) { }
      TYPED_TEST(A, Typed) { }`;
    expect(needs(code)).toEqual({
      Plain: 'plain',
      Callback: 'callbacks',
      Starts: 'threads',
      Orders: 'threads',
      DISABLED_Off: 'disabled',
      Typed: 'plain',
    });
  });

  it('includes what its helpers need', () => {
    const code = `
      void Inner() { port::Thread thread([] {}); thread.join(); }
      void Outer(int n) const { Inner(); }
      TEST(A, ByTwo) { Outer(2); }
      TEST(A, Alone) { Other(2); }`;
    expect(needs(code)).toEqual({ ByTwo: 'threads', Alone: 'plain' });
  });
});

describe('a body', () => {
  it('is found in the names of its instances', () => {
    expect(bodyOf('A.B')).toBe('A.B');
    expect(bodyOf('Inst/A.B/3')).toBe('A.B');
    expect(bodyOf('A/0.B')).toBe('A.B');
  });

  /** Answers runs one after the other with these lines and results. */
  function scripted(runs: readonly { lines: string[]; result: object }[]) {
    const filters: string[] = [];
    const runner: ProgramRunner = {
      async run(_module, args, _place, _seconds, onLine) {
        filters.push(args.at(-1) as string);
        const { lines, result } = runs[filters.length - 1] as (typeof runs)[number];
        for (const line of lines) onLine(line);
        return result;
      },
    };
    return { runner, filters };
  }
  const names = ['I/A.B/0', 'I/A.B/1', 'I/A.B/2'];
  const ok = (name: string) => [`[ RUN      ] ${name}`, `[       OK ] ${name} (1 ms)`];
  const failed = (name: string) => [
    `[ RUN      ] ${name}`,
    'x.cc:1: Failure',
    `[  FAILED  ] ${name}, where GetParam() = 1 (1 ms)`,
  ];

  it('passes when each of its instances does', async () => {
    const { runner } = scripted([{ lines: names.flatMap(ok), result: { code: 0 } }]);
    const report = await runBody(runner, {}, 'A.B', names, 'memory', 1);
    expect(report).toMatchObject({ instances: 3, passed: 3, bypassed: 0, failures: [] });
  });

  it('fails with one of them, and says where', async () => {
    const lines = [...ok('I/A.B/0'), ...failed('I/A.B/1'), ...ok('I/A.B/2')];
    const { runner } = scripted([{ lines, result: { code: 1 } }]);
    const report = await runBody(runner, {}, 'A.B', names, 'memory', 1);
    expect(report).toMatchObject({
      passed: 2,
      failures: [{ name: 'I/A.B/1', what: 'x.cc:1: Failure' }],
    });
  });

  it('goes on in a new instance after a trap and after the time limit', async () => {
    const { runner, filters } = scripted([
      { lines: ['[ RUN      ] I/A.B/0'], result: { error: 'unreachable', frames: ['f'] } },
      { lines: ['[ RUN      ] I/A.B/1'], result: { timeout: true } },
      { lines: ok('I/A.B/2'), result: { code: 0 } },
    ]);
    const report = await runBody(runner, {}, 'A.B', names, 'memory', 7);
    expect(filters).toEqual(
      ['I/A.B/0:I/A.B/1:I/A.B/2', 'I/A.B/1:I/A.B/2', 'I/A.B/2'].map((f) => `--gtest_filter=${f}`),
    );
    expect(report.passed).toBe(1);
    expect(report.failures.map(({ name }) => name)).toEqual(['I/A.B/0', 'I/A.B/1']);
    expect(report.failures[0]?.what).toContain('unreachable');
    expect(report.failures[1]?.what).toContain('over the time limit of 7 s');
  });

  it('fails when a program ends well without having run it', async () => {
    const { runner } = scripted([
      { lines: [], result: { code: 0 } },
      { lines: [], result: { code: 0 } },
      { lines: [], result: { code: 0 } },
    ]);
    const report = await runBody(runner, {}, 'A.B', names, 'memory', 1);
    expect(report.passed).toBe(0);
    expect(report.failures.map(({ what }) => what)).toEqual(names.map(() => 'it did not run'));
  });

  it('tells what has left itself out', async () => {
    const lines = ['[ RUN      ] A.B', 'SKIPPED: not here', '[       OK ] A.B (0 ms)'];
    const { runner } = scripted([{ lines, result: { code: 0 } }]);
    expect(await runBody(runner, {}, 'A.B', ['A.B'], 'memory', 1)).toMatchObject({
      passed: 1,
      bypassed: 1,
    });
  });
});
