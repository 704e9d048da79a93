import {
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

/** What a run tells the core again and again: how it proceeds, and how its sources are. */
export class EncoderReports {
  private last = { atMs: 0, frames: 0, bytes: 0 };
  private reported = { states: '', atMs: Number.NEGATIVE_INFINITY };

  constructor(
    private readonly connection: Pick<RpcConnection, 'sendNotification'>,
    private readonly run: ReportedRun,
  ) {}

  /** To be called once a second; the first time begins the measurement. */
  reportProgress(): void {
    const { tracks, writer, programme } = this.run;
    const { video } = tracks;
    const now = { atMs: performance.now(), frames: video.deliveredFrames, bytes: writer.bytesWritten };
    if (now.frames === 0) return;
    const { last } = this;
    this.last = now;
    if (last.atMs === 0) return;
    const elapsedS = (now.atMs - last.atMs) / 1000;
    const fps = (now.frames - last.frames) / elapsedS;
    this.connection.sendNotification(EncoderProgressNotification.type, {
      frames: now.frames,
      fps: Math.round(fps * 10) / 10,
      bitrateKbps: Math.round(((now.bytes - last.bytes) * 8) / 1000 / elapsedS),
      skippedSlots: video.skippedSlots,
      repeatedFrames: programme.repeatedFrames,
      preset: tracks.preset,
      processes: processesOf(tracks),
    });
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
    this.connection.sendNotification(EncoderSourcesNotification.type, { sources: [...delivered, ...others] });
  }
}

export function processesOf({ video, audio }: ProgrammeEncoders): EncoderProcesses {
  return {
    videoPid: video.livePid,
    audioPid: audio.livePid,
    heldVideoPid: video.heldPid,
    heldAudioPid: audio.heldPid,
  };
}
