import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { list, type ReadEntry } from 'tar';

/** What a registry knows about a version beside its archive. */
export interface Published {
  /** The tag that it is published with; `latest` if undefined. */
  readonly tag?: string;
  /** The account that publishes it; `null` for a registry that does not say. */
  readonly publisher?: string | null;
  readonly maintainers?: readonly string[];
  /** Its attestations. */
  readonly attestations?: readonly object[];
  /** Keys of its manifest, in place of those in the archive. */
  readonly manifest?: object;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface NpmRegistry {
  readonly url: string;
  /** Environment that makes npm use only this registry. */
  readonly env: NodeJS.ProcessEnv;
  /** Paths of the requests so far. */
  readonly requests: readonly string[];
  publish(name: string, version: string, archive: string, about?: Published): void;
  /**
   * Answers requests whose decoded path begins like this, as a registry that is broken or hostile would.
   *
   * @returns answers them as before
   */
  override(path: string, answer: Answer): () => void;
  stop(): Promise<void>;
}

/** The body of a request of "npm publish". */
interface PublishBody {
  readonly name: string;
  readonly 'dist-tags': Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, object>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

interface StoredVersion {
  readonly archive: Buffer;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly about: Published;
}

interface StoredPackage {
  readonly tags: Record<string, string>;
  readonly versions: Map<string, StoredVersion>;
}

/** Who publishes where a test does not say it. */
const ACCOUNT = 'someone';

/** A small npm registry on loopback: packages, tags, accounts, attestations, search. */
export async function startNpmRegistry(folder: string): Promise<NpmRegistry> {
  const packages = new Map<string, StoredPackage>();
  const overrides: { readonly path: string; readonly answer: Answer }[] = [];
  const requests: string[] = [];
  const store = (name: string, version: string, stored: StoredVersion) => {
    const found: StoredPackage = packages.get(name) ?? { tags: {}, versions: new Map() };
    found.versions.set(version, stored);
    found.tags[stored.about.tag ?? 'latest'] = version;
    packages.set(name, found);
  };

  const take = ({ name, versions, _attachments, 'dist-tags': tags }: PublishBody) => {
    for (const [index, [version, manifest]] of Object.entries(versions).entries()) {
      const data = Object.values(_attachments)[index]?.data ?? '';
      const [tag = 'latest'] = Object.keys(tags);
      store(name, version, {
        archive: Buffer.from(data, 'base64'),
        manifest: { ...manifest },
        about: { tag },
      });
    }
  };

  const document = (name: string, version: string, { archive, manifest, about }: StoredVersion) => {
    const { publisher = ACCOUNT, maintainers = publisher === null ? [] : [publisher], attestations } = about;
    return {
      ...manifest,
      ...about.manifest,
      name,
      version,
      ...(publisher === null ? {} : { _npmUser: { name: publisher } }),
      maintainers: maintainers.map((account) => ({ name: account })),
      dist: {
        tarball: `${url}/${encodeURIComponent(name)}/-/${version}`,
        integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
        ...(attestations === undefined
          ? {}
          : { attestations: { url: `${url}/-/npm/v1/attestations/${name}@${version}`, provenance: {} } }),
      },
    };
  };
  const packument = (name: string, { tags, versions }: StoredPackage) => ({
    name,
    'dist-tags': tags,
    versions: Object.fromEntries(
      [...versions].map(([version, stored]) => [version, document(name, version, stored)]),
    ),
  });

  const search = (query: URLSearchParams) => {
    const words = (query.get('text') ?? '').split(/\s+/);
    const keywords = words.flatMap((word) => /^keywords:(.*)$/.exec(word)?.[1] ?? []);
    const others = words.filter((word) => word !== '' && !word.startsWith('keywords:'));
    const newest = [...packages].flatMap(([name, { tags, versions }]) => {
      const version = tags['latest'] ?? '';
      const stored = versions.get(version);
      return stored === undefined ? [] : [document(name, version, stored)];
    });
    const found = newest.filter((one: Readonly<Record<string, unknown>>) => {
      const own = Array.isArray(one['keywords']) ? one['keywords'] : [];
      const text = JSON.stringify([one['name'], one['description'], own]);
      return keywords.every((word) => own.includes(word)) && others.every((word) => text.includes(word));
    });
    const objects = found.map(
      ({ _npmUser, ...one }: Readonly<Record<string, unknown>> & { _npmUser?: { name: string } }) => ({
        package: { ...one, date: '2026-11-30T12:00:00.000Z', publisher: { username: _npmUser?.name } },
      }),
    );
    return { objects: objects.slice(0, Number(query.get('size') ?? 20)), total: objects.length };
  };

  const find = (path: string, query: URLSearchParams): Buffer | object | undefined => {
    if (path === '/-/v1/search') return search(query);
    const [, attested, attestedVersion = ''] = /^\/-\/npm\/v1\/attestations\/(.+)@(.+)$/.exec(path) ?? [];
    if (attested !== undefined) {
      const attestations = packages.get(attested)?.versions.get(attestedVersion)?.about.attestations;
      return attestations && { attestations };
    }
    const [, name = '', isArchive, version] = /^\/((?:@[^/]+\/)?[^/]+)(?:(\/-)?\/([^/]+))?$/.exec(path) ?? [];
    const found = packages.get(name);
    if (found === undefined || version === undefined) return found && packument(name, found);
    const wanted = found.tags[version] ?? version;
    const stored = found.versions.get(wanted);
    return isArchive === undefined ? stored && document(name, wanted, stored) : stored?.archive;
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
    const path = decodeURIComponent(pathname);
    requests.push(path);
    const override = overrides.find((one) => path.startsWith(one.path));
    if (override !== undefined) {
      override.answer(request, response);
      return;
    }
    if (request.method === 'PUT') {
      void json(request).then((body) => {
        take(body as PublishBody);
        response.end('{}');
      });
      return;
    }
    const found = find(path, searchParams);
    if (found === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    else response.end(Buffer.isBuffer(found) ? found : JSON.stringify(found));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(folder, { recursive: true });
  return {
    url,
    env: {
      npm_config_registry: url,
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_userconfig: join(folder, 'npmrc'),
      npm_config_fetch_retries: '0',
    },
    requests,
    publish: (name, version, archive, about = {}) =>
      store(name, version, { archive: readFileSync(archive), manifest: manifestIn(archive), about }),
    override: (path, answer) => {
      const added = { path, answer };
      overrides.unshift(added);
      return () => void overrides.splice(overrides.indexOf(added), 1);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The package.json in an archive; empty if there is none. */
function manifestIn(file: string): Record<string, unknown> {
  const chunks: Buffer[] = [];
  list({
    file,
    sync: true,
    filter: (path) => path === 'package/package.json',
    onReadEntry: (entry: ReadEntry) => void entry.on('data', (chunk: Buffer) => chunks.push(chunk)),
  });
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
