import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';

/** What is read of a Sigstore bundle before it is verified. */
const BundleSchema = z.looseObject({
  dsseEnvelope: z.looseObject({
    payload: z.string(),
    payloadType: z.literal('application/vnd.in-toto+json'),
  }),
});

const address = z.string().min(1).max(500);
const digest = z.record(z.string().max(50), z.string().max(200));

/** An in-toto statement: https://github.com/in-toto/attestation/tree/main/spec/v1 */
const StatementSchema = z.looseObject({
  subject: z
    .array(z.looseObject({ name: z.string().max(500), digest }))
    .min(1)
    .max(10),
  predicate: z.unknown(),
});

/** https://slsa.dev/spec/v1.0/provenance, as GitHub's workflows write it. */
const SlsaV1 = z
  .looseObject({
    buildDefinition: z.looseObject({
      externalParameters: z.looseObject({
        workflow: z.looseObject({ repository: address, path: address.optional() }),
      }),
      resolvedDependencies: z
        .array(z.looseObject({ uri: address, digest }))
        .min(1)
        .max(100),
    }),
    runDetails: z.looseObject({ builder: z.looseObject({ id: address }) }),
  })
  .transform(({ buildDefinition: { externalParameters, resolvedDependencies }, runDetails }) => ({
    repository: externalParameters.workflow.repository,
    commit: resolvedDependencies[0]?.digest['gitCommit'],
    builder: runDetails.builder.id,
    workflow: externalParameters.workflow.path,
  }));

/** https://slsa.dev/spec/v0.2/provenance, as GitLab's pipelines write it, and npm once did. */
const SlsaV02 = z
  .looseObject({
    builder: z.looseObject({ id: address }),
    invocation: z.looseObject({
      configSource: z.looseObject({ uri: address, digest, entryPoint: address.optional() }),
    }),
  })
  .transform(({ builder, invocation: { configSource } }) => ({
    repository: configSource.uri.replace(/@[^/]*(\/.*)?$/, ''),
    commit: configSource.digest['sha1'],
    builder: builder.id,
    workflow: configSource.entryPoint,
  }));

const PREDICATES = {
  'https://slsa.dev/provenance/v1': SlsaV1,
  'https://slsa.dev/provenance/v0.2': SlsaV02,
} as const;

export type ProvenanceType = keyof typeof PREDICATES;

/** What an attestation says of an archive, verified or not. */
export interface Statement {
  /** The statement itself, as signed. */
  readonly payload: Buffer;
  /** The archive's name, as a package URL, and its digest in hexadecimal. */
  readonly subjects: readonly { readonly name: string; readonly sha512: string | undefined }[];
  readonly repository: string;
  readonly commit: string;
  readonly builder: string;
  readonly workflow: string | undefined;
}

export function isProvenance(predicateType: string): predicateType is ProvenanceType {
  return Object.hasOwn(PREDICATES, predicateType);
}

/** Reads the statement in a bundle; undefined if it is not one. */
export function readStatement(bundle: unknown, type: ProvenanceType): Statement | undefined {
  const { data: checked } = checkValue(BundleSchema, bundle);
  if (checked === undefined) return undefined;
  const payload = Buffer.from(checked.dsseEnvelope.payload, 'base64');
  const { data: statement } = checkValue(StatementSchema, parsed(payload));
  if (statement === undefined || statement['predicateType'] !== type) return undefined;
  const { data } = checkValue<z.output<typeof SlsaV1>>(PREDICATES[type], statement.predicate);
  if (data?.commit === undefined) return undefined;
  return {
    payload,
    subjects: statement.subject.map(({ name, digest: { sha512 } }) => ({ name, sha512 })),
    repository: repositoryAddress(data.repository),
    commit: data.commit,
    builder: data.builder,
    workflow: data.workflow,
  };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Without what differs between the ways to write it: `git+https://github.com/a/b.git` is `https://github.com/a/b`. */
export function repositoryAddress(uri: string): string {
  return uri.replace(/^git\+/, '').replace(/(\.git)?\/?$/, '');
}
