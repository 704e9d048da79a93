import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { EncoderStub } from '../../../src/core/stubs/encoder-stub.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import type { PartContext, PartModule } from '../../../src/process-host/part-module.js';
import {
  type EncoderExited,
  EncoderExitedNotification,
  EncoderPrepareRequest,
  EncoderStartRequest,
  EncoderStopRequest,
} from '../../../src/protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { AAC_HEADER, aacFrame, avcHeader, avcPicture, FLV_PREAMBLE, flvTag } from '../../support/flv.js';
import { eventually } from '../../support/wait.js';

const { input, video, audio } = BroadcastConfigSchema.parse({});
const PARAMS = { settings: { input, video, audio } };
const SILENT_LOG = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** An encoder that the test plays: what it was asked, and what it delivers. */
class PlayedEncoder implements Disposable {
  readonly asked: string[] = [];
  private readonly media: Writable;
  private failStart: ((error: Error) => void) | undefined;

  constructor(
    private readonly context: PartContext,
    startError: BulkheadError | undefined,
    neverStarts: boolean,
  ) {
    const { connection, media } = context;
    if (media?.kind !== 'stream') throw new Error('a stream was expected');
    this.media = media.stream;
    connection.onRequest(EncoderPrepareRequest.type, () => {
      this.asked.push('prepare');
      return null;
    });
    connection.onRequest(EncoderStartRequest.type, () => {
      this.asked.push('start');
      if (startError !== undefined) throw startError;
      if (neverStarts) {
        return new Promise((_, reject) => {
          this.failStart = reject;
        });
      }
      return { ffmpegPid: 4711, ffmpegPath: '/bin/ffmpeg', ffmpegVersion: '1' };
    });
    connection.onRequest(EncoderStopRequest.type, async () => {
      this.asked.push('stop');
      if (this.failStart !== undefined) {
        this.failStart(new Error('stopped'));
        await delay(50);
        return null;
      }
      this.exit({ exitCode: 0, signal: null, finished: true });
      return null;
    });
  }

  /** Headers, a keyframe and a sound. */
  begin(): void {
    this.media.write(FLV_PREAMBLE);
    this.media.write(flvTag({ kind: 'video', ms: 0, payload: avcHeader(1) }));
    this.media.write(flvTag({ kind: 'audio', ms: 0, payload: AAC_HEADER }));
    this.media.write(flvTag({ kind: 'video', ms: 0, payload: avcPicture('keyframe', 1) }));
    this.sound(0);
  }

  sound(ms: number): void {
    this.media.write(flvTag({ kind: 'audio', ms, payload: aacFrame(ms) }));
  }

  /** Bytes that are no FLV. */
  babble(): void {
    this.media.write(Buffer.alloc(64, 0xff));
  }

  exit(exited: EncoderExited): void {
    this.tellExit(exited);
    this.endMedia();
  }

  tellExit(exited: EncoderExited): void {
    this.context.connection.sendNotification(EncoderExitedNotification.type, exited);
  }

  endMedia(): void {
    this.media.end();
  }

  dispose(): void {}
}

class PlayedEncoders implements PartModule {
  readonly role = 'encoder';
  readonly initializeResult = { capabilities: {} };
  readonly all: PlayedEncoder[] = [];
  startError: BulkheadError | undefined;
  neverStarts = false;

  activate(context: PartContext): Disposable {
    const encoder = new PlayedEncoder(context, this.startError, this.neverStarts);
    this.all.push(encoder);
    return encoder;
  }

  /** The one that was started `nth`, counting from 1. */
  started(nth: number): Promise<PlayedEncoder> {
    return eventually(`encoder ${nth} is started`, () =>
      this.all.filter(({ asked }) => asked.includes('start')).at(nth - 1),
    );
  }
}

describe('EncoderStub', () => {
  let encoders: PlayedEncoders;
  let timeline: Timeline;
  let stub: EncoderStub;
  let crashes: BulkheadError[];

  beforeEach(() => {
    encoders = new PlayedEncoders();
    timeline = new Timeline();
    const encoder = new InProcessLauncher(encoders);
    stub = new EncoderStub({ encoder } as never, { logLevel: 'info' } as never, SILENT_LOG);
    crashes = [];
    stub.onDidCrash((error) => crashes.push(error));
  });
  afterEach(() => {
    stub.dispose();
    timeline.dispose();
  });

  const start = () => stub.start(PARAMS, () => timeline.beginEpoch());
  const pictures = (count: number) =>
    eventually(`${count} pictures`, () => (timeline.status().videoFrames >= count ? true : undefined));

  it('starts an encoder, tells its state, and stops it in order', async () => {
    start();
    const encoder = await encoders.started(1);
    encoder.begin();
    await pictures(1);
    const { epoch, ffmpegPid, state, restarts, isolated } = stub.status();
    assert.deepEqual(
      { epoch, ffmpegPid, state, restarts, isolated },
      { epoch: 1, ffmpegPid: 4711, state: 'running', restarts: 0, isolated: false },
    );
    await stub.stop();
    assert.deepEqual(encoder.asked, ['start', 'stop']);
    assert.equal(stub.status().ffmpegPid, 0);
    assert.deepEqual(crashes, []);
  });

  it('follows a crash with the spare, which was prepared for it', async () => {
    start();
    (await encoders.started(1)).begin();
    await pictures(1);
    const spare = await eventually('a prepared spare', () =>
      encoders.all.find(({ asked }) => asked.includes('prepare')),
    );
    const error = new BulkheadError(ErrorCodes.encoderCrashed, 'ffmpeg has crashed.').toData();
    encoders.all[0]?.exit({ exitCode: null, signal: 'SIGSEGV', finished: false, error });
    assert.equal(await encoders.started(2), spare);
    spare.begin();
    await pictures(2);
    assert.equal(timeline.status().splices, 1);
    assert.equal(stub.status().restarts, 1);
    assert.deepEqual(
      crashes.map(({ message }) => message),
      ['ffmpeg has crashed.'],
    );
    assert.deepEqual(spare.asked, ['prepare', 'start']);
  });

  it('says that the input came to its end, and starts nothing more', async () => {
    const finished = new Promise((resolve) => stub.onDidFinish(() => resolve(true)));
    start();
    const encoder = await encoders.started(1);
    encoder.begin();
    encoder.exit({ exitCode: 0, signal: null, finished: true });
    assert.equal(await finished, true);
    assert.deepEqual(crashes, []);
  });

  it('does not play a file again whose media ends long before its encoder says so', async () => {
    const finished = new Promise((resolve) => stub.onDidFinish(() => resolve(true)));
    const file = { type: 'file', path: '/show.mp4', loop: false } as const;
    stub.start({ settings: { ...PARAMS.settings, input: file } }, () => timeline.beginEpoch());
    const encoder = await encoders.started(1);
    encoder.begin();
    encoder.endMedia();
    await delay(300);
    encoder.tellExit({ exitCode: 0, signal: null, finished: true });
    assert.equal(await finished, true);
    assert.deepEqual([stub.status().epoch, crashes], [1, []]);
  });

  it('has a spare prepared that was there before the start, after the first picture', async () => {
    stub.warmUp();
    const spare = await eventually('a spare', () => encoders.all[1]);
    await delay(50);
    start();
    const encoder = await encoders.started(1);
    assert.deepEqual(spare.asked, []);
    encoder.begin();
    await eventually('it is prepared', () => (spare.asked.includes('prepare') ? true : undefined));
  });

  it('starts no other encoder when it is stopped while one starts', async () => {
    encoders.neverStarts = true;
    start();
    await encoders.started(1);
    await stub.stop();
    assert.equal(encoders.all.length, 1);
    assert.equal(stub.status().state, 'stopped');
  });

  it('gives up on settings that cannot work, but only before anything was delivered', async () => {
    encoders.startError = new BulkheadError(ErrorCodes.inputNotFound, 'There is no such file.');
    const gaveUp = new Promise<BulkheadError>((resolve) => stub.onDidGiveUp(resolve));
    start();
    assert.equal((await gaveUp).code, ErrorCodes.inputNotFound);
    assert.equal(stub.status().state, 'failed');
    assert.equal(encoders.all.length, 1);
  });

  it('goes on trying once something was delivered, whatever the error', async () => {
    start();
    const encoder = await encoders.started(1);
    encoder.begin();
    await pictures(1);
    const error = new BulkheadError(ErrorCodes.inputNotFound, 'The camera was pulled out.').toData();
    encoder.exit({ exitCode: 1, signal: null, finished: false, error });
    (await encoders.started(2)).begin();
    await pictures(2);
  });

  it('replaces an encoder whose pictures stop while its sound goes on', async () => {
    start();
    const encoder = await encoders.started(1);
    encoder.begin();
    await pictures(1);
    let ms = 0;
    const sound = setInterval(() => {
      ms += 21;
      encoder.sound(ms);
    }, 21);
    try {
      await encoders.started(2);
    } finally {
      clearInterval(sound);
    }
    assert.equal(crashes[0]?.code, ErrorCodes.encoderSilent);
  });

  it('replaces an encoder that sends what is not FLV', async () => {
    start();
    const encoder = await encoders.started(1);
    encoder.begin();
    await pictures(1);
    encoder.babble();
    await encoders.started(2);
    assert.equal(crashes[0]?.code, ErrorCodes.mediaInvalid);
  });
});
