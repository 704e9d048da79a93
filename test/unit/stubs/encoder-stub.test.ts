import assert from 'node:assert/strict';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { MixerSchema } from '../../../src/config/mixer-schema.js';
import { BroadcastConfigSchema, OverlaySchema } from '../../../src/config/schema.js';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { EncoderStub } from '../../../src/core/stubs/encoder-stub.js';
import type { EncoderTask } from '../../../src/core/stubs/encoder-task.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import type { EncoderExited } from '../../../src/protocol/encoder.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { MemoryMediaSockets } from '../../support/memory-media-sockets.js';
import { type FakeEncoder, FakeEncoders } from './fake-encoder.js';

const PARAMS = { settings: encodeSettingsOf(BroadcastConfigSchema.parse({})) };
const SILENT_LOG = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

describe('EncoderStub', () => {
  let clock: FakeClock;
  let sockets: MemoryMediaSockets;
  let encoders: FakeEncoders;
  let timeline: Timeline;
  let stub: EncoderStub;
  /** The events fired, in order. */
  let events: string[];

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new MemoryMediaSockets();
    encoders = new FakeEncoders(sockets);
    timeline = new Timeline({ slateAfterMs: 1e9 });
    stub = new EncoderStub(
      { encoder: new InProcessLauncher(encoders) },
      sockets,
      { logLevel: 'info' },
      SILENT_LOG,
    );
    events = [];
    stub.onDidCrash(({ code, message }) => events.push(`crash ${code}: ${message}`));
    stub.onDidGiveUp(({ code, message }) => events.push(`gave up ${code}: ${message}`));
    stub.onDidFallBehind(({ code, message }) => events.push(`slow ${code}: ${message}`));
    stub.onDidFinish(() => events.push('finished'));
  });

  afterEach(async () => {
    stub.dispose();
    timeline.dispose();
    await clock.pass(2000);
    assert.equal(clock.pending, 0, 'a timer is left');
    assert.equal(sockets.waiting, 0, 'a media socket is left');
    clock.restore();
  });

  /** Returns the first encoder, once it has been asked to start. */
  async function start(params: EncoderTask = PARAMS): Promise<FakeEncoder> {
    stub.start(params, () => timeline.beginEpoch());
    await clock.settle();
    return encoders.started(1);
  }

  /** Returns the first encoder, once it has delivered a frame. */
  async function deliver(params?: EncoderTask): Promise<FakeEncoder> {
    const encoder = await start(params);
    encoder.begin();
    await clock.settle();
    assert.equal(timeline.status().videoFrames, 1);
    return encoder;
  }

  const crashed = (message: string, code: ErrorCode = ErrorCodes.encoderCrashed): EncoderExited => ({
    exitCode: null,
    signal: 'SIGSEGV',
    finished: false,
    error: new BulkheadError(code, message).toData(),
  });

  it('starts an encoder, reports its state, and stops it in order', async () => {
    const encoder = await deliver();
    encoder.progress(30);
    await clock.settle();
    const { epoch, videoPid, state, restarts, isolated, fps, bitrateKbps } = stub.status();
    assert.deepEqual(
      { epoch, videoPid, state, restarts, isolated, fps, bitrateKbps },
      {
        epoch: 1,
        videoPid: 4711,
        state: 'running',
        restarts: 0,
        isolated: false,
        fps: 17.5,
        bitrateKbps: 900,
      },
    );
    const stopped = stub.stop();
    await clock.settle();
    await stopped;
    assert.deepEqual(encoder.asked, ['start', 'stop']);
    assert.deepEqual([stub.status().videoPid, stub.status().fps, events], [0, 0, []]);
  });

  it('reports its processes, and what it left out and repeated', async () => {
    const encoder = await deliver();
    await clock.settle();
    const { videoPid, audioPid, skippedSlots } = stub.status();
    assert.deepEqual([videoPid, audioPid, skippedSlots], [4711, 4712, 0]);
    const processes = { videoPid: 11, audioPid: 12, heldVideoPid: 13, heldAudioPid: 0 };
    encoder.progress(60, { processes, preset: 'fast', skippedSlots: 3, repeatedFrames: 5 });
    await clock.settle();
    const { pid, epoch, restarts, state, isolated, fps, bitrateKbps, error, ...rest } = stub.status();
    assert.deepEqual(rest, {
      ...{ ...processes, preset: 'fast' },
      ...{ skippedSlots: 3, repeatedFrames: 5, queuedFrames: 0 },
    });
  });

  it('reports what the encoder does on a computer that is too slow, and nothing else about its pace', async () => {
    stub.onDidCatchUp((message) => events.push(message));
    const encoder = await deliver();
    const processes = { videoPid: 11, audioPid: 12, heldVideoPid: 13, heldAudioPid: 14 };
    for (let second = 0; second < 30; second++) {
      encoder.frame(33 * second);
      encoder.progress(15 * second, { processes });
      await clock.pass(1000);
    }
    assert.deepEqual(events, []);
    encoder.adapted({ what: 'down', preset: 'superfast', stride: 1 });
    encoder.adapted({ what: 'down', preset: 'ultrafast', stride: 2 });
    encoder.adapted({ what: 'exhausted', preset: 'ultrafast', stride: 2 });
    encoder.adapted({ what: 'up', preset: 'ultrafast', stride: 1 });
    await clock.settle();
    const [preset, half, exhausted, up] = events;
    assert.match(
      preset ?? '',
      /^slow encoder\.slow: .*with the preset "superfast"; the quality is a little lower/,
    );
    assert.match(half ?? '', /^slow encoder\.slow: .*"ultrafast" and 15 fps; every second frame is left out/);
    assert.match(exhausted ?? '', /^slow encoder\.slow: .*even for the preset "ultrafast" and 15 fps/);
    assert.equal(up, 'This computer keeps up: it encodes with the preset "ultrafast" again.');
  });

  describe('and its source', () => {
    it('continues where its source was, and what has been delivered since', async () => {
      const first = await deliver();
      assert.equal(first.resume, undefined);
      first.source('live', { item: 2, positionMs: 5000 }, 1);
      await clock.settle();
      assert.deepEqual(stub.sources()[0]?.positionMs, 5000);
      for (let frame = 1; frame <= 15; frame++) first.frame(frame * 33);
      await clock.settle();
      first.exit(crashed('again'));
      await clock.pass(1000);
      // 15 frames at 30 frames/s.
      assert.deepEqual(encoders.started(2).resume, { item: 2, positionMs: 5500 });
    });

    it('continues a shuffled playlist in the same round', async () => {
      const first = await deliver();
      first.source('live', { item: 2, positionMs: 5000, round: 9 });
      await clock.settle();
      assert.equal(stub.sources()[0]?.round, 9);
      first.exit(crashed('again'));
      await clock.pass(1000);
      assert.equal(encoders.started(2).resume?.item, 2);
      assert.equal(encoders.started(2).resume?.round, 9);
    });

    it('goes back by what had been delivered by the report, and has not arrived', async () => {
      const first = await deliver();
      first.source('live', { item: 0, positionMs: 5000 }, 10);
      await clock.settle();
      for (let frame = 1; frame <= 3; frame++) first.frame(frame * 33);
      await clock.settle();
      first.exit(crashed('again'));
      await clock.pass(1000);
      // 4 of 10 frames.
      assert.deepEqual(encoders.started(2).resume, { item: 0, positionMs: 4800 });
    });

    it('adds nothing while the source did not deliver, and continues there again if it is not opened in time', async () => {
      const first = await deliver();
      first.source('stalled', { item: 1, positionMs: 3000 });
      await clock.settle();
      for (let frame = 1; frame <= 15; frame++) first.frame(frame * 33);
      await clock.settle();
      first.exit(crashed('once'));
      await clock.pass(1000);
      const second = encoders.started(2);
      assert.deepEqual(second.resume, { item: 1, positionMs: 3000 });
      second.source('starting', { item: 1, positionMs: 3000 });
      await clock.settle();
      second.exit(crashed('twice'));
      await clock.pass(3000);
      assert.deepEqual(encoders.started(3).resume, { item: 1, positionMs: 3000 });
    });

    it('says whether its input delivers by what it reports of the source, not by its frames', async () => {
      const recovered: number[] = [];
      stub.onDidRecoverInput((ms) => recovered.push(ms));
      const problems: string[] = [];
      stub.onDidHaveProblem(({ code }) => problems.push(code));
      const encoder = await deliver();
      assert.equal(stub.inputStatus()?.state, 'waiting');
      encoder.source('live');
      await clock.settle();
      assert.equal(stub.inputStatus()?.state, 'delivering');
      encoder.source('retrying');
      await clock.settle();
      encoder.frame(33);
      await clock.pass(1000);
      assert.equal(stub.inputStatus()?.state, 'lost');
      encoder.frame(66);
      await clock.pass(1000);
      encoder.source('retrying');
      await clock.settle();
      assert.deepEqual(problems, ['input.unreachable']);
      encoder.source('live');
      await clock.settle();
      assert.deepEqual([stub.inputStatus()?.state, recovered], ['delivering', [2000]]);
    });
  });

  describe('with scenes', () => {
    const scene = (id: string) => ({ id, layers: [] });
    const mixer = MixerSchema.parse({});
    const STAGE = {
      sources: [],
      scenes: [scene('one'), scene('two')],
      mixer,
      overlays: [],
      programme: 'one',
    };
    const TWO = { ...STAGE, programme: 'two' };
    const CUT = { type: 'cut', durationMs: 0, direction: 'left' } as const;

    it('has the encoder compose them, and every run to come, where the sources were; the spare does not know them', async () => {
      const encoder = await deliver({ ...PARAMS, stage: STAGE });
      assert.deepEqual(encoder.stages, [{ stage: STAGE }]);
      await clock.pass(600);
      await stub.setStage(TWO, CUT);
      assert.deepEqual(encoder.stages[1], { stage: TWO, transition: CUT });
      const source = (id: string, positionMs: number) =>
        ({ id, type: 'file', state: 'live', item: 0, pid: 1, positionMs }) as const;
      const reported: unknown[] = [];
      const watching = stub.onDidReportSources(() => reported.push(stub.sources().map(({ id }) => id)));
      encoder.report([source('a', 4000), source('b', 7000)]);
      encoder.report([source('b', 8000), source('c', 100)]);
      await clock.settle();
      watching.dispose();
      assert.deepEqual(reported, [
        ['a', 'b'],
        ['b', 'c'],
      ]);
      assert.equal(
        encoders.all.some(({ prepared }) => prepared.some((params) => 'stage' in params)),
        false,
      );
      encoder.exit(crashed('It has crashed.'));
      await clock.settle();
      const positions = {
        '': { item: 0, positionMs: 0 },
        a: { item: 0, positionMs: 4000 },
        c: { item: 0, positionMs: 100 },
        // With the frame that has come since.
        b: { item: 0, positionMs: 8033 },
      };
      assert.deepEqual(encoders.started(2).stages, [{ stage: TWO, positions }]);
    });

    it('gets changes without a transition combined; the next encoder begins with the last one', async () => {
      const encoder = await deliver({ ...PARAMS, stage: STAGE });
      await clock.pass(600);
      const numbered = (number: number) => ({
        ...STAGE,
        overlays: [{ ...OverlaySchema.parse({ id: `o${number}` }), sinceMs: 0 }],
      });
      const changes = Array.from({ length: 1000 }, (_, number) => stub.setStage(numbered(number)));
      await clock.pass(100);
      await Promise.all(changes);
      const [, ...stages] = encoder.stages;
      assert.ok(stages.length <= 3, `${stages.length} messages`);
      assert.deepEqual(stages.at(-1), { stage: numbered(999) });
      encoder.setStage = () => new Promise(() => {});
      const last = stub.setStage(numbered(1000));
      encoder.exit(crashed('It has crashed.'));
      await clock.pass(1000);
      await last;
      assert.deepEqual(encoders.started(2).stages[0]?.stage, numbered(1000));
    });

    it('is not told that a scene failed whose encoder was lost meanwhile: the next one begins with it', async () => {
      const encoder = await deliver({ ...PARAMS, stage: STAGE });
      await clock.pass(600);
      encoder.setStage = () => new Promise(() => {});
      const shown = stub.setStage(TWO, CUT);
      encoder.exit(crashed('It has crashed.'));
      await clock.pass(31_000);
      await shown;
      assert.deepEqual(
        encoders.started(2).stages.map(({ stage }) => stage),
        [TWO],
      );
    });

    it('fails where nothing is encoded, and with what the encoder says', async () => {
      await assert.rejects(stub.setStage(TWO, CUT), { code: 'broadcast.state' });
      const encoder = await deliver({ ...PARAMS, stage: STAGE });
      encoder.setStage = () => {
        throw new BulkheadError(ErrorCodes.broadcastState, 'Nothing is composed.');
      };
      await assert.rejects(stub.setStage(TWO, CUT), { message: 'Nothing is composed.' });
      encoder.setStage = () => {
        throw new BulkheadError(ErrorCodes.rpcClosed, 'The connection is closed.');
      };
      // It has died, and the next one begins with what was wanted.
      await stub.setStage(TWO, CUT);
    });
  });

  describe('with settings that are changed on air', () => {
    const code = (expected: string) => (error: unknown) => BulkheadError.from(error).code === expected;

    it('has the encoder go on with them, and gives them to the spare and to every run to come', async () => {
      const encoder = await deliver();
      await clock.pass(600);
      const change = { video: { bitrateKbps: 4000, preset: 'fast' }, audio: { bitrateKbps: 96 } };
      const task = await stub.reconfigure(change);
      const { video, audio } = PARAMS.settings;
      const settings = { video: { ...video, ...change.video }, audio: { ...audio, ...change.audio } };
      assert.deepEqual(encoder.reconfigured, [settings]);
      assert.deepEqual(task.settings, { ...PARAMS.settings, ...settings });
      await clock.settle();
      assert.deepEqual(encoders.all[1]?.presets, ['veryfast', 'fast']);
      encoder.exit(crashed('It has crashed.'));
      await clock.settle();
      assert.deepEqual(encoders.started(2).presets, ['veryfast', 'fast', 'fast']);
      encoders.started(2).begin();
      await clock.settle();
      await stub.reconfigure({ ffmpegPath: '/bin/other' });
      assert.deepEqual(encoders.started(2).reconfigured, [{ ...settings, ffmpegPath: '/bin/other' }]);
    });

    it('keeps those of before where they do not work, and says why', async () => {
      const encoder = await deliver();
      await clock.pass(600);
      encoder.reconfigure = () => {
        throw new BulkheadError(ErrorCodes.encoderUnknown, 'There is no such encoder.');
      };
      await assert.rejects(stub.reconfigure({ video: { encoder: 'h264_x' } }), code('encoder.unknown'));
      await assert.rejects(stub.reconfigure({ video: { bFrames: 2 } }), {
        ...{ code: 'config.invalid', where: 'video.bFrames' },
        message: 'expected 0, or tune "none", got 2',
      });
      assert.equal(encoder.reconfigured.length, 1);
      encoder.exit(crashed('It has crashed.'));
      await clock.settle();
      assert.deepEqual(encoders.started(2).asked, ['prepare', 'start']);
    });

    it('refuses that where no encoder delivers', async () => {
      await assert.rejects(stub.reconfigure({}), code('broadcast.state'));
      await start();
      await assert.rejects(stub.reconfigure({}), code('broadcast.state'));
    });

    it('makes one change after the other', async () => {
      const encoder = await deliver();
      let answer = (_: null) => {};
      encoder.reconfigure = () =>
        new Promise((resolve) => {
          answer = resolve;
        });
      const first = stub.reconfigure({ video: { preset: 'fast' } });
      await assert.rejects(stub.reconfigure({ video: { preset: 'slow' } }), /being changed already/);
      await clock.settle();
      answer(null);
      assert.equal((await first).settings.video.preset, 'fast');
    });
  });

  it('continues with the prepared spare after a crash', async () => {
    const encoder = await deliver();
    await clock.pass(600);
    const spare = encoders.all[1];
    assert.deepEqual(spare?.asked, ['prepare']);
    encoder.exit(crashed('ffmpeg has crashed.'));
    await clock.settle();
    assert.equal(encoders.started(2), spare);
    spare.begin();
    await clock.settle();
    assert.deepEqual([timeline.status().videoFrames, timeline.status().splices], [2, 1]);
    assert.equal(stub.status().restarts, 1);
    assert.deepEqual(events, ['crash encoder.crashed: ffmpeg has crashed.']);
    assert.deepEqual(spare.asked, ['prepare', 'start']);
  });

  it('gives a spare another socket if its preparation has failed', async () => {
    const encoder = await deliver();
    encoders.behaviour = { prepareError: new BulkheadError(ErrorCodes.inputBusy, 'It is in use.') };
    await clock.pass(600);
    const spare = encoders.all[1];
    assert.deepEqual(spare?.asked, ['prepare']);
    encoder.exit(crashed('ffmpeg has crashed.'));
    await clock.settle();
    spare.begin();
    await clock.settle();
    assert.equal(timeline.status().videoFrames, 2);
  });

  it('treats a run without a socket as failed, and tries again', async () => {
    const encoder = await deliver();
    sockets.obstacle = new BulkheadError(ErrorCodes.processFailed, 'There is no socket.');
    await clock.pass(600);
    assert.deepEqual(encoders.all[1]?.asked, []);
    encoder.exit(crashed('ffmpeg has crashed.'));
    await clock.pass(2000);
    assert.deepEqual(events, [
      'crash encoder.crashed: ffmpeg has crashed.',
      'crash process.failed: There is no socket.',
    ]);
    sockets.obstacle = undefined;
    await clock.pass(10_000);
    encoders.started(2).begin();
    await clock.settle();
    assert.deepEqual([timeline.status().videoFrames, stub.status().state], [2, 'running']);
  });

  it('waits briefly for the reason of an end, and continues without it', async () => {
    const encoder = await deliver();
    await clock.pass(600);
    encoder.endMedia();
    await clock.pass(40, 10);
    assert.deepEqual(events, []);
    await clock.pass(20, 10);
    assert.deepEqual(events, ['crash encoder.crashed: ffmpeg has ended before its time.']);
    encoders.started(2);
  });

  it('continues if an exit is reported while the media stays open', async () => {
    const encoder = await deliver();
    encoder.reportExit(crashed('ffmpeg has crashed.'));
    await clock.pass(60);
    assert.deepEqual(events, ['crash encoder.crashed: ffmpeg has crashed.']);
  });

  it('reports that its input is lost, and when it has recovered', async () => {
    const url = { type: 'url', url: 'rtmp://host/app/KEY' } as const;
    assert.equal(stub.inputStatus(), undefined);
    const recovered: number[] = [];
    stub.onDidRecoverInput((lostMs) => recovered.push(lostMs));
    const encoder = await deliver({ settings: { ...PARAMS.settings, input: url } });
    encoder.source('live');
    await clock.settle();
    assert.equal(stub.inputStatus()?.state, 'delivering');
    await clock.pass(600);
    encoder.exit(crashed('It broke off.', ErrorCodes.inputUnreachable));
    await clock.settle();
    assert.equal(stub.inputStatus()?.state, 'lost');
    assert.equal(stub.inputStatus()?.error?.message, 'It broke off.');
    await clock.pass(400);
    encoders.started(2).begin();
    encoders.started(2).source('live');
    await clock.settle();
    assert.deepEqual([stub.inputStatus()?.state, recovered.length], ['delivering', 1]);
    assert.ok((recovered[0] ?? 0) >= 400, `${recovered[0]} ms`);
  });

  it('reports that the input has ended, and starts nothing more', async () => {
    const encoder = await deliver();
    encoder.exit({ exitCode: 0, signal: null, finished: true });
    await clock.pass(5000);
    assert.deepEqual(
      [events, encoders.all.filter(({ asked }) => asked.includes('start')).length],
      [['finished'], 1],
    );
  });

  it('does not replay a file whose media ends long before its encoder reports the end', async () => {
    const file = { type: 'file', path: '/show.mp4', loop: false } as const;
    const encoder = await deliver({ settings: { ...PARAMS.settings, input: file } });
    encoder.endMedia();
    await clock.pass(1900);
    encoder.reportExit({ exitCode: 0, signal: null, finished: true });
    await clock.pass(500);
    assert.deepEqual([stub.status().epoch, events], [1, ['finished']]);
  });

  it('prepares a spare from before the start, after the first frame', async () => {
    stub.warmUp();
    await clock.pass(600);
    const spare = encoders.all[1];
    assert.ok(spare);
    const encoder = await start();
    await clock.pass(1000);
    assert.deepEqual(spare.asked, []);
    encoder.begin();
    await clock.settle();
    assert.deepEqual(spare.asked, ['prepare']);
  });

  it('starts no other encoder if it is stopped while one starts', async () => {
    encoders.behaviour = { neverStarts: true };
    await start();
    const stopped = stub.stop();
    await clock.pass(5000);
    await stopped;
    assert.equal(encoders.all.filter(({ asked }) => asked.includes('start')).length, 1);
    assert.deepEqual([stub.status().state, events], ['stopped', []]);
  });

  it('does not wait forever for an encoder that does not stop', async () => {
    encoders.behaviour = { neverStops: true };
    const encoder = await deliver();
    let stopped = false;
    const stopping = stub.stop().then(() => {
      stopped = true;
    });
    // Otherwise it would be killed for its silence.
    const deliverFor = async (ms: number) => {
      for (let left = ms; left > 0; left -= 700) {
        encoder.frame(10_000 - left);
        await clock.pass(700);
      }
    };
    await deliverFor(2800);
    assert.deepEqual([encoder.asked, stopped], [['start', 'stop'], false]);
    await deliverFor(2100);
    assert.ok(stopped);
    await stopping;
  });

  it('fails for settings that cannot work, but only before anything was delivered', async () => {
    encoders.behaviour = {
      startError: new BulkheadError(ErrorCodes.inputNotFound, 'There is no such file.'),
    };
    await start();
    assert.deepEqual(events, ['gave up input.notFound: There is no such file.']);
    assert.equal(stub.status().state, 'failed');
    await clock.pass(10_000);
    assert.equal(encoders.all.length, 1);
  });

  it('keeps trying once something was delivered, whatever the error', async () => {
    const encoder = await deliver();
    encoder.exit(crashed('The camera was pulled out.', ErrorCodes.inputNotFound));
    await clock.pass(1000);
    encoders.started(2).begin();
    await clock.settle();
    assert.equal(timeline.status().videoFrames, 2);
    assert.deepEqual(events, ['crash input.notFound: The camera was pulled out.']);
  });

  it('fails if ffmpeg ends three times before its first frame', async () => {
    await start();
    for (let nth = 1; nth <= 3; nth++) {
      encoders.started(nth).exit(crashed(`end ${nth}`));
      await clock.pass(4000);
    }
    assert.deepEqual(events, [
      'crash encoder.crashed: end 1',
      'crash encoder.crashed: end 2',
      'gave up ffmpeg.failedToStart: ffmpeg ended 3 times before its first frame. Last error: end 3',
    ]);
    assert.equal(encoders.all.filter(({ asked }) => asked.includes('start')).length, 3);
  });

  it('reports a repeated failure once, and again after something was delivered', async () => {
    const encoder = await deliver();
    encoder.exit(crashed('gone'));
    await clock.pass(4000);
    encoders.started(2).exit(crashed('gone'));
    await clock.pass(4000);
    assert.deepEqual(events, ['crash encoder.crashed: gone']);
    encoders.started(3).begin();
    await clock.settle();
    encoders.started(3).exit(crashed('gone'));
    await clock.pass(4000);
    assert.equal(events.length, 2);
    encoders.started(4);
  });

  it('replaces an encoder whose video stops while its sound continues, though not at once', async () => {
    const encoder = await deliver();
    const soundUntil = async (fromMs: number, toMs: number) => {
      for (let ms = fromMs; ms <= toMs; ms += 50) {
        encoder.sound(ms);
        await clock.pass(50);
      }
    };
    await soundUntil(50, 4500);
    assert.equal(events.length, 0, 'it may be replacing its video encoder');
    await soundUntil(4550, 6000);
    encoders.started(2);
    assert.deepEqual(
      events.map((event) => event.split(':')[0]),
      ['crash encoder.silent'],
    );
  });

  it('replaces an encoder that sends what is not FLV', async () => {
    const encoder = await deliver();
    await clock.pass(600);
    encoder.babble();
    await clock.settle();
    encoders.started(2);
    assert.match(events.join(), /^crash media\.invalid/);
  });

  it('ignores messages of an encoder that has been replaced', async () => {
    const encoder = await deliver();
    await clock.pass(600);
    encoder.endMedia();
    await clock.pass(100);
    encoders.started(2).begin();
    encoder.reportExit({ exitCode: 0, signal: null, finished: true });
    encoder.progress(1);
    await clock.pass(1000);
    assert.deepEqual([events.length, stub.status().fps, stub.status().epoch], [1, 0, 2]);
  });

  it('ignores messages of a spare about a run that it does not have', async () => {
    await deliver();
    await clock.pass(600);
    const spare = encoders.all[1];
    spare?.progress(100);
    spare?.reportExit({ exitCode: 0, signal: null, finished: true });
    await clock.pass(500);
    assert.deepEqual([events, stub.status().fps, stub.status().epoch], [[], 0, 1]);
  });

  it("does not wait for the end of a file's media once its encoder has reported the end", async () => {
    const file = { type: 'file', path: '/show.mp4', loop: false } as const;
    const encoder = await deliver({ settings: { ...PARAMS.settings, input: file } });
    encoder.reportExit(crashed('ffmpeg has crashed.'));
    await clock.pass(60, 10);
    assert.deepEqual(events, ['crash encoder.crashed: ffmpeg has crashed.']);
  });
});
