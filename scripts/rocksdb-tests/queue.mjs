// Programs are compiled and linked, their bodies run, by a number of workers that each take what is next: a body if there
// is one, else the next program.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { listTests, runBody } from './bodies.mjs';
import { compileModule, Runner } from './pool.mjs';
import { PROGRAM } from './sources.mjs';

/** At most `count` of them, over the whole length. */
const evenly = (all, count) => {
  const step = Math.max(1, all.length / count);
  return all.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
};

/**
 * `programs`: [{ file, bodies: ['Suite.Name'], leftOut: those that the program should not have, places(body): where it
 * is to be run }], `settings` for Runner, `builder` of build.mjs, `filter`: a RegExp over instances or undefined,
 * `instances`: of each body at most so many. `tell(event)` gets { file, broken } for a program that cannot be built or
 * listed, and { file, body, place, report } for each body.
 */
export async function runPrograms({
  programs,
  jobs,
  seconds,
  filter,
  instances,
  builder,
  settings,
  tell,
}) {
  const waiting = programs.filter(({ bodies, places }) =>
    bodies.some((body) => places(body).length > 0),
  );
  const ready = [];
  let busy = 0;
  const wake = [];
  const changed = () => {
    for (const resolve of wake.splice(0)) resolve();
  };

  async function prepare({ file, bodies, leftOut, places }, runner) {
    const wasm = path.join(settings.folder, `${file.replaceAll('/', '-')}.wasm`);
    try {
      await builder.link(file, wasm);
      const module = await compileModule(wasm);
      const isProgram = bodies.length === 1 && bodies[0].startsWith(`${PROGRAM}.`);
      const tests = isProgram
        ? new Map([[bodies[0], [bodies[0]]]])
        : await listTests(runner, module, seconds);
      const there = leftOut.filter((body) => tests.has(body));
      if (there.length > 0) throw new Error(`listed as left out, but there: ${there.join(', ')}`);
      for (const body of bodies) {
        const all = (tests.get(body) ?? []).filter((name) => filter?.test(name) ?? true);
        const names = evenly(all, instances);
        if (!tests.has(body)) {
          const what = 'the program has no such test';
          const report = {
            instances: 0,
            passed: 0,
            bypassed: 0,
            failures: [{ name: body, what }],
            seconds: 0,
          };
          for (const place of places(body)) tell({ file, body, place, report });
        } else if (names.length > 0) {
          for (const place of places(body)) ready.push({ file, module, body, names, place });
        }
      }
    } catch (error) {
      tell({ file, broken: error.message });
    } finally {
      fs.rmSync(wasm, { force: true });
    }
  }

  async function work() {
    const runner = new Runner(settings);
    for (;;) {
      const job = ready.shift();
      const program = job === undefined ? waiting.shift() : undefined;
      if (job === undefined && program === undefined) {
        if (busy === 0) break;
        await new Promise((resolve) => wake.push(resolve));
        continue;
      }
      busy++;
      if (job !== undefined) {
        const { file, module, body, names, place } = job;
        const report = await runBody(runner, module, body, names, place, seconds);
        tell({ file, body, place, report });
      } else await prepare(program, runner);
      busy--;
      changed();
    }
    await runner.end();
  }
  await Promise.all(Array.from({ length: jobs }, work));
}
