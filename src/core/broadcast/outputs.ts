import type { OutputConfig } from '../../config/schema.js';
import type { StreamTag } from '../media/stream-tag.js';
import type { Output } from '../publish/output.js';
import { RtmpOutput } from '../publish/rtmp/rtmp-output.js';

export const OutputFactory = Symbol('OutputFactory');

/** Makes an output from its configuration, in which the secrets are. */
export type OutputFactory = (config: OutputConfig, startingPoint: () => StreamTag[]) => Output;

export const createOutput: OutputFactory = ({ id, url, key, username, password, tlsCaFile }, startingPoint) =>
  new RtmpOutput({ id, url, key, username, password, tlsCaFile }, startingPoint);
