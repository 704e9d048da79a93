import assert from 'node:assert/strict';
import { PluginFrames } from '../../../../src/core/broadcast/collection/plugin-frames.js';
import type { SharedPixels } from '../../../../src/core/stubs/shared-pixels.js';
import type { SourceState } from '../../../../src/protocol/encoder.js';
import {
  type PluginFrameHead,
  type PluginPresence,
  type PluginSourceId,
  pluginFrameBytes,
} from '../../../../src/protocol/plugin-frames.js';
import { BroadcastStage, configOf } from '../broadcast-stage.js';

const METERS = { plugin: 'acme.meters', source: 'meters', width: 2, height: 2 };
const LARGE = { width: 1920, height: 1920 };
const plugin = (id: string, more: object = {}) => ({ id, type: 'plugin', plugin: 'acme.meters', ...more });
const CONTENT = {
  sources: [
    plugin('meters'),
    ...[1, 2, 3, 4, 5].map((count) => plugin(`large${count}`)),
    plugin('score', { plugin: 'acme.score' }),
    { id: 'cam', type: 'colour' },
  ],
  scenes: [{ id: 'one', layers: [{ id: 'meters', source: 'meters' }] }],
};

/** What one run of the encoder is sent. */
class NotedFeed {
  readonly sent: string[] = [];
  private readonly held: SharedPixels[] = [];

  sendFrame({ source, width }: PluginFrameHead, pixels: SharedPixels): void {
    this.held.push(pixels.retain());
    this.sent.push(`${source} ${pixels.bytes[0]}${width > 2 ? ' large' : ''}`);
  }

  sendPresence({ source }: PluginSourceId, presence: PluginPresence): void {
    this.sent.push(`${source} ${presence}`);
  }

  /** Everything has been written. */
  drain(): void {
    for (const pixels of this.held.splice(0)) pixels.release();
  }
}

describe('frames of plugins in the core', () => {
  let stage: BroadcastStage;
  let feed: NotedFeed;
  let frames: PluginFrames;

  beforeEach(async () => {
    stage = new BroadcastStage();
    feed = new NotedFeed();
    frames = new PluginFrames(stage.collection, {
      sources: () => stage.encoder.sources(),
      onDidReportSources: stage.encoder.onDidReportSources,
      get frames() {
        return feed;
      },
    });
    frames.hostBegan('acme.meters');
    await stage.start(configOf(['main'], CONTENT), '/show.jsonc');
  });
  afterEach(async () => {
    frames.dispose();
    await stage.end();
  });

  /** The encoder reports that these are open. */
  const report = (states: Readonly<Record<string, SourceState>>) => {
    stage.encoder.sources = () =>
      Object.entries(states).map(([id, state]) => {
        const type = id === 'cam' ? 'colour' : 'plugin';
        return { id, type, state, item: 0, positionMs: 0, pid: 0 };
      });
    stage.encoder.reportSources.fire();
  };
  /** A frame comes from a host. @returns where its pixels are written; undefined if it is passed over */
  const send = (shade: number, head: Partial<PluginFrameHead> = {}) => {
    const whole = { ...METERS, ...head };
    const pixels = frames.begin(whole);
    assert.ok(pixels === undefined || pixels.length === pluginFrameBytes(whole));
    if (pixels !== undefined) frames.end(whole, pixels.fill(shade));
    return pixels;
  };
  const taken = () => feed.sent.splice(0);

  it('are wanted of a source that is open, which is its plugin’s', async () => {
    assert.equal(frames.isWanted('acme.meters', 'meters'), false);
    report({ meters: 'starting', cam: 'live' });
    assert.equal(frames.isWanted('acme.meters', 'meters'), true);
    assert.equal(frames.isWanted('acme.score', 'score'), false);
    const others: readonly (readonly [string, string])[] = [
      ['acme.meters', 'score'],
      ['acme.meters', 'cam'],
      ['acme.meters', 'nothing'],
    ];
    for (const [owner, id] of others)
      assert.throws(() => frames.isWanted(owner, id), {
        code: 'source.notFound',
        message: new RegExp(`no source "${id}" of the plugin "${owner}"`),
      });
    assert.throws(() => frames.isWanted('acme.meters', 'meter'), /did you mean "meters"/);
    await stage.broadcast.stop();
    assert.throws(() => frames.isWanted('acme.meters', 'meters'), { code: 'broadcast.state' });
  });

  it('go to the encoder while their source is open', () => {
    assert.equal(send(1), undefined);
    report({ meters: 'starting' });
    send(2);
    send(3, { source: 'score' });
    send(4, { plugin: 'acme.score' });
    assert.deepEqual(taken(), ['meters 2']);
    report({ meters: 'live' });
    send(5);
    report({});
    assert.equal(send(6), undefined);
    report({ meters: 'starting' });
    assert.deepEqual(taken(), ['meters 5'], 'what was closed begins anew');
  });

  it('are dropped when the source is closed while they come', () => {
    report({ meters: 'starting' });
    const pixels = frames.begin(METERS);
    report({ cam: 'live' });
    frames.end(METERS, pixels ?? assert.fail());
    assert.deepEqual(taken(), []);
  });

  it('use the same memory again, once it has been written', () => {
    report({ meters: 'live' });
    const [first, second] = [send(1), send(2)];
    const third = send(3);
    assert.equal(new Set([first, second, third]).size, 3, 'all are being written');
    feed.drain();
    const later = [send(4), send(5), send(6)];
    feed.drain();
    for (let count = 0; count < 5; count += 1) {
      later.push(send(7));
      feed.drain();
    }
    assert.ok(new Set(later).size <= 5, `${new Set(later).size} buffers`);
    const [last, kept] = [send(8), later.at(-1)];
    assert.notEqual(last, kept, 'what is kept is not written to');
  });

  it('are sent again to an encoder that takes the place of another, as they are by then', () => {
    report({ meters: 'live' });
    send(1);
    taken();
    feed = new NotedFeed();
    assert.equal(frames.isWanted('acme.meters', 'meters'), true, 'it will be open again');
    send(2);
    assert.deepEqual(taken(), []);
    report({ cam: 'live', meters: 'starting' });
    assert.deepEqual(taken(), ['meters 2']);
    report({ cam: 'live', meters: 'starting' });
    send(3);
    assert.deepEqual(taken(), ['meters 3']);
  });

  it('are sent again to a source that was opened anew', () => {
    report({ meters: 'starting' });
    send(1);
    report({ meters: 'live' });
    assert.deepEqual(taken(), ['meters 1']);
    report({ meters: 'starting' });
    report({ meters: 'starting' });
    assert.deepEqual(taken(), ['meters 1']);
  });

  it('are missed when the last host of the plugin has ended, until the next one comes', () => {
    report({ meters: 'live', cam: 'live', score: 'starting' });
    assert.deepEqual(taken(), ['score gone'], 'it has never run');
    frames.hostBegan('acme.meters');
    frames.hostEnded('acme.meters');
    assert.deepEqual(taken(), []);
    send(1);
    frames.hostEnded('acme.meters');
    assert.deepEqual(taken(), ['meters 1', 'meters gone']);
    feed = new NotedFeed();
    report({ meters: 'starting' });
    assert.deepEqual(taken(), ['meters 1', 'meters gone'], 'another encoder has to know both');
    frames.hostBegan('acme.meters');
    frames.hostBegan('acme.meters');
    frames.hostEnded('acme.meters');
    report({ meters: 'stalled' });
    assert.deepEqual(taken(), ['meters awaited']);
    feed = new NotedFeed();
    report({ meters: 'starting' });
    assert.deepEqual(taken(), ['meters 1', 'meters awaited']);
    send(2);
    assert.deepEqual(taken(), ['meters 2']);
  });

  it('are those of one plugin: with another one, the source begins anew', async () => {
    report({ meters: 'live' });
    send(1);
    taken();
    await stage.sources.set({ id: 'meters', change: { plugin: 'acme.score' } });
    assert.equal(send(2), undefined);
    assert.throws(() => frames.isWanted('acme.meters', 'meters'), { code: 'source.notFound' });
    report({ meters: 'live' });
    assert.deepEqual(taken(), ['meters gone']);
    frames.hostBegan('acme.score');
    send(3, { plugin: 'acme.score' });
    assert.deepEqual(taken(), ['meters awaited', 'meters 3']);
  });

  it('are kept up to 64 MiB in all, those that came last', () => {
    const open = { large1: 'live', large2: 'live', large3: 'live', large4: 'live', large5: 'live' } as const;
    report(open);
    for (const count of [1, 2, 3, 4, 5, 2]) send(count, { source: `large${count}`, ...LARGE });
    feed.drain();
    feed = new NotedFeed();
    report(open);
    assert.deepEqual(taken().toSorted(), [
      'large2 2 large',
      'large3 3 large',
      'large4 4 large',
      'large5 5 large',
    ]);
  });

  it('are forgotten with the broadcast', async () => {
    report({ meters: 'live' });
    send(1);
    taken();
    await stage.broadcast.stop();
    assert.equal(send(2), undefined);
    await stage.start(configOf(['main'], CONTENT), '/show.jsonc');
    report({ meters: 'starting' });
    assert.deepEqual(taken(), []);
  });
});
