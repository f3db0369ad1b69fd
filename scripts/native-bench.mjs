export async function buildBenchmark() {
  throw new Error('not yet');
}
