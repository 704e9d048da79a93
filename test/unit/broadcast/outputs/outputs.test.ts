import assert from 'node:assert/strict';
import fc from 'fast-check';
import sinon from 'sinon';
import type { OutputConfig, RtmpConfig } from '../../../../src/config/schema.js';
import { NO_CHANGES } from '../../../../src/core/broadcast/kept/show-state.js';
import { MAX_OUTPUTS } from '../../../../src/core/broadcast/outputs/output-changes.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { BroadcastStage, configOf } from '../broadcast-stage.js';

const output = (id: string, change: Partial<RtmpConfig> = {}): OutputConfig => ({
  ...{ id, type: 'rtmp', url: 'rtmp://other.example/app', key: 'k' },
  ...change,
});

describe('outputs that are changed on air', () => {
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
  const shown = () => stage.broadcast.status().outputs.map(({ id, state }) => `${id} ${state}`);
  const changes = async () => (await stage.management.list()).changes.map(({ id, kind }) => `${id} ${kind}`);

  async function goLive(...ids: readonly string[]): Promise<void> {
    await stage.start(configOf(ids), '/show.jsonc');
    for (const id of ids) stage.output(id).become('live');
    stage.encoder.deliver();
  }

  it('are added, and get what comes from then on; the others notice nothing', async () => {
    await goLive('main');
    const status = await stage.management.add({ output: output('kick'), secrets: { key: 'secret' } });
    assert.equal(status.id, 'kick');
    assert.deepEqual(stage.keys, [undefined, 'secret']);
    stage.encoder.deliver();
    assert.ok(stage.output('kick').tags.some(({ kind }) => kind === 'keyframe'));
    assert.deepEqual([stage.output('main').stop.callCount, stage.output('main').dispose.callCount], [0, 0]);
    assert.deepEqual([shown(), await changes()], [['main live', 'kick connecting'], ['kick added']]);
    assert.doesNotMatch(JSON.stringify([stage.broadcast.status(), await stage.management.list()]), /secret/);
  });

  it('have encodes of their own made while one of them is published to, and share them', async () => {
    await goLive('main');
    const video = { bitrateKbps: 300, height: 180 };
    const { setRenditions } = stage.encoder;
    await stage.management.add({ output: output('small', { video }), secrets: { key: 'k' } });
    await stage.management.add({ output: output('same', { video }), secrets: { key: 'k' } });
    sinon.assert.calledOnceWithExactly(setRenditions, [{ id: 1, ...video }]);
    assert.deepEqual(stage.broadcast.status().outputs[1]?.video, video);
    const before = stage.output('small').tags.length;
    stage.encoder.deliver();
    assert.equal(stage.output('small').tags.length, before, 'it does not get the programme');
    await stage.management.stop({ id: 'small' });
    await stage.management.remove({ id: 'same' });
    assert.deepEqual(setRenditions.lastCall.args, [[]]);
    await stage.management.start({ id: 'small' });
    assert.deepEqual(setRenditions.lastCall.args, [[{ id: 2, ...video }]]);
    await stage.management.set({ id: 'small', change: { video: null } });
    assert.deepEqual(setRenditions.lastCall.args, [[]]);
    for (const bitrateKbps of [100, 200, 300, 400])
      await stage.management.add({ output: output(`o${bitrateKbps}`, { video: { bitrateKbps } }) });
    await assert.rejects(stage.management.set({ id: 'small', change: { video: { bitrateKbps: 500 } } }), {
      code: ErrorCodes.configInvalid,
      message: /more than 4 different encodes/,
    });
    assert.equal(setRenditions.lastCall.args[0].length, 4);
  });

  it('are removed with a goodbye, and get nothing after it', async () => {
    await goLive('main', 'second');
    const [main, second] = [stage.output('main'), stage.output('second')];
    await stage.management.remove({ id: 'second' });
    sinon.assert.calledOnceWithExactly(second.stop, 2000);
    sinon.assert.called(second.dispose);
    const [before, after] = [main.tags.length, second.tags.length];
    stage.encoder.deliver();
    assert.ok(main.tags.length > before);
    assert.equal(second.tags.length, after);
    sinon.assert.notCalled(main.stop);
    assert.deepEqual([shown(), await changes()], [['main live'], ['second removed']]);
  });

  it('are stopped and started, with figures that go on', async () => {
    await goLive('main', 'second');
    await stage.management.stop({ id: 'second' });
    assert.deepEqual([shown(), await changes()], [['main live', 'second stopped'], ['second stopped']]);
    await stage.management.stop({ id: 'second' });
    sinon.assert.calledOnce(stage.output('second').stop);
    await stage.management.start({ id: 'second' });
    stage.output('second').become('live');
    assert.deepEqual([shown(), await changes()], [['main live', 'second live'], []]);
    assert.equal(stage.broadcast.status().outputs[1]?.sessions, 2);
    const { length } = stage.outputs;
    await stage.management.start({ id: 'second' });
    assert.equal(stage.outputs.length, length, 'one that is live is left alone');
  });

  it('reconnect when they are changed, and no other does', async () => {
    await goLive('main', 'second');
    const before = stage.output('second');
    await stage.management.set({ id: 'second', change: { url: 'rtmp://new.example/app' } });
    sinon.assert.calledOnceWithExactly(before.stop, 2000);
    assert.equal(stage.output('second').url, 'rtmp://new.example/app');
    sinon.assert.notCalled(stage.output('main').stop);
    assert.deepEqual([shown(), await changes()], [['main live', 'second connecting'], ['second changed']]);
    await stage.management.set({ id: 'second', change: { url: 'rtmp://live.example/app' } });
    assert.deepEqual(await changes(), [], 'as configured again');
  });

  it('take all tracks of a publisher where one is set to that is not stopped', async () => {
    const { management } = stage;
    assert.equal(management.takeMultitrack, false);
    await goLive('main');
    assert.equal(management.takeMultitrack, false);
    await management.set({ id: 'main', change: { multitrack: true } });
    assert.equal(management.takeMultitrack, true);
    await management.stop({ id: 'main' });
    assert.equal(management.takeMultitrack, false);
    await management.start({ id: 'main' });
    assert.equal(management.takeMultitrack, true);
    await management.set({ id: 'main', change: { multitrack: false } });
    assert.equal(management.takeMultitrack, false);
    await management.set({ id: 'main', change: { multitrack: null } });
    assert.deepEqual([management.takeMultitrack, await changes()], [false, []]);
  });

  it('stay stopped when they are changed while they are', async () => {
    await goLive('main', 'second');
    await stage.management.stop({ id: 'second' });
    const { length } = stage.outputs;
    await stage.management.set({ id: 'second', change: { url: 'rtmp://new.example/app' } });
    assert.equal(stage.outputs.length, length);
    assert.equal(stage.broadcast.status().outputs[1]?.url, 'rtmp://new.example/app');
    await stage.management.start({ id: 'second' });
    assert.equal(stage.output('second').url, 'rtmp://new.example/app');
  });

  it('leave the broadcast on air, paused, when the last one is stopped or removed', async () => {
    await goLive('main', 'second');
    await stage.management.stop({ id: 'main' });
    await stage.management.remove({ id: 'second' });
    assert.equal(state(), 'paused');
    sinon.assert.notCalled(stage.encoder.stop);
    stage.broadcast.addMarker('nobody watches');
    await stage.management.start({ id: 'main' });
    assert.equal(state(), 'reconnecting');
    stage.output('main').become('live');
    assert.equal(state(), 'live');
  });

  it('do not end the broadcast when one fails that the streamer has touched', async () => {
    await goLive('main');
    await stage.management.remove({ id: 'main' });
    await stage.management.add({ output: output('kick') });
    stage.output('kick').become('failed', 'wrong key');
    await clock.settle();
    assert.deepEqual([state(), shown()], ['reconnecting', ['kick failed']]);
    await stage.management.start({ id: 'kick' });
    assert.deepEqual(shown(), ['kick connecting']);
  });

  it('can be stopped before any is live, which ends nothing', async () => {
    await stage.start(configOf(['main', 'second']));
    await stage.management.stop({ id: 'second' });
    stage.output('main').become('failed', 'wrong key');
    await clock.settle();
    assert.deepEqual([state(), shown()], ['starting', ['main failed', 'second stopped']]);
  });

  it('refuse what cannot be, and change nothing', async () => {
    await goLive('main');
    const { management } = stage;
    const refused: readonly (readonly [() => Promise<unknown>, string, RegExp])[] = [
      [
        () => management.add({ output: output('main') }),
        'config.invalid',
        /there is an output "main" already/,
      ],
      [() => management.add({ output: output('live-server') }), 'config.invalid', /embedded live server/],
      [
        () => management.add({ output: output('x', { key: 'env:NO_SUCH_KEY' }) }),
        'config.secretNotFound',
        /NO_SUCH_KEY/,
      ],
      [
        () => management.set({ id: 'main', change: { key: 'file:/no/such' } }),
        'config.secretNotFound',
        /no\/such/,
      ],
      [
        () => management.remove({ id: 'mian' }),
        'output.notFound',
        /there is no output "mian"; did you mean "main"\?/,
      ],
      [() => management.stop({ id: 'zzz' }), 'output.notFound', /no output "zzz"$/],
      [() => management.start({ id: 'zzz' }), 'output.notFound', /zzz/],
    ];
    for (const [work, code, message] of refused) await assert.rejects(work(), { code, message });
    assert.deepEqual([shown(), await changes(), stage.outputs.length], [['main live'], [], 1]);
    assert.equal(stage.output('main').stop.callCount, 0);
  });

  it('say where an output goes whose key was given as a value, also after it was stopped and restored', async () => {
    await goLive('main');
    const { key: _, ...keyless } = output('kick');
    await stage.management.add({ output: keyless, secrets: { key: 'secret' } });
    await stage.management.stop({ id: 'kick' });
    await stage.broadcast.stop();
    stage.configs.length = 0;
    await stage.start(configOf(['main']), '/show.jsonc');
    assert.notEqual(stage.configs.find(({ id }) => id === 'kick')?.key, undefined);
    await stage.management.start({ id: 'kick' });
    assert.equal(stage.keys.at(-1), 'secret');
  });

  it('are bounded in number', async () => {
    await goLive('main');
    for (let n = 1; n < MAX_OUTPUTS; n++) await stage.management.add({ output: output(`n${n}`) });
    await assert.rejects(stage.management.add({ output: output('more') }), { code: 'config.invalid' });
    assert.equal(shown().length, MAX_OUTPUTS);
  });

  it('are not there while no broadcast is', async () => {
    await assert.rejects(stage.management.add({ output: output('kick') }), { code: 'broadcast.state' });
    assert.deepEqual(await stage.management.list(), {
      show: 'default',
      outputs: [],
      changes: [],
      restored: [],
    });
    await goLive('main');
    const goodbye = sinon.promise<void>();
    stage.output('main').stop.returns(goodbye as Promise<void>);
    const removal = stage.management.remove({ id: 'main' });
    const rejected = assert.rejects(removal, { code: 'broadcast.state' });
    await clock.settle();
    const end = stage.broadcast.stop();
    await clock.settle();
    await clock.pass(3000);
    await Promise.all([rejected, end]);
  });

  it('are restored when the show starts again, and said so, until they are reset', async () => {
    await goLive('main', 'second', 'third');
    await stage.management.add({ output: output('kick'), secrets: { key: 'secret' } });
    await stage.management.remove({ id: 'second' });
    await stage.management.stop({ id: 'third' });
    await stage.broadcast.stop();
    stage.notices.length = 0;
    stage.keys.length = 0;
    await stage.start(configOf(['main', 'second', 'third']), '/show.jsonc');
    assert.deepEqual(shown(), ['main connecting', 'third stopped', 'kick connecting']);
    assert.deepEqual(stage.keys, [undefined, 'secret']);
    assert.deepEqual(stage.notices, [
      {
        severity: 'info',
        source: 'outputs',
        message:
          '3 changes made on air were restored: output "second" removed, output "third" stopped, output "kick" added. ' +
          '"bulkhead output reset" goes back to the configuration.',
      },
    ]);
    const kept = stage.output('main');
    await stage.management.reset();
    assert.deepEqual(shown(), ['main connecting', 'third connecting', 'second connecting']);
    sinon.assert.notCalled(kept.stop);
    assert.equal(stage.state.shows.size, 0);
  });

  it('are those of the show: another one starts as it is configured', async () => {
    await goLive('main');
    await stage.management.add({ output: output('kick') });
    await stage.broadcast.stop();
    await stage.start(configOf(['main']), '/other.jsonc');
    assert.deepEqual(shown(), ['main connecting']);
  });

  it('are forgotten with the end of a broadcast that no file describes, and not before', async () => {
    await stage.start(configOf(['main']));
    await stage.management.add({ output: output('kick') });
    assert.equal(stage.state.shows.size, 1);
    await stage.broadcast.stop();
    assert.equal(stage.state.shows.size, 0);
  });

  it('show a restored output whose secret is missing, and start all others', async () => {
    await goLive('main');
    await stage.management.add({ output: output('kick', { key: 'file:/gone' }), secrets: { key: 'given' } });
    const { outputs: kept } = stage.state.shows.get('/show.jsonc') ?? NO_CHANGES;
    stage.state.shows.set('/show.jsonc', {
      ...NO_CHANGES,
      outputs: kept.map((change) => ({
        ...change,
        output: { config: output('kick', { key: 'file:/gone' }) },
      })),
    });
    await stage.broadcast.stop();
    await stage.start(configOf(['main']), '/show.jsonc');
    assert.deepEqual(shown(), ['main connecting', 'kick failed']);
    assert.equal(stage.broadcast.status().outputs[1]?.error?.code, 'config.secretNotFound');
  });

  it('are changed all the same when that cannot be kept, with a warning', async () => {
    await goLive('main');
    sinon.stub(stage.state, 'write').rejects(new BulkheadError(ErrorCodes.storageFailed, 'the disk is full'));
    await stage.management.add({ output: output('kick') });
    assert.deepEqual(shown(), ['main live', 'kick connecting']);
    assert.deepEqual(stage.notices, [
      { severity: 'warning', source: 'outputs', message: 'the disk is full' },
    ]);
  });

  it("hold the embedded live server's, which can be stopped and started only", async () => {
    await stage.start(configOf([]), '/show.jsonc');
    assert.deepEqual(shown(), ['live-server connecting']);
    await clock.settle();
    stage.output('live-server').become('live');
    await stage.management.stop({ id: 'live-server' });
    assert.equal(state(), 'paused');
    const { length } = stage.outputs;
    stage.liveServer.move.fire('rtmp://127.0.0.1:1936/live/stream');
    assert.equal(stage.outputs.length, length);
    await assert.rejects(stage.management.remove({ id: 'live-server' }), { code: 'config.invalid' });
    await assert.rejects(stage.management.set({ id: 'live-server', change: { key: 'k' } }), {
      code: 'config.invalid',
    });
    await stage.management.start({ id: 'live-server' });
    assert.equal(stage.output('live-server').url, 'rtmp://127.0.0.1:1936/live/stream');
    await stage.management.stop({ id: 'live-server' });
    await stage.broadcast.stop();
    await stage.start(configOf([]), '/show.jsonc');
    await clock.settle();
    assert.deepEqual(shown(), ['live-server stopped']);
  });

  it('are what a simple model says, after any sequence of changes and a restart', async () => {
    const id = fc.constantFrom('main', 'second', 'a', 'b');
    const step = fc.record({
      what: fc.constantFrom('add', 'remove', 'stop', 'start', 'set', 'reset', 'restart'),
      id,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const configured = ['main', 'second'];
        const model = new Map(
          configured.map((name) => [name, { url: 'rtmp://live.example/app', stopped: false }]),
        );
        await stage.start(configOf(configured), '/model.jsonc');
        let count = 0;
        for (const { what, id } of steps) {
          const url = `rtmp://host${++count}.example/app`;
          const known = model.get(id);
          const { management } = stage;
          if (what === 'restart') {
            await stage.broadcast.stop();
            await stage.start(configOf(configured), '/model.jsonc');
          } else if (what === 'reset') {
            await management.reset();
            model.clear();
            for (const name of configured)
              model.set(name, { url: 'rtmp://live.example/app', stopped: false });
          } else if (what === 'add') {
            const added = management.add({ output: output(id, { url }) });
            if (known === undefined) await added;
            else await assert.rejects(added, { code: 'config.invalid' });
            if (known === undefined) model.set(id, { url, stopped: false });
          } else {
            const done =
              what === 'set'
                ? management.set({ id, change: { url } })
                : management[what as 'remove' | 'stop' | 'start']({ id });
            if (known === undefined) {
              await assert.rejects(done, { code: 'output.notFound' });
              continue;
            }
            await done;
            if (what === 'remove') model.delete(id);
            else if (what === 'set') model.set(id, { ...known, url });
            else model.set(id, { ...known, stopped: what === 'stop' });
          }
          const seen = stage.broadcast
            .status()
            .outputs.map(({ id, url, state }) => [id, url, state === 'stopped']);
          const expected = [...model].map(([name, { url, stopped }]) => [name, url, stopped]);
          const byName = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
          assert.deepEqual(seen.sort(byName), expected.sort(byName));
        }
        await stage.management.reset();
        await stage.broadcast.stop();
        stage.outputs.length = 0;
      }),
      { numRuns: 60 },
    );
  }).timeout(30_000);
});
