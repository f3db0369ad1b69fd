// fetch.mjs URL FILE: downloads one file (redirects followed, three tries).
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const [url, file] = process.argv.slice(2);
for (let attempt = 1; ; attempt++) {
  try {
    const response = await fetch(url, { redirect: 'follow' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
    break;
  } catch (error) {
    if (attempt === 3) {
      console.error(`fetch: ${url}: ${error.cause?.message ?? error.message}`);
      process.exit(1);
    }
  }
}
