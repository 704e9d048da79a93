import { injectable } from 'inversify';
import type { OutputConfig } from '../../../config/schema.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { RTMP_SCHEMES } from '../../../rtmp/rtmp-url.js';
import type { Output } from '../output.js';
import type { OutputProtocol } from '../output-protocols.js';
import { RtmpOutput } from './rtmp-output.js';

/** RTMP, and RTMP over TLS. */
@injectable()
export class RtmpProtocol implements OutputProtocol {
  readonly schemes = RTMP_SCHEMES;

  create(config: OutputConfig, startingPoint: () => StreamTag[]): Output {
    return new RtmpOutput(config, startingPoint);
  }
}
