import { X509Certificate } from 'node:crypto';
import * as tls from 'node:tls';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { FileError, smallFiles } from '../../disk/small-files.js';

/** Where systems keep the authorities that they trust in one file: Debian, Fedora, openSUSE, Alpine and the BSDs. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** Available in Node 22.15 and later. */
const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'system') => string[] };

let shared: Promise<tls.SecureContext> | undefined;

/**
 * The certificate authorities that an output trusts: the system's, and that of `tlsCaFile`. Creating a context of them blocks
 * the event loop for 20 ms on Node 20, for 5 ms on Node 24: it is created once, before the output is first connected.
 */
export class TlsTrust {
  private own: Promise<tls.SecureContext> | undefined;

  /** @param caFile PEM file of an authority to trust in addition to the system's */
  constructor(private readonly caFile: string | undefined) {}

  /** @throws {BulkheadError} `output.tls` for a file that contains no certificate, or cannot be read */
  context(): Promise<tls.SecureContext> {
    if (this.caFile === undefined) {
      shared ??= systemAuthorities().then((system) => makeContext(system, []));
      return shared;
    }
    this.own ??= this.withOwn(this.caFile).catch((error) => {
      // It may be readable the next time.
      this.own = undefined;
      throw error;
    });
    return this.own;
  }

  private async withOwn(caFile: string): Promise<tls.SecureContext> {
    const [system, own] = await Promise.all([systemAuthorities(), readAuthority(caFile)]);
    return makeContext(system, own);
  }
}

/**
 * From a file on Linux, else from the stores of macOS and Windows; Node's bundled list if neither is found. Never rejects.
 */
async function systemAuthorities(): Promise<readonly string[]> {
  const bundles = process.platform === 'darwin' ? [] : SYSTEM_BUNDLES;
  for (const file of [process.env['SSL_CERT_FILE'] ?? '', ...bundles]) {
    if (file === '') continue;
    const found = certificatesIn(await smallFiles.read(file).catch(() => ''));
    if (found.length > 0) return found;
  }
  const stored = getCACertificates?.('system') ?? [];
  return stored.length > 0 ? stored : tls.rootCertificates;
}

/** @param own already checked */
function makeContext(system: readonly string[], own: readonly string[]): tls.SecureContext {
  try {
    return tls.createSecureContext({ ca: [...system, ...own] });
  } catch {
    // The system's file is damaged.
    return tls.createSecureContext({ ca: [...tls.rootCertificates, ...own] });
  }
}

async function readAuthority(file: string): Promise<readonly string[]> {
  const fail = (message: string, cause?: unknown) =>
    new BulkheadError(ErrorCodes.outputTls, message, {
      where: file,
      remedy:
        'Check "tlsCaFile": it names a PEM file with the certificate of the authority, that the core can read.',
      cause,
    });
  let text: string;
  try {
    text = await smallFiles.read(file);
  } catch (error) {
    const { code, message } = error as FileError;
    throw fail(`cannot read the certificate authority's file ${file} (${code}: ${message})`, error);
  }
  const found = certificatesIn(text);
  if (found.length === 0) {
    throw fail(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)
        ? `the certificate authority's file ${file} holds a private key, and no certificate`
        : `the certificate authority's file ${file} holds no certificate in PEM form`,
    );
  }
  let latest = 0;
  for (const [index, certificate] of found.entries()) {
    try {
      latest = Math.max(latest, Date.parse(new X509Certificate(certificate).validTo));
    } catch (error) {
      throw fail(`certificate ${index + 1} in the certificate authority's file ${file} is damaged`, error);
    }
  }
  if (latest < Date.now()) {
    throw fail(
      `the certificate authority's file ${file} expired on ${new Date(latest).toISOString().slice(0, 10)}`,
    );
  }
  return found;
}

function certificatesIn(text: string): readonly string[] {
  return text.match(CERTIFICATE) ?? [];
}
