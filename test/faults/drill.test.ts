// runtime: node
/** The drill of the guide, on real files. */
import * as modules from 'rocksdb-wasm';
import * as faults from 'rocksdb-wasm/faults';
import { describe, expect, it } from 'vitest';
import { tempFolder, wasmModule } from '../support/open.js';

const EXAMPLE = new URL('../../examples/chaos-drill.mjs', import.meta.url);

interface Drilled {
  readonly lost: string[];
  readonly invented: string[];
  readonly stored: number;
  readonly errors: Record<string, number>;
  readonly injected: Record<faults.Operation, number>;
  readonly log: readonly faults.InjectedFault[];
}

async function drill(seed: number): Promise<Drilled> {
  const example = await import(EXAMPLE.href);
  const options = { seed, rounds: 6, wasm: await wasmModule() };
  return example.drill({ ...modules, ...faults }, `${tempFolder()}/db`, options);
}

describe('the drill of the guide', () => {
  it.each([1, 2, 3])('loses no order and makes none up: seed %i', async (seed) => {
    const { lost, invented, stored, errors, injected } = await drill(seed);
    expect({ lost, invented }).toEqual({ lost: [], invented: [] });
    expect(stored).toBeGreaterThan(0);
    expect(Object.keys(errors).length).toBeGreaterThan(0);
    expect(injected.sync + injected.write).toBeGreaterThan(0);
  });

  it('repeats itself by its seed', async () => {
    const strip = ({ log, stored, errors }: Drilled) => ({
      stored,
      errors,
      log: log.map(({ operation, errno }) => [operation, errno]),
    });
    expect(strip(await drill(2))).toEqual(strip(await drill(2)));
  });
});
