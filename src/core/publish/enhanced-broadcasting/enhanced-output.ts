import type { EnhancedBroadcasting } from '../../../config/enhanced-broadcasting.js';
import type { RtmpConfig } from '../../../config/schema.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { OwnStatus } from '../output.js';
import type { OutputContext } from '../output-protocols.js';
import { PublishedOutput } from '../published-output.js';
import type { OpenMediaSession } from '../rtmp/rtmp-output.js';
import { EnhancedDestination } from './enhanced-destination.js';

/**
 * Publishes several encodes of the programme to a platform that says which ones it wants, as tracks of one stream. Where that cannot be done it publishes
 * the programme alone, like any output.
 */
export class EnhancedOutput extends PublishedOutput {
  /** @throws {BulkheadError} `config.invalid` for an invalid address */
  static create(
    config: RtmpConfig,
    enhanced: EnhancedBroadcasting,
    startingPoint: () => StreamTag[],
    context: OutputContext,
    openSession?: OpenMediaSession,
  ): EnhancedOutput {
    const destination = new EnhancedDestination(config, enhanced, startingPoint, context, openSession);
    return new EnhancedOutput(config.id, destination, startingPoint);
  }

  private constructor(
    id: string,
    private readonly enhanced: EnhancedDestination,
    startingPoint: () => StreamTag[],
  ) {
    super(id, enhanced, () => enhanced.stream?.headersOfAll() ?? startingPoint());
    enhanced.hooks = {
      onTag: (tag) => super.push(tag),
      onGiveUp: () => this.reconnect(),
    };
    this.onDidChange(() => {
      const { state } = super.status();
      if (state === 'live') enhanced.wentLive();
      else if (state === 'failed') enhanced.dispose();
    });
  }

  override push(tag: StreamTag): void {
    const { stream } = this.enhanced;
    if (stream === undefined) super.push(tag);
    else stream.takeProgramme(tag);
  }

  override status(): OwnStatus {
    const tracks = this.enhanced.stream?.tracks.map(({ width, height, bitrateKbps }) => ({
      ...{ width, height, bitrateKbps },
    }));
    return { ...super.status(), ...(tracks === undefined ? {} : { tracks }) };
  }

  override async stop(deadlineMs: number): Promise<void> {
    await super.stop(deadlineMs);
    this.enhanced.dispose();
  }

  override dispose(): void {
    super.dispose();
    this.enhanced.dispose();
  }
}
