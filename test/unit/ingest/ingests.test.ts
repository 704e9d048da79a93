import assert from 'node:assert/strict';
import sinon from 'sinon';
import { type BroadcastConfig, BroadcastConfigSchema } from '../../../src/config/schema.js';
import { Ingests } from '../../../src/core/ingest/ingests.js';
import type { IngestHandler } from '../../../src/core/stubs/live-server-stub.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import { isKey } from '../../../src/live-server/stream-key.js';
import type { NoticeParams } from '../../../src/protocol/control.js';
import type { BulkheadError } from '../../../src/protocol/errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { AAC_HEADER, avcFrame, FLV_PREAMBLE, flvTag } from '../../support/flv.js';
import { MemoryMediaSockets } from '../../support/memory-media-sockets.js';
import { SILENT_LOG } from '../../support/silent-log.js';
import { avcHeaderOf, SPS_720P30 } from '../../support/sps.js';

const URL = 'rtmp://127.0.0.1:1935/ingest';
/** The ingest "obs" is decoded as a source. */
const DECODED = {
  input: { type: 'source', source: 'cam' },
  sources: [{ id: 'cam', type: 'ingest', ingest: 'obs' }],
};

describe('Ingests', () => {
  let clock: FakeClock;
  let timeline: Timeline;
  let sockets: MemoryMediaSockets;
  let ingests: Ingests;
  let takesMultitrack: boolean;
  let notices: Omit<NoticeParams, 'atMs'>[];
  let endPublisher: sinon.SinonStub<[number, BulkheadError], void>;
  let encoder: Record<'start' | 'stop' | 'warmUp', sinon.SinonStub>;

  beforeEach(() => {
    clock = new FakeClock();
    timeline = new Timeline();
    sockets = new MemoryMediaSockets();
    notices = [];
    takesMultitrack = false;
    endPublisher = sinon.stub();
    encoder = { start: sinon.stub(), stop: sinon.stub().resolves(), warmUp: sinon.stub() };
    ingests = new Ingests(
      { endPublisher, ingestUrl: URL },
      sockets,
      encoder,
      { notice: (notice) => notices.push(notice) },
      SILENT_LOG,
    );
  });

  afterEach(async () => {
    await ingests.stop();
    ingests.dispose();
    timeline.dispose();
    // A media socket gives what it still holds a moment to be read.
    await clock.pass(2100);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  const configOf = (change: object = {}): BroadcastConfig =>
    BroadcastConfigSchema.parse({
      input: { type: 'ingest', ingest: 'obs' },
      ingests: [
        { id: 'obs', key: 'the-key' },
        { id: 'other', key: 'another-key' },
      ],
      ...change,
    });

  async function start(config = configOf()): Promise<IngestHandler> {
    const settings = await ingests.prepare(config);
    const handler = ingests.start(
      config,
      settings,
      (options) => timeline.beginEpoch(options),
      () => takesMultitrack,
    );
    assert.ok(handler !== undefined);
    await clock.settle();
    return handler;
  }

  async function publish(handler: IngestHandler, session = 1) {
    const address = await handler.open({ ingest: 'obs', session, program: 'OBS', address: '127.0.0.1' });
    const media = sockets.connect(address);
    media.write(FLV_PREAMBLE);
    media.write(flvTag({ kind: 'video', ms: 0, payload: avcHeaderOf(SPS_720P30) }));
    media.write(flvTag({ kind: 'audio', ms: 0, payload: AAC_HEADER }));
    media.write(flvTag({ kind: 'video', ms: 0, payload: avcFrame('keyframe', session) }));
    await clock.settle();
    return media;
  }

  it('gives the live server what a key is checked by, and not the key', async () => {
    const settings = await ingests.prepare(configOf());
    assert.deepEqual(
      settings.map(({ id, secondPublisher, maxBitrateKbps }) => [id, secondPublisher, maxBitrateKbps]),
      [
        ['obs', 'replace', 60_000],
        ['other', 'replace', 60_000],
      ],
    );
    assert.ok(settings[0] !== undefined && isKey(settings[0].key, 'the-key'));
    assert.ok(!isKey(settings[0].key, 'another-key'));
    assert.doesNotMatch(JSON.stringify(settings), /the-key/);
  });

  it('refuses a key that a publisher would cut', async () => {
    process.env['BULKHEAD_TEST_KEY'] = 'a/b';
    const config = configOf({ ingests: [{ id: 'obs', key: 'env:BULKHEAD_TEST_KEY' }] });
    await assert.rejects(ingests.prepare(config), { code: 'config.invalid', where: 'ingests.obs' });
    delete process.env['BULKHEAD_TEST_KEY'];
  });

  it('does not affect a broadcast without ingests', async () => {
    const config = BroadcastConfigSchema.parse({});
    assert.equal(
      ingests.start(
        config,
        await ingests.prepare(config),
        () => timeline.beginEpoch(),
        () => false,
      ),
      undefined,
    );
    assert.deepEqual([ingests.status(), ingests.inputStatus()], [[], undefined]);
  });

  it('says what a publisher sends, and keeps it when that has gone', async () => {
    const handler = await start();
    sinon.assert.calledOnce(encoder.start);
    assert.deepEqual(
      ingests.status().map(({ id, state }) => [id, state]),
      [
        ['obs', 'waiting'],
        ['other', 'waiting'],
      ],
    );
    const media = await publish(handler);
    const [obs] = ingests.status();
    assert.deepEqual(
      [obs?.url, obs?.hasMadeKey, obs?.state, obs?.videoCodec, obs?.audioCodec, obs?.width, obs?.sessions],
      [URL, false, 'live', 'h264', 'aac', 1280, 1],
    );
    assert.equal(ingests.inputStatus()?.state, 'delivering');
    media.end();
    await clock.settle();
    await clock.pass(1100);
    assert.deepEqual([ingests.status()[0]?.state, ingests.status()[0]?.width], ['lost', 1280]);
    assert.equal(ingests.inputStatus()?.state, 'lost');
    sinon.assert.calledTwice(encoder.start);
    assert.deepEqual(
      notices.map(({ message }) => message),
      [
        'The publisher is on air: h264 1280×720, aac.',
        'The publisher has disconnected. The broadcast stays on air until it is back.',
      ],
    );
  });

  it('carries a broadcast from its first publisher on, whose last frame stays', async () => {
    const handler = await start();
    assert.equal(ingests.carries, false);
    const media = await publish(handler);
    assert.equal(ingests.carries, true);
    media.end();
    await clock.settle();
    assert.equal(ingests.carries, true);
    await ingests.stop();
    assert.equal(ingests.carries, false);
  });

  it('counts a publisher that hangs and goes on once', async () => {
    const handler = await start();
    const media = await publish(handler);
    await clock.pass(1600);
    media.write(flvTag({ kind: 'video', ms: 1700, payload: avcFrame('keyframe', 2) }));
    await clock.settle();
    assert.deepEqual([ingests.status()[0]?.state, ingests.status()[0]?.sessions], ['live', 1]);
    assert.equal(notices.at(-1)?.message, 'The publisher is on air again.');
  });

  it('refuses publishers of an ingest that is neither the input nor decoded', async () => {
    const other = { ingest: 'other', session: 1, program: 'OBS', address: '127.0.0.1' };
    const remedy =
      'Name it as the "input" of the configuration, or in the one of its "sources" that is on air.';
    for (const config of [configOf(), configOf(DECODED)]) {
      const handler = await start(config);
      await assert.rejects(handler.open(other), { code: 'ingest.refused', where: 'ingests.other', remedy });
      await ingests.stop();
    }
  });

  it('measures a publisher that is decoded as a source, and leaves the timeline to the encoder', async () => {
    const config = configOf(DECODED);
    assert.deepEqual(
      (await ingests.prepare(config)).map(({ id, decoded }) => [id, decoded]),
      [
        ['obs', true],
        ['other', false],
      ],
    );
    const handler = await start(config);
    const media = await publish(handler);
    const [obs, other] = ingests.status();
    assert.deepEqual(
      [obs?.state, obs?.videoCodec, obs?.width, obs?.sessions, other?.state],
      ['live', 'h264', 1280, 1, 'waiting'],
    );
    assert.equal(timeline.status().videoFrames, 0);
    assert.deepEqual([ingests.inputStatus(), ingests.carries], [undefined, false]);
    await clock.pass(1600);
    assert.equal(ingests.status()[0]?.state, 'lost');
    media.write(flvTag({ kind: 'video', ms: 1700, payload: avcFrame('keyframe', 2) }));
    await clock.settle();
    assert.deepEqual([ingests.status()[0]?.state, ingests.status()[0]?.sessions], ['live', 1]);
    media.end();
    await clock.settle();
    await clock.pass(1100);
    assert.deepEqual([ingests.status()[0]?.state, ingests.status()[0]?.width], ['lost', 1280]);
    sinon.assert.notCalled(encoder.start);
    const back = 'The broadcast stays on air until it is back.';
    assert.deepEqual(
      notices.map(({ source, message }) => [source, message]),
      [
        ['obs', 'The publisher delivers: h264 1280×720, aac.'],
        ['obs', `The publisher is connected but sends no frames. ${back}`],
        ['obs', 'The publisher delivers again.'],
        ['obs', `The publisher has disconnected. ${back}`],
      ],
    );
  });

  it('accepts the next publisher that is decoded in place of the one before', async () => {
    const handler = await start(configOf(DECODED));
    const first = await publish(handler, 1);
    await publish(handler, 2);
    assert.deepEqual([ingests.status()[0]?.state, ingests.status()[0]?.sessions], ['live', 2]);
    first.end();
    await clock.pass(1000);
    assert.deepEqual([ingests.status()[0]?.state, notices.length], ['live', 2]);
  });

  it('advises a publisher that is decoded on nothing that only platforms want', async () => {
    takesMultitrack = true;
    const handler = await start(configOf(DECODED));
    const media = await publish(handler);
    for (let ms = 500; ms <= 20_500; ms += 500) {
      const kind = ms % 10_000 === 0 ? 'keyframe' : 'interframe';
      media.write(flvTag({ kind: 'video', ms, payload: avcFrame(kind, ms) }));
      await clock.pass(500);
    }
    media.write(flvTag({ kind: 'video', ms: 20_600, payload: Buffer.from('9600617663310101', 'hex') }));
    await clock.settle();
    assert.deepEqual(ingests.status()[0]?.advice, [
      'The keyframe interval is 10 s; set it to 2 s, so that it is back sooner after a loss.',
      'The publisher sends 2 video tracks and 1 audio track; only the first of each is used.',
    ]);
  });

  it('sends a publisher the reason why it is ended', async () => {
    const handler = await start();
    const address = await handler.open({ ingest: 'obs', session: 7, program: 'OBS', address: '127.0.0.1' });
    sockets.connect(address).write(Buffer.alloc(64, 1));
    await clock.settle();
    assert.equal(endPublisher.firstCall.args[0], 7);
    assert.equal(endPublisher.firstCall.args[1].code, 'media.invalid');
  });

  it('reports refusals to the streamer at a limited rate', async () => {
    const handler = await start();
    const error = { code: 'ingest.refused', message: 'the stream key is wrong' } as const;
    for (let n = 0; n < 100; n++) handler.refused({ address: '127.0.0.1', error });
    assert.equal(notices.length, 5);
    assert.equal(notices[0]?.message, 'A publisher was refused: the stream key is wrong (from 127.0.0.1).');
  });

  it('reports advice for the publisher', async () => {
    const handler = await start();
    const media = await publish(handler);
    for (let ms = 500; ms <= 20_000; ms += 500) {
      const kind = ms % 10_000 === 0 ? 'keyframe' : 'interframe';
      media.write(flvTag({ kind: 'video', ms, payload: avcFrame(kind, ms) }));
      media.write(flvTag({ kind: 'audio', ms, payload: AAC_HEADER }));
      await clock.pass(500);
    }
    assert.deepEqual(ingests.status()[0]?.advice, [
      'The keyframe interval is 10 s; set it to 2 s, as the platforms want it.',
    ]);
    assert.ok(notices.some(({ message }) => /keyframe interval is 10 s/.test(message)));
  });

  it('says once for each publisher that only its first tracks are used, unless an output takes all', async () => {
    const handler = await start();
    const said = /^The publisher sends 2 video tracks and 1 audio track; only the first of each is used\./;
    const further = Buffer.from('9600617663310101', 'hex');
    for (const session of [1, 2]) {
      const media = await publish(handler, session);
      media.write(flvTag({ kind: 'video', ms: 0, payload: further }));
      for (let ms = 1000; ms <= 18_000; ms += 1000) {
        media.write(flvTag({ kind: 'video', ms, payload: avcFrame('keyframe', ms) }));
        await clock.pass(1000);
      }
      assert.equal(notices.filter(({ message }) => said.test(message)).length, session);
      assert.deepEqual(
        ingests.status()[0]?.advice.map((advice) => said.test(advice)),
        [true],
      );
      takesMultitrack = true;
      assert.deepEqual(ingests.status()[0]?.advice, []);
      assert.ok(!('tracks' in (ingests.status()[0] ?? {})));
      takesMultitrack = false;
    }
  });
});
