import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { der } from './der.js';

/** An archive that was built from a source. */
export interface Built {
  readonly name: string;
  readonly version: string;
  /** Path. */
  readonly archive: string;
  readonly repository: string;
  readonly commit: string;
}

/** One of the attestations that a registry has of a version. */
export interface Attestation {
  readonly predicateType: string;
  readonly bundle: object;
}

const SLSA = 'https://slsa.dev/provenance/v1';
const IN_TOTO = 'application/vnd.in-toto+json';

/** The statement that GitHub's workflows make. */
export function statementOf({ name, version, archive, repository, commit }: Built): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      {
        name: `pkg:npm/${name.replace('@', '%40')}@${version}`,
        digest: { sha512: createHash('sha512').update(readFileSync(archive)).digest('hex') },
      },
    ],
    predicateType: SLSA,
    predicate: {
      buildDefinition: {
        buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
        externalParameters: {
          workflow: { ref: 'refs/heads/main', repository, path: '.github/workflows/release.yml' },
        },
        resolvedDependencies: [{ uri: `git+${repository}@refs/heads/main`, digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' } },
    },
  });
}

/** Signed by nobody. */
export function attestation(built: Built): Attestation {
  const payload = Buffer.from(statementOf(built)).toString('base64');
  return {
    predicateType: SLSA,
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      dsseEnvelope: { payload, payloadType: IN_TOTO, signatures: [{ sig: '' }] },
    },
  };
}

const HOUR_MS = 3_600_000;

interface Log {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
  readonly id: Buffer;
}

/**
 * A Sigstore of its own: a certificate authority as Fulcio, a certificate log, and a transparency log as Rekor. What it signs is
 * valid for those who have its keys.
 */
export class FakeSigstore {
  private readonly now = new Date();
  private readonly authority = keys();
  private readonly certificateLog = keys();
  private readonly transparencyLog = keys();
  private readonly root = this.certificate({
    subject: 'test-fulcio',
    spki: this.authority.spki,
    extensions: [extension('2.5.29.19', der.sequence(der.boolean(true)), true)],
  });

  /** Writes its keys, as a TrustedRoot. @returns the file's path */
  rootFile(folder: string): string {
    const start = new Date(this.now.getTime() - HOUR_MS).toISOString();
    const log = ({ spki, id }: Log) => ({
      baseUrl: 'https://log.example',
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: spki.toString('base64'),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: { start },
      },
      logId: { keyId: id.toString('base64') },
    });
    const file = join(folder, 'trusted-root.json');
    writeFileSync(
      file,
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
        tlogs: [log(this.transparencyLog)],
        ctlogs: [log(this.certificateLog)],
        certificateAuthorities: [
          {
            subject: { organization: 'test', commonName: 'test-fulcio' },
            uri: 'https://fulcio.example',
            certChain: { certificates: [{ rawBytes: this.root.toString('base64') }] },
            validFor: { start },
          },
        ],
        timestampAuthorities: [],
      }),
    );
    return file;
  }

  /**
   * Signed by a workflow.
   *
   * @param signer The repository and commit of that workflow; those of the statement, if undefined.
   */
  attest(built: Built, signer: Pick<Built, 'repository' | 'commit'> = built): Attestation {
    const { privateKey, spki } = keys();
    const payload = Buffer.from(statementOf(built));
    const signature = sign('sha256', preAuthenticationEncoding(payload), privateKey);
    return {
      predicateType: SLSA,
      bundle: {
        mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
        verificationMaterial: {
          x509CertificateChain: {
            certificates: [{ rawBytes: this.workflowCertificate(spki, signer).toString('base64') }],
          },
          tlogEntries: [this.logged(payload, signature)],
        },
        dsseEnvelope: {
          payload: payload.toString('base64'),
          payloadType: IN_TOTO,
          signatures: [{ sig: signature.toString('base64'), keyid: '' }],
        },
      },
    };
  }

  private workflowCertificate(
    spki: Buffer,
    { repository, commit }: Pick<Built, 'repository' | 'commit'>,
  ): Buffer {
    const workflow = `${repository}/.github/workflows/release.yml@refs/heads/main`;
    const extensions = [
      extension('2.5.29.17', der.sequence(der.implicit(6, Buffer.from(workflow)))),
      ...Object.entries({
        8: 'https://token.actions.githubusercontent.com',
        12: repository,
        13: commit,
      }).map(([number, text]) => extension(`1.3.6.1.4.1.57264.1.${number}`, der.text(text))),
    ];
    const before = this.toBeSigned({ subject: '', spki, extensions });
    const timestamps = extension('1.3.6.1.4.1.11129.2.4.2', der.octets(this.certificateTimestamps(before)));
    return this.certificate({ subject: '', spki, extensions: [...extensions, timestamps] });
  }

  /** RFC 6962, 3.2 and 3.3. */
  private certificateTimestamps(toBeSigned: Buffer): Buffer {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(this.now.getTime()));
    const issuer = createHash('sha256').update(this.authority.spki).digest();
    const signed = Buffer.concat([
      Buffer.from([0, 0]),
      time,
      Buffer.from([0, 1]),
      issuer,
      sized(3, toBeSigned),
      sized(2, Buffer.alloc(0)),
    ]);
    const signature = sign('sha256', signed, this.certificateLog.privateKey);
    const timestamp = Buffer.concat([
      Buffer.from([0]),
      this.certificateLog.id,
      time,
      sized(2, Buffer.alloc(0)),
      Buffer.from([4, 3]),
      sized(2, signature),
    ]);
    return sized(2, sized(2, timestamp));
  }

  /** The entry of a transparency log, with its promise to include it. */
  private logged(payload: Buffer, signature: Buffer): object {
    const { id, privateKey } = this.transparencyLog;
    const body = JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
        signatures: [{ signature: signature.toString('base64') }],
      },
    });
    const canonicalizedBody = Buffer.from(body).toString('base64');
    const integratedTime = Math.floor(this.now.getTime() / 1000);
    const promise = JSON.stringify({
      body: canonicalizedBody,
      integratedTime,
      logID: id.toString('hex'),
      logIndex: 1,
    });
    return {
      logIndex: '1',
      logId: { keyId: id.toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(integratedTime),
      inclusionPromise: {
        signedEntryTimestamp: sign('sha256', Buffer.from(promise), privateKey).toString('base64'),
      },
      canonicalizedBody,
    };
  }

  private toBeSigned({ subject, spki, extensions }: CertificateContent): Buffer {
    return der.sequence(
      der.explicit(0, der.integer(2)),
      der.integer(1),
      ECDSA_SHA256,
      nameOf('test-fulcio'),
      der.sequence(
        der.time(new Date(this.now.getTime() - HOUR_MS)),
        der.time(new Date(this.now.getTime() + HOUR_MS)),
      ),
      nameOf(subject),
      spki,
      der.explicit(3, der.sequence(...extensions)),
    );
  }

  private certificate(content: CertificateContent): Buffer {
    const toBeSigned = this.toBeSigned(content);
    const signature = sign('sha256', toBeSigned, this.authority.privateKey);
    return der.sequence(toBeSigned, ECDSA_SHA256, der.bits(signature));
  }
}

interface CertificateContent {
  readonly subject: string;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
}

const ECDSA_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));

function nameOf(commonName: string): Buffer {
  const name = der.set(der.sequence(der.oid('2.5.4.3'), der.text(commonName)));
  return commonName === '' ? der.sequence() : der.sequence(name);
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function keys(): Log {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { privateKey, spki, id: createHash('sha256').update(spki).digest() };
}

/** With its length before it, in so many bytes. */
function sized(bytes: number, content: Buffer): Buffer {
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(content.length, 0, bytes);
  return Buffer.concat([length, content]);
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function preAuthenticationEncoding(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${IN_TOTO.length} ${IN_TOTO} ${payload.length} `), payload]);
}
