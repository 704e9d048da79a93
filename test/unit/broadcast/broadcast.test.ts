import assert from 'node:assert/strict';
import sinon from 'sinon';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { BroadcastStage, configOf } from './broadcast-stage.js';

const PORTS = { rtmpPort: 0, httpPort: 0 };

describe('a broadcast', () => {
  let clock: FakeClock;
  let stage: BroadcastStage;

  beforeEach(() => {
    clock = new FakeClock();
    stage = new BroadcastStage();
  });

  afterEach(async () => {
    await stage.end();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  const state = () => stage.broadcast.status().state;
  const messages = () =>
    stage.notices.map(({ severity, source, message }) => `${severity} ${source}: ${message}`);

  /** On air with these outputs, all of them live. */
  async function goLive(...ids: readonly string[]): Promise<void> {
    await stage.start(configOf(ids));
    for (const id of ids) stage.output(id).become('live');
    assert.equal(state(), 'live');
  }

  describe('from its start to its end', () => {
    it('is idle, starting, live, reconnecting, live again and idle', async () => {
      assert.equal(state(), 'idle');
      await stage.start(configOf(['main']));
      assert.equal(state(), 'starting');
      stage.output('main').become('live');
      assert.equal(state(), 'live');
      stage.output('main').become('reconnecting', 'the server is gone');
      assert.equal(state(), 'reconnecting');
      stage.output('main').become('live');
      assert.equal(state(), 'live');
      await stage.broadcast.stop();
      assert.deepEqual(stage.states, ['starting', 'live', 'reconnecting', 'live', 'stopping', 'idle']);
      assert.equal(stage.broadcast.status().error, undefined);
    });

    it('gives the encoder its settings, and outputs what it delivers', async () => {
      const config = configOf(['one', 'two'], { ffmpeg: '/bin/ffmpeg', video: { fps: 25 } });
      await stage.start(config);
      const { input, video, audio } = config;
      assert.deepEqual(stage.encoder.start.lastCall.args[0], {
        settings: { input, video, audio },
        ffmpegPath: '/bin/ffmpeg',
      });
      sinon.assert.callOrder(stage.encoder.start, stage.output('one').start, stage.output('two').start);
      stage.encoder.deliver();
      for (const id of ['one', 'two']) {
        const kinds = stage.output(id).tags.map(({ kind }) => kind);
        assert.deepEqual(kinds.sort(), ['audio', 'audio-header', 'keyframe', 'video-header']);
      }
      assert.deepEqual(
        [stage.broadcast.status().timeline.videoFrames, stage.broadcast.status().outputs.length],
        [1, 2],
      );
    });

    it('has the settings of the encoder that were changed on air when it is started again', async () => {
      const config = configOf(['one']);
      await stage.start(config);
      const before = encodeSettingsOf(config);
      const settings = {
        ...before,
        video: { ...before.video, preset: 'fast' },
        audio: { bitrateKbps: 96 },
      };
      stage.encoder.reconfigure.resolves({ settings, ffmpegPath: '/bin/other' });
      const change = { video: { preset: 'fast' }, audio: { bitrateKbps: 96 } };
      assert.equal(stage.broadcast.status().encoder.settings, undefined);
      const now = await stage.broadcast.setEncoder({ ...change, ffmpeg: '/bin/other' });
      assert.deepEqual(stage.encoder.reconfigure.lastCall.args, [{ ...change, ffmpegPath: '/bin/other' }]);
      assert.deepEqual(now, { video: settings.video, audio: settings.audio, ffmpeg: '/bin/other' });
      assert.deepEqual(stage.broadcast.status().encoder.settings, now);
      await stage.broadcast.stop();
      await stage.broadcast.startAgain();
      assert.deepEqual(stage.encoder.start.lastCall.args[0], { settings, ffmpegPath: '/bin/other' });
      assert.notDeepEqual(settings, before);
    });

    it('says what it is encoded to: from its start, after each change of the encoder, until it is idle', async () => {
      const seen: unknown[] = [];
      stage.broadcast.onDidChangeTarget((target) =>
        seen.push(
          target && `${target.video.encoder} ${target.video.bitrateKbps} ${target.audio.bitrateKbps}`,
        ),
      );
      stage.broadcast.onDidChangeState((now) => seen.push(now));
      assert.equal(stage.broadcast.target, undefined);
      await goLive('main');
      const target = {
        video: { width: 1280, height: 720, fps: 30, codec: 'h264', encoder: 'libx264', bitrateKbps: 2500 },
        audio: { codec: 'aac', bitrateKbps: 160, sampleRate: 48_000, channels: 2 },
      };
      assert.deepEqual(stage.broadcast.target, target);
      const [{ settings }] = stage.encoder.start.lastCall.args;
      const video = { ...settings.video, encoder: 'h264_nvenc', bitrateKbps: 4000 };
      stage.encoder.reconfigure.resolves({ settings: { ...settings, video } });
      await stage.broadcast.setEncoder({ video: { encoder: 'h264_nvenc', bitrateKbps: 4000 } });
      await stage.broadcast.setEncoder({});
      await stage.broadcast.stop();
      assert.equal(stage.broadcast.target, undefined);
      assert.deepEqual(seen, [
        ...['libx264 2500 160', 'starting', 'live'],
        ...['h264_nvenc 4000 160', 'stopping', undefined, 'idle'],
      ]);
    });

    it('is live as long as one output is', async () => {
      await goLive('one', 'two');
      stage.output('one').become('reconnecting', 'gone');
      assert.equal(state(), 'live');
      stage.output('two').become('reconnecting', 'gone');
      assert.equal(state(), 'reconnecting');
      stage.output('one').become('live');
      assert.equal(state(), 'live');
    });

    it('continues with another encoder in the same sessions, and reports the splice', async () => {
      const splices: number[] = [];
      stage.broadcast.onDidSplice(({ gapMs }) => splices.push(gapMs));
      await goLive('main');
      stage.encoder.deliver();
      await clock.pass(300);
      stage.encoder.deliver();
      assert.equal(splices.length, 1);
      assert.ok((splices[0] ?? 0) >= 300, `a gap of ${splices[0]} ms`);
      assert.deepEqual([state(), stage.broadcast.status().outputs[0]?.sessions], ['live', 1]);
    });

    it('ends in order: the encoder, what outputs have queued, the live server', async () => {
      await goLive('main');
      const { uptimeMs } = stage.broadcast.status();
      clock.tick(5000);
      assert.equal(Math.round(stage.broadcast.status().uptimeMs - uptimeMs), 5000);
      await Promise.all([stage.broadcast.stop(), stage.broadcast.stop()]);
      const { encoder, liveServer } = stage;
      sinon.assert.callOrder(
        encoder.stop,
        stage.output('main').stop,
        liveServer.stop,
        stage.output('main').dispose,
      );
      sinon.assert.calledOnceWithExactly(stage.output('main').stop, 2000);
      const { outputs, uptimeMs: after } = stage.broadcast.status();
      assert.deepEqual([outputs, after], [[], 0]);
    });

    it('ends with its input', async () => {
      await goLive('main');
      stage.encoder.finish.fire();
      await clock.settle();
      assert.equal(state(), 'idle');
      assert.equal(stage.broadcast.status().error, undefined);
    });

    it('can be stopped while idle', async () => {
      await stage.broadcast.stop();
      assert.deepEqual(stage.states, []);
      sinon.assert.notCalled(stage.encoder.stop);
    });

    it('starts again as it was configured, with the same step', async () => {
      await assert.rejects(stage.broadcast.startAgain(), {
        code: 'broadcast.state',
        message: 'there has been no broadcast that could be started again',
      });
      await goLive('main');
      await assert.rejects(stage.broadcast.startAgain(), { code: 'broadcast.state' });
      await stage.broadcast.stop();
      await stage.broadcast.startAgain();
      assert.equal(state(), 'starting');
      sinon.assert.calledTwice(stage.step.check);
      sinon.assert.calledTwice(stage.step.apply);
      assert.deepEqual(
        stage.outputs.map(({ id }) => id),
        ['main', 'main'],
      );
    });
  });

  describe('when something fails', () => {
    it('ends if the encoder cannot work, and has the error until the next start', async () => {
      await stage.start(configOf(['main']));
      stage.encoder.giveUp.fire(new BulkheadError(ErrorCodes.inputNotFound, 'no such file'));
      await clock.settle();
      assert.deepEqual([state(), stage.broadcast.status().error?.message], ['idle', 'no such file']);
      await stage.start(configOf(['main']));
      assert.equal(stage.broadcast.status().error, undefined);
    });

    it('continues without an encoder while a publisher is passed through', async () => {
      await goLive('main');
      stage.ingests.carries = true;
      stage.encoder.giveUp.fire(new BulkheadError(ErrorCodes.inputNotFound, 'no fallback'));
      await clock.settle();
      assert.equal(state(), 'live');
      assert.deepEqual(messages(), ['error encoder: no fallback']);
    });

    it('reports that the live server has lost its port', async () => {
      await goLive('main');
      stage.liveServer.loseAddress.fire(new BulkheadError(ErrorCodes.portInUse, 'in use'));
      assert.deepEqual([state(), messages()], ['live', ['warning live-server: in use']]);
    });

    it('ends if publishers cannot reach it, even with an output', async () => {
      const handler = { settings: [], open: () => Promise.reject(new Error()), refused: () => {} };
      stage.ingests.start.returns(handler);
      stage.liveServer.start.rejects(new BulkheadError(ErrorCodes.portInUse, 'in use'));
      await stage.start(configOf(['main'], { input: { type: 'ingest' } }));
      sinon.assert.notCalled(stage.encoder.start);
      assert.equal(stage.liveServer.start.firstCall.args[0].ingest, handler);
      await clock.settle();
      assert.deepEqual([state(), stage.broadcast.status().error?.message], ['idle', 'in use']);
    });

    it('ends once no output will be tried again', async () => {
      await stage.start(configOf(['one', 'two']));
      stage.output('one').become('failed', 'wrong key');
      assert.equal(state(), 'starting');
      stage.output('two').become('failed', 'no such application');
      await clock.settle();
      assert.deepEqual([state(), stage.broadcast.status().error?.message], ['idle', 'wrong key']);
    });

    it('reports failures of the encoder, its input and outputs to the streamer', async () => {
      await goLive('main');
      const { encoder } = stage;
      encoder.crash.fire(new BulkheadError(ErrorCodes.encoderCrashed, 'ffmpeg has crashed'));
      encoder.crash.fire(new BulkheadError(ErrorCodes.inputNotFound, 'no such camera'));
      encoder.recoverInput.fire(2600);
      encoder.fallBehind.fire(new BulkheadError(ErrorCodes.encoderSlow, 'it is too slow'));
      encoder.catchUp.fire('it keeps up');
      stage.output('main').become('reconnecting', 'the server is gone');
      assert.deepEqual(messages(), [
        'warning encoder: ffmpeg has crashed',
        'warning input: no such camera',
        'info input: It delivers, after 3 s without a frame.',
        'warning encoder: it is too slow',
        'info encoder: it keeps up',
        'warning main: the server is gone',
      ]);
      assert.equal(state(), 'reconnecting');
    });

    it('reports nothing about outputs while it ends', async () => {
      await goLive('main');
      stage.output('main').stop.callsFake(async () => stage.output('main').become('reconnecting', 'closed'));
      await stage.broadcast.stop();
      assert.deepEqual(messages(), []);
      assert.deepEqual(stage.states.slice(-2), ['stopping', 'idle']);
    });
  });

  describe('with the embedded live server', () => {
    it('publishes to it where there is no other output', async () => {
      await stage.start(configOf([]));
      await clock.settle();
      assert.equal(stage.output('live-server').url, 'rtmp://127.0.0.1:1935/live/stream');
      stage.output('live-server').become('live');
      assert.equal(state(), 'live');
      await stage.broadcast.stop();
      sinon.assert.calledOnce(stage.liveServer.stop);
    });

    it('does not use it if there is another output', async () => {
      await goLive('main');
      await clock.settle();
      sinon.assert.notCalled(stage.liveServer.start);
      stage.liveServer.move.fire('rtmp://127.0.0.1:1936/live/stream');
    });

    it('follows it to where it listens after a crash', async () => {
      await stage.start(configOf(['main'], { liveServer: { enabled: true } }));
      await clock.settle();
      const before = stage.output('live-server');
      stage.liveServer.move.fire('rtmp://127.0.0.1:1936/live/stream');
      sinon.assert.calledOnce(before.dispose);
      assert.deepEqual(
        stage.broadcast.status().outputs.map(({ id, url }) => [id, url]),
        [
          ['main', 'rtmp://live.example/app'],
          ['live-server', 'rtmp://127.0.0.1:1936/live/stream'],
        ],
      );
    });

    const refused = () =>
      stage.liveServer.start.rejects(new BulkheadError(ErrorCodes.portInUse, 'the port is in use'));

    it('ends if it cannot be started and was the only output', async () => {
      refused();
      await stage.start(configOf([]));
      await clock.settle();
      assert.deepEqual([state(), stage.broadcast.status().error?.code], ['idle', 'port.inUse']);
      assert.deepEqual(messages(), []);
    });

    it('continues without it if there is another output', async () => {
      refused();
      await stage.start(configOf(['main'], { liveServer: { enabled: true } }));
      stage.output('main').become('live');
      await clock.settle();
      assert.deepEqual([state(), messages()], ['live', ['warning live-server: the port is in use']]);
    });

    it('waits for it when all other outputs have failed', async () => {
      let fail: (error: Error) => void = () => {};
      stage.liveServer.start.callsFake(
        () =>
          new Promise((_, reject) => {
            fail = reject;
          }),
      );
      await stage.start(configOf(['main'], { liveServer: { enabled: true } }));
      stage.output('main').become('failed', 'wrong key');
      await clock.settle();
      assert.equal(state(), 'starting');
      fail(new Error('no'));
      await clock.settle();
      assert.deepEqual([state(), stage.broadcast.status().error?.message], ['idle', 'wrong key']);
    });

    it('does not publish to one that starts after the end', async () => {
      let come = () => {};
      const address = await stage.liveServer.start(PORTS);
      stage.liveServer.start.callsFake(
        () =>
          new Promise((resolve) => {
            come = () => resolve(address);
          }),
      );
      await stage.start(configOf([]));
      await stage.broadcast.stop();
      come();
      await clock.settle();
      assert.deepEqual([stage.outputs, state(), messages()], [[], 'idle', []]);
    });
  });

  describe('its markers', () => {
    it('are set while it is on air, and kept until the next one', async () => {
      const { broadcast } = stage;
      assert.throws(() => broadcast.addMarker('early'), { code: 'broadcast.state' });
      await stage.start(configOf(['main']));
      assert.throws(() => broadcast.addMarker('early'), { code: 'broadcast.state' });
      stage.output('main').become('live');
      broadcast.addMarker('goal');
      stage.output('main').become('reconnecting', 'gone');
      broadcast.addMarker('half-time', 'a.plugin');
      await broadcast.stop();
      assert.deepEqual(
        broadcast.status().markers.map(({ label, plugin }) => [label, plugin]),
        [
          ['goal', undefined],
          ['half-time', 'a.plugin'],
        ],
      );
      await broadcast.startAgain();
      assert.deepEqual(broadcast.status().markers, []);
    });
  });

  it('has no listeners left once it is disposed of', async () => {
    await goLive('main');
    await stage.broadcast.stop();
    stage.broadcast.dispose();
    stage.encoder.crash.fire(new BulkheadError(ErrorCodes.encoderCrashed, 'late'));
    assert.deepEqual(messages(), []);
  });
});
