import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

export interface NpmRegistry {
  /** Environment that makes npm use only this registry. */
  readonly env: NodeJS.ProcessEnv;
  publish(name: string, version: string, archive: string): void;
  stop(): Promise<void>;
}

/** The body of a request of "npm publish". */
interface PublishBody {
  readonly name: string;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** A minimal npm registry on loopback. */
export async function startNpmRegistry(folder: string): Promise<NpmRegistry> {
  const packages = new Map<string, Map<string, Buffer>>();
  const publish = (name: string, version: string, archive: Buffer) =>
    packages.set(name, new Map([...(packages.get(name) ?? []), [version, archive]]));
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      void json(request).then((body) => {
        const { name, versions, _attachments } = body as PublishBody;
        for (const [index, version] of Object.keys(versions).entries()) {
          publish(name, version, Buffer.from(Object.values(_attachments)[index]?.data ?? '', 'base64'));
        }
        response.end('{}');
      });
      return;
    }
    const [name = '', version] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const versions = packages.get(name);
    const archive = version === undefined ? undefined : versions?.get(version);
    if (versions === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    else if (archive !== undefined) response.end(archive);
    else response.end(JSON.stringify(document(name, versions)));
  });
  const document = (name: string, versions: ReadonlyMap<string, Buffer>) => ({
    name,
    'dist-tags': { latest: [...versions.keys()].at(-1) },
    versions: Object.fromEntries(
      [...versions].map(([version, archive]) => [
        version,
        {
          name,
          version,
          dist: {
            tarball: `${url}/${encodeURIComponent(name)}/-/${version}`,
            integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
          },
        },
      ]),
    ),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: {
      npm_config_registry: url,
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_userconfig: join(folder, 'npmrc'),
    },
    publish: (name, version, archive) => void publish(name, version, readFileSync(archive)),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
