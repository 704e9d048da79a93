import { readFileSync } from 'node:fs';
import { shorten } from '../../base/printable.js';
import { pluginInvalid } from '../plugin-error.js';
import { repositoryAddress, type Statement } from './statement.js';

/** File with other keys of Sigstore than the built-in ones: a TrustedRoot as JSON, of a private or a newer Sigstore. */
const ROOT_VARIABLE = 'BULKHEAD_SIGSTORE_ROOT';

/** Extensions of Fulcio's certificates: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const SOURCE_REPOSITORY = '1.3.6.1.4.1.57264.1.12';
const SOURCE_COMMIT = '1.3.6.1.4.1.57264.1.13';

/** The statement or its signature was exchanged: no lack of newer keys can explain that. */
const FORGERIES = new Set(['SIGNATURE_ERROR', 'TLOG_BODY_ERROR']);

export interface Verification {
  readonly verified: boolean;
  /** Why not. */
  readonly reason?: string;
}

/**
 * Verifies offline, with keys that do not change, that a workflow of the stated repository has signed a bundle for the stated
 * commit: the certificate's chain, its entry in a certificate log, the bundle's entry in the transparency log, and the
 * signature.
 *
 * @throws `plugin.invalid` if it is forged.
 */
export async function verifyBundle(
  bundle: unknown,
  { payload, repository, commit }: Statement,
  about: string,
): Promise<Verification> {
  let extensions: ReadonlyMap<string, string>;
  try {
    extensions = await signerOf(bundle, payload);
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    if (FORGERIES.has(String(code))) {
      throw pluginInvalid(
        about,
        'its provenance is forged: the signature does not fit',
        'Do not install it.',
      );
    }
    return { verified: false, reason: shorten(message, 200) };
  }
  const source = repositoryAddress(extensions.get(SOURCE_REPOSITORY) ?? '');
  const isItsOwn =
    source.toLowerCase() === repository.toLowerCase() && extensions.get(SOURCE_COMMIT) === commit;
  if (isItsOwn) return { verified: true };
  if (source === '') return { verified: false, reason: 'it is not signed by a workflow' };
  throw pluginInvalid(
    about,
    `its provenance names ${repository} at ${commit}, and is signed by a workflow of ${source}`,
    'Do not install it.',
  );
}

/**
 * The extensions of the signer's certificate that hold text, by their OIDs.
 *
 * @param payload What has to be signed: a bundle might hold something else besides.
 */
async function signerOf(json: unknown, payload: Buffer): Promise<ReadonlyMap<string, string>> {
  const [{ bundleFromJSON }, { toSignedEntity, toTrustMaterial, Verifier }, { TrustedRoot }] =
    await Promise.all([
      import('@sigstore/bundle'),
      import('@sigstore/verify'),
      import('@sigstore/protobuf-specs'),
    ]);
  const { TRUSTED_ROOT } = await import('./trusted-root.js');
  const file = process.env[ROOT_VARIABLE];
  const root = TrustedRoot.fromJSON(
    file === undefined ? TRUSTED_ROOT : JSON.parse(readFileSync(file, 'utf8')),
  );
  const bundle = bundleFromJSON(json);
  const { content } = bundle;
  if (content.$case !== 'dsseEnvelope' || !payload.equals(content.dsseEnvelope.payload)) {
    throw new Error('the bundle signs something else than the statement');
  }
  const { identity } = new Verifier(toTrustMaterial(root)).verify(toSignedEntity(bundle));
  return new Map(
    (identity?.oids ?? []).flatMap(({ oid, value }) => {
      const text = utf8String(value);
      return oid === undefined || text === undefined ? [] : [[oid.id.join('.'), text] as const];
    }),
  );
}

/** The text in a DER-encoded UTF8String; undefined for other types (X.690, 8.1.3). */
function utf8String(der: Uint8Array): string | undefined {
  const [tag, length = 0] = der;
  if (tag !== 0x0c) return undefined;
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return Buffer.from(der.subarray(start)).toString('utf8');
}
