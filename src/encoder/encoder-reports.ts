import type { MixLevels } from '../protocol/audio.js';
import {
  EncoderLevelsNotification,
  type EncoderProcesses,
  EncoderProgressNotification,
  EncoderSourcesNotification,
} from '../protocol/encoder.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { Programme } from './canvas/programme.js';
import type { MediaWriter } from './media-writer.js';
import type { StudioSources } from './sources/studio-sources.js';
import type { ProgrammeEncoders } from './tracks/programme-encoders.js';

/** How often at least the sources are reported, ms. */
const SOURCES_MS = 1000;

/** What is reported on. */
export interface ReportedRun {
  readonly fps: number;
  readonly sources: Pick<StudioSources, 'status'>;
  readonly programme: Pick<Programme, 'repeatedFrames'>;
  readonly tracks: ProgrammeEncoders;
  readonly writer: Pick<MediaWriter, 'bytesWritten'>;
}

interface Measurement {
  readonly atMs: number;
  readonly frames: number;
  readonly bytes: number;
}

/** What a run tells the core again and again: how it proceeds, and how its sources are. */
export class EncoderReports {
  private last: Measurement = { atMs: 0, frames: 0, bytes: 0 };
  private reported = { states: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(
    private readonly connection: Pick<RpcConnection, 'sendNotification'>,
    private readonly run: ReportedRun,
  ) {}

  /** To be called once a second; the first time begins the measurement. */
  reportProgress(): void {
    const { last } = this;
    const now = this.measure();
    if (now.frames > 0 && last.atMs > 0) this.send(now, last);
    if (now.frames > 0) this.last = now;
  }

  /** The last one of a run: what was repeated or left out is counted to its end. */
  reportEnd(): void {
    const now = this.measure();
    this.send(now, this.last.atMs > 0 ? this.last : now);
  }

  private measure(): Measurement {
    const { tracks, writer } = this.run;
    return { atMs: performance.now(), frames: tracks.video.deliveredFrames, bytes: writer.bytesWritten };
  }

  private send(now: Measurement, since: Measurement): void {
    const { tracks, programme } = this.run;
    const renditions = [...tracks.renditions.measure(), ...tracks.sources.measure()];
    const perSecond = 1000 / Math.max(1, now.atMs - since.atMs);
    this.connection.sendNotification(EncoderProgressNotification.type, {
      frames: now.frames,
      fps: Math.round((now.frames - since.frames) * perSecond * 10) / 10,
      bitrateKbps: Math.round(((now.bytes - since.bytes) * 8 * perSecond) / 1000),
      queuedFrames: tracks.video.owedFrames,
      skippedSlots: tracks.video.skippedSlots,
      repeatedFrames: programme.repeatedFrames,
      preset: tracks.preset,
      ...(renditions.length === 0 ? {} : { renditions }),
      processes: processesOf(tracks),
    });
  }

  reportLevels(levels: MixLevels): void {
    this.connection.sendNotification(EncoderLevelsNotification.type, levels);
  }

  /** To be called often: sends them when one has changed, and once a second. */
  reportSources(): void {
    const { sources, tracks, fps } = this.run;
    const now = performance.now();
    const status = sources.status();
    const states = status.map(({ id, state, pid }) => `${id} ${state} ${pid}`).join();
    if (states === this.reported.states && now - this.reported.atMs < SOURCES_MS) return;
    this.reported = { states, atMs: now };
    // What has been taken and not been delivered would be lost with this process.
    const owedMs = (tracks.video.owedFrames * 1000) / fps;
    const [main, ...others] = status;
    const delivered =
      main === undefined ? [] : [{ ...main, positionMs: Math.max(0, Math.round(main.positionMs - owedMs)) }];
    this.connection.sendNotification(EncoderSourcesNotification.type, {
      sources: [...delivered, ...others],
      frames: tracks.video.deliveredFrames,
    });
  }
}

export function processesOf({ video, audio, buses }: ProgrammeEncoders): EncoderProcesses {
  return {
    videoPid: video.livePid,
    audioPid: audio.livePid,
    heldVideoPid: video.heldPid,
    heldAudioPid: audio.heldPid,
    ...(buses.pids.length === 0 ? {} : { busPids: buses.pids }),
  };
}
