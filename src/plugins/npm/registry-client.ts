import { version } from '../../version.js';
import { type NpmConfig, readNpmConfig } from './npm-config.js';
import { registryFailed } from './registry-error.js';

/** Deadline for an answer, to its last byte, ms. */
const DEADLINE_MS = 20_000;

const MAX_REDIRECTS = 3;

const MB = 1024 * 1024;

/** Reads JSON from registries of npm packages, which it does not trust: answers are bounded in size and time. */
export class RegistryClient {
  constructor(
    private readonly config: NpmConfig,
    private readonly deadlineMs = DEADLINE_MS,
  ) {}

  /** The address of the registry that has a package. */
  registryOf(packageName: string): string {
    return this.config.registryOf(packageName);
  }

  /**
   * @param registry Its address, without a trailing slash.
   * @param path Begins with a slash.
   * @param maxMb Maximum size of the answer, uncompressed.
   * @returns Undefined if there is nothing at that path.
   * @throws `registry.failed`
   */
  async get(registry: string, path: string, maxMb: number): Promise<unknown> {
    try {
      return await this.read(new URL(`${registry}${path}`), registry, maxMb * MB);
    } catch (error) {
      throw failureOf(error, registry, this.deadlineMs);
    }
  }

  private async read(url: URL, registry: string, maxBytes: number): Promise<unknown> {
    const response = await this.follow(url, registry);
    if (response.status === 404) {
      await response.body?.cancel();
      return undefined;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(registry, response.status);
    }
    const bytes = await boundedBody(response, maxBytes, registry);
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      throw registryFailed(registry, `the registry ${registry} has not answered with JSON`);
    }
  }

  /** Follows redirects within one host: a login must not reach another one. */
  private async follow(url: URL, registry: string): Promise<Response> {
    const signal = AbortSignal.timeout(this.deadlineMs);
    for (let redirects = 0; ; redirects++) {
      const authorization = this.config.authorizationFor(url);
      const response = await fetch(url, {
        redirect: 'manual',
        signal,
        headers: {
          accept: 'application/json',
          'user-agent': `bulkhead/${version}`,
          ...(authorization !== undefined && { authorization }),
        },
      });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, url);
      const stays = next.host === url.host && (next.protocol === url.protocol || next.protocol === 'https:');
      if (!stays) {
        throw registryFailed(registry, `the registry ${registry} redirects to another host, ${next.origin}`);
      }
      if (redirects === MAX_REDIRECTS) {
        throw registryFailed(registry, `the registry ${registry} redirects more than ${MAX_REDIRECTS} times`);
      }
      url = next;
    }
  }
}

/** The registries that the user's npm is set up for. @throws `registry.failed` */
export async function openRegistry(): Promise<RegistryClient> {
  return new RegistryClient(await readNpmConfig());
}

async function boundedBody(response: Response, maxBytes: number, registry: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > maxBytes) {
      throw registryFailed(
        registry,
        `the registry ${registry} has answered with more than ${maxBytes / MB} MB`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusal(registry: string, status: number): Error {
  if (status === 401 || status === 403) {
    return registryFailed(
      registry,
      `the registry ${registry} refuses to answer (HTTP ${status})`,
      'It may want a login: npm login.',
    );
  }
  return registryFailed(registry, `the registry ${registry} has answered with HTTP ${status}`);
}

function failureOf(error: unknown, registry: string, deadlineMs: number): unknown {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') {
    return registryFailed(
      registry,
      `the registry ${registry} has not answered within ${deadlineMs / 1000} s`,
    );
  }
  // What fetch throws.
  if (!(error instanceof TypeError)) return error;
  const reason = cause?.code ?? cause?.message ?? message;
  return registryFailed(registry, `the registry ${registry} cannot be reached: ${reason}`);
}
