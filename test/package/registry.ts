/** A package registry of this machine: it has the package as it would be published, and asks the real one for all others. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

export interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

interface Published {
  readonly tarball: string;
  readonly manifest: { readonly name: string; readonly version: string };
}

/** `upstream`: the URL of the real registry. */
export async function startRegistry(published: Published, upstream: string): Promise<Registry> {
  const { name, version } = published.manifest;
  const bytes = fs.readFileSync(published.tarball);
  const tarballPath = `/${name}/-/${path.basename(published.tarball)}`;
  const origin = upstream.replace(/\/$/, '');
  let url = '';
  const packument = () => {
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const shasum = createHash('sha1').update(bytes).digest('hex');
    const dist = { tarball: url + tarballPath, integrity, shasum };
    return {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...published.manifest, dist } },
    };
  };
  const server = createServer(async (request, response) => {
    const asked = decodeURIComponent(request.url ?? '');
    try {
      if (asked === `/${name}`) {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(packument()));
      } else if (asked === tarballPath) {
        response.end(bytes);
      } else {
        const { accept = '*/*' } = request.headers;
        const answer = await fetch(origin + request.url, { headers: { accept } });
        const type = answer.headers.get('content-type') ?? 'application/octet-stream';
        response.statusCode = answer.status;
        response.setHeader('content-type', type);
        // Tarballs, too, are asked for here.
        if (type.includes('json')) response.end((await answer.text()).replaceAll(origin, url));
        else response.end(Buffer.from(await answer.arrayBuffer()));
      }
    } catch (error) {
      response.statusCode = 502;
      response.end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
