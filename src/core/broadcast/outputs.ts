import type { OutputConfig } from '../../config/schema.js';
import type { StreamTag } from '../media/stream-tag.js';
import type { Output } from '../publish/output.js';
import { RtmpOutput } from '../publish/rtmp-output.js';
import { resolveSecret } from './secrets.js';

export const OutputFactory = Symbol('OutputFactory');

/** Makes an output from its configuration; secrets are resolved here and go nowhere else. */
export type OutputFactory = (config: OutputConfig, startingPoint: () => StreamTag[]) => Output;

export const createOutput: OutputFactory = (config, startingPoint) => {
  const where = `outputs.${config.id}`;
  const secret = (reference: string | undefined) =>
    reference === undefined ? undefined : resolveSecret(reference, where);
  return new RtmpOutput(
    {
      id: config.id,
      url: config.url,
      key: secret(config.key),
      username: config.username,
      password: secret(config.password),
      tlsCaFile: config.tlsCaFile,
    },
    startingPoint,
  );
};
