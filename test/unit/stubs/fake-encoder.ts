import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { PartContext, PartModule } from '../../../src/process-host/part-module.js';
import {
  type EncoderAdapted,
  EncoderAdaptedNotification,
  type EncoderExited,
  EncoderExitedNotification,
  EncoderPrepareRequest,
  type EncoderProgress,
  EncoderProgressNotification,
  type EncoderReconfigureParams,
  EncoderReconfigureRequest,
  EncoderSourcesNotification,
  type EncoderStageParams,
  EncoderStageRequest,
  type EncoderStartParams,
  EncoderStartRequest,
  EncoderStopRequest,
  type MediaAddress,
  type SourcePosition,
  type SourceStatus,
} from '../../../src/protocol/encoder.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, FLV_PREAMBLE, flvTag } from '../../support/flv.js';
import type { MemoryMediaSockets } from '../../support/memory-media-sockets.js';

const PROCESSES = { videoPid: 4711, audioPid: 4712, heldVideoPid: 0, heldAudioPid: 0 };

interface Behaviour {
  readonly startError?: BulkheadError;
  /** Thrown after its connection has been made. */
  readonly prepareError?: BulkheadError;
  readonly neverStarts?: boolean;
  readonly neverStops?: boolean;
}

/** An encoder simulated by the test: its requests, and what it delivers. */
export class FakeEncoder implements Disposable {
  readonly asked: string[] = [];
  readonly presets: string[] = [];
  /** The position at which it has to continue. */
  resume: SourcePosition | undefined;
  /** What it has to compose at the start, and from then on. */
  readonly stages: (EncoderStageParams | Pick<EncoderStartParams, 'stage' | 'positions'>)[] = [];
  readonly prepared: EncoderStartParams[] = [];
  setStage: () => null | Promise<null> = () => null;
  readonly reconfigured: EncoderReconfigureParams[] = [];
  reconfigure: () => null | Promise<null> = () => null;
  /** Where to send its media, and the connection once it does. */
  private address: MediaAddress | undefined;
  private connection: Writable | undefined;
  private failStart: ((error: Error) => void) | undefined;

  constructor(
    private readonly context: PartContext,
    private readonly behaviour: Behaviour,
    private readonly sockets: MemoryMediaSockets,
  ) {
    const { connection } = context;
    connection.onRequest(EncoderReconfigureRequest.type, (params) => {
      this.reconfigured.push(params);
      return this.reconfigure();
    });
    connection.onRequest(EncoderStageRequest.type, (params) => {
      this.stages.push(params);
      return this.setStage();
    });
    connection.onRequest(EncoderPrepareRequest.type, (params) => {
      const { media, settings } = params;
      this.prepared.push(params);
      this.asked.push('prepare');
      this.presets.push(settings.video.preset);
      this.address = media;
      if (behaviour.prepareError !== undefined) {
        this.sockets.connect(media);
        throw behaviour.prepareError;
      }
      return null;
    });
    connection.onRequest(EncoderStartRequest.type, ({ media, settings, resume, stage, positions }) => {
      if (stage !== undefined) this.stages.push({ stage, ...(positions === undefined ? {} : { positions }) });
      this.asked.push('start');
      this.resume = resume;
      this.presets.push(settings.video.preset);
      if (this.behaviour.prepareError === undefined && this.address !== undefined)
        assert.deepEqual(media, this.address, 'it was prepared for another socket');
      this.address = media;
      if (behaviour.startError !== undefined) throw behaviour.startError;
      if (behaviour.neverStarts === true) {
        return new Promise((_, reject) => {
          this.failStart = reject;
        });
      }
      return { processes: PROCESSES, ffmpegPath: '/bin/ffmpeg', ffmpegVersion: '1' };
    });
    connection.onRequest(EncoderStopRequest.type, async () => {
      this.asked.push('stop');
      if (this.behaviour.neverStops === true) return new Promise<null>(() => {});
      if (this.failStart === undefined) this.exit({ exitCode: 0, signal: null, finished: true });
      else this.failStart(new Error('stopped'));
      return null;
    });
  }

  private get media(): Writable {
    assert.ok(this.address, 'it has been told where its media goes');
    this.connection ??= this.sockets.connect(this.address);
    return this.connection;
  }

  /** Sends headers, a keyframe and a sound frame. */
  begin(): void {
    this.media.write(FLV_PREAMBLE);
    this.media.write(flvTag({ kind: 'video', ms: 0, payload: avcHeader(1) }));
    this.media.write(flvTag({ kind: 'audio', ms: 0, payload: AAC_HEADER }));
    this.media.write(flvTag({ kind: 'video', ms: 0, payload: avcFrame('keyframe', 1) }));
    this.sound(0);
  }

  frame(ms: number): void {
    this.media.write(flvTag({ kind: 'video', ms, payload: avcFrame('interframe', ms) }));
  }

  sound(ms: number): void {
    this.media.write(flvTag({ kind: 'audio', ms, payload: aacFrame(ms) }));
  }

  progress(frames: number, more: Partial<EncoderProgress> = {}): void {
    const counts = { queuedFrames: 0, skippedSlots: 0, repeatedFrames: 0 };
    const encoders = { preset: 'veryfast', processes: PROCESSES };
    const progress = { frames, fps: 17.5, bitrateKbps: 900, ...counts, ...encoders, ...more };
    this.context.connection.sendNotification(EncoderProgressNotification.type, progress);
  }

  adapted(adapted: EncoderAdapted): void {
    this.context.connection.sendNotification(EncoderAdaptedNotification.type, adapted);
  }

  /** @param frames delivered so far, by its own count */
  source(state: SourceStatus['state'], position: Partial<SourcePosition> = {}, frames = 0): void {
    const source = { id: 'input', type: 'file', state, pid: 9, positionMs: 0, item: 0, ...position } as const;
    this.context.connection.sendNotification(EncoderSourcesNotification.type, { sources: [source], frames });
  }

  /** Reports sources, the one on air first. */
  report(sources: readonly SourceStatus[]): void {
    this.context.connection.sendNotification(EncoderSourcesNotification.type, { sources, frames: 0 });
  }

  /** Sends bytes that are not FLV. */
  babble(): void {
    this.media.write(Buffer.alloc(64, 0xff));
  }

  exit(exited: EncoderExited): void {
    this.reportExit(exited);
    this.endMedia();
  }

  reportExit(exited: EncoderExited): void {
    this.context.connection.sendNotification(EncoderExitedNotification.type, exited);
  }

  endMedia(): void {
    this.media.end();
  }

  dispose(): void {
    this.connection?.end();
  }
}

/** The program of an encoder: each of its processes is a fake. */
export class FakeEncoders implements PartModule {
  readonly role = 'encoder';
  readonly initializeResult = { capabilities: {} };
  readonly all: FakeEncoder[] = [];
  /** Of encoders launched from now on. */
  behaviour: Behaviour = {};

  constructor(private readonly sockets: MemoryMediaSockets) {}

  activate(context: PartContext): Disposable {
    const encoder = new FakeEncoder(context, this.behaviour, this.sockets);
    this.all.push(encoder);
    return encoder;
  }

  /** The one that was started as the `nth`, from 1. */
  started(nth: number): FakeEncoder {
    const encoder = this.all.filter(({ asked }) => asked.includes('start')).at(nth - 1);
    assert.ok(encoder, `encoder ${nth} is started`);
    return encoder;
  }
}
