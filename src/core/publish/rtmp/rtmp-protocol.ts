import { injectable } from 'inversify';
import type { OutputConfig, RtmpConfig } from '../../../config/schema.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { Output } from '../output.js';
import type { OutputProtocol } from '../output-protocols.js';
import { RtmpOutput } from './rtmp-output.js';

/** RTMP, and RTMP over TLS. */
@injectable()
export class RtmpProtocol implements OutputProtocol {
  readonly types = ['rtmp'] as const;

  create(config: OutputConfig, startingPoint: () => StreamTag[]): Output {
    return new RtmpOutput(config as RtmpConfig, startingPoint);
  }
}
