// Headless Chromium for tests: Debian's, in the cache.
import * as path from 'node:path';
import process from 'node:process';
import { CACHE, ROOT, run } from './steps.mjs';

/** The path of its program. Rejects with the reason where it cannot be had. */
export async function provideChromium() {
  const output = await run('bash', [path.join(ROOT, 'scripts/chromium.sh')], {
    env: { ...process.env, CACHE },
    echo: true,
  });
  return path.join(output.trim(), 'chromium');
}
