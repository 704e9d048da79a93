import { injectable } from 'inversify';
import { enhancedBroadcastingOf } from '../../../config/enhanced-broadcasting.js';
import { backupOf } from '../../../config/output-backup.js';
import type { OutputConfig, RtmpConfig } from '../../../config/schema.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { BackupDestination } from '../backup/backup-destination.js';
import { TwinOutput } from '../backup/twin-output.js';
import { EnhancedOutput } from '../enhanced-broadcasting/enhanced-output.js';
import type { Output } from '../output.js';
import type { OutputContext, OutputProtocol } from '../output-protocols.js';
import { PublishedOutput } from '../published-output.js';
import { RtmpDestination, RtmpOutput } from './rtmp-output.js';

/** RTMP, and RTMP over TLS. */
@injectable()
export class RtmpProtocol implements OutputProtocol {
  readonly types = ['rtmp'] as const;

  create(config: OutputConfig, startingPoint: () => StreamTag[], context: OutputContext): Output {
    const primary = config as RtmpConfig;
    const enhanced = enhancedBroadcastingOf(primary.enhancedBroadcasting);
    if (enhanced !== undefined) return EnhancedOutput.create(primary, enhanced, startingPoint, context);
    const used = backupOf(primary);
    if (used === undefined) return new RtmpOutput(primary, startingPoint);
    const backup = { ...primary, url: used.url, key: primary.backupKey ?? primary.key };
    switch (used.mode) {
      case 'at-once': {
        const [first, second] = [
          new RtmpOutput(primary, startingPoint),
          new RtmpOutput(backup, startingPoint),
        ];
        return new TwinOutput(primary.id, first, second);
      }
      case 'on-failure': {
        const destination = new BackupDestination(new RtmpDestination(primary), new RtmpDestination(backup));
        return new PublishedOutput(primary.id, destination, startingPoint);
      }
    }
  }
}
