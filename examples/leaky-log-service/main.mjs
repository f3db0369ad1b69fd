// node main.mjs leaky|fixed: runs the service with clients until it is stopped; open the page that it names.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import process from 'node:process';
import { load } from './load.mjs';
import { startService } from './service.mjs';

const variant = process.argv[2] ?? 'leaky';
if (variant !== 'leaky' && variant !== 'fixed') {
  console.error('usage: node main.mjs leaky|fixed');
  process.exit(2);
}
const { LogStore } = await import(`./store-${variant}.mjs`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'log-service-'));
const service = await startService({
  Store: LogStore,
  path: path.join(folder, 'db'),
  debugPort: 8321,
  tell: (what, text) => console.log(`\n${what}: ${text}`),
});
console.log(`the ${variant} service runs; look at ${service.debugUrl}`);
let stopping = false;
process.once('SIGINT', () => {
  stopping = true;
});
for (let from = 0; !stopping; from += 50) {
  await load(service.url, { from, rounds: 50 });
  const live = (kind) => service.db.heap.handles(kind).length;
  process.stdout.write(
    `\rround ${from + 50}: ${live('iterator')} iterators, ${live('snapshot')} snapshots `,
  );
}
await service.close();
fs.rmSync(folder, { recursive: true });
