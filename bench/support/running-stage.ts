import { PassThrough } from 'node:stream';
import type { StageConfig } from '../../src/config/encode-settings.js';
import { BroadcastConfigSchema } from '../../src/config/schema.js';
import type { Frame } from '../../src/encoder/canvas/frame-pool.js';
import { findFfmpeg } from '../../src/encoder/ffmpeg-resolver.js';
import { ReceivedFrames } from '../../src/encoder/sources/received-frames.js';
import { SocketPairs } from '../../src/encoder/sources/socket-pairs.js';
import { OpenStage } from '../../src/encoder/stage/open-stage.js';
import type { Stage } from '../../src/encoder/stage/stage.js';

export const FPS = 30;
export const SAMPLE_RATE = 48_000;
const SAMPLES = SAMPLE_RATE / FPS;

/** The stage of an encoder process, in real time: what it composes and mixes for each slot is what the encoders would get. */
export class RunningStage {
  /** The last slot with a frame. */
  frame: Frame | undefined;
  /** The sound of the last slot, two channels of 16 bits. */
  sound: Buffer = Buffer.alloc(0);
  slots = 0;
  /** Slots without a new frame. */
  empty = 0;
  private readonly beat: NodeJS.Timeout;

  private constructor(
    private readonly open: OpenStage,
    private readonly pairs: SocketPairs,
  ) {
    const startMs = performance.now();
    this.beat = setInterval(() => {
      while (performance.now() - startMs >= (this.slots * 1000) / FPS) this.take();
    }, 4);
  }

  static async begin(config: StageConfig): Promise<RunningStage> {
    const pairs = new SocketPairs();
    const open = await OpenStage.open({
      config,
      video: BroadcastConfigSchema.parse({}).video,
      site: {
        ffmpeg: { path: findFfmpeg(), ownProcessGroup: false, onLog: () => {} },
        ...{ pairs, format: { sampleRate: SAMPLE_RATE, channels: 2 } },
        contextOf: async () => ({ modern: true }) as never,
      },
      frames: new ReceivedFrames(new PassThrough()),
      keptFrames: 20,
      positions: new Map(),
      onLevels: () => {},
      onLog: () => {},
      onProblem: (error) => console.error(error.message),
    });
    return new RunningStage(open, pairs);
  }

  get stage(): Stage {
    return this.open.stage;
  }

  private take(): void {
    const { frame, sound } = this.stage.take(SAMPLES);
    this.slots += 1;
    this.sound = sound;
    if (frame === undefined) this.empty += 1;
    else {
      this.frame?.release();
      this.frame = frame;
    }
  }

  end(): void {
    clearInterval(this.beat);
    this.frame?.release();
    this.open.dispose();
    this.pairs.dispose();
  }
}
