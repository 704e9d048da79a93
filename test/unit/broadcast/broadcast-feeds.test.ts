import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.js';
import { renditionKey } from '../../../src/config/output-video.js';
import type { NamedSource } from '../../../src/config/schema.js';
import { BroadcastConfigSchema, NamedSourceSchema } from '../../../src/config/schema.js';
import { BroadcastFeeds } from '../../../src/core/broadcast/broadcast-feeds.js';
import type { KeyedTag } from '../../../src/core/broadcast/outputs/renditions.js';
import type { PublishedTag } from '../../../src/core/ingest/ingests.js';
import type { StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';

function tag(kind: StreamTagKind, timestampMs: number): StreamTag {
  return { kind, timestampMs, payload: Buffer.alloc(1), readAtMs: 0 };
}

const CANVASES = BroadcastConfigSchema.parse({
  canvases: [{ id: 'upright', width: 180, height: 320, scenes: [{ id: 'main', layers: [] }] }],
}).canvases;

describe('what of a broadcast is recorded besides the programme', () => {
  const sources: readonly NamedSource[] = [
    NamedSourceSchema.parse({ id: 'cam', type: 'colour' }),
    NamedSourceSchema.parse({ id: 'obs', type: 'ingest', ingest: 'main' }),
  ];
  let encoded: Emitter<KeyedTag>;
  let published: Emitter<PublishedTag>;
  let asked: readonly (string | undefined)[];
  let beganAtMs: number | undefined;
  let feeds: BroadcastFeeds;
  let taken: string[];

  beforeEach(() => {
    [encoded, published] = [new Emitter(), new Emitter()];
    [asked, taken, beganAtMs] = [[], [], 1000];
    feeds = make('colour');
  });
  afterEach(() => {
    feeds.dispose();
    encoded.dispose();
    published.dispose();
  });

  function make(type: 'colour' | 'ingest', hasScenes = true): BroadcastFeeds {
    return new BroadcastFeeds({
      renditions: {
        want: (outputs) => {
          asked = outputs.map(renditionKey);
        },
        snapshot: () => [],
        onTag: encoded.event,
      },
      ingests: { onDidPublish: published.event, headersOf: () => [tag('video-header', 0)] },
      config: {
        ...{ input: { type } as never, scenes: hasScenes ? [{ id: 'main', layers: [] }] : [] },
        canvases: CANVASES,
      },
      sources: () => sources,
      beganAtMs: () => beganAtMs,
    });
  }

  const take = (name: string, { kind, timestampMs }: StreamTag) =>
    void taken.push(`${name} ${kind} ${timestampMs}`);

  it('is encoded, but for what is published', () => {
    feeds.want([{ feed: 'clean' }, { source: 'cam' }, { source: 'obs' }], take);
    assert.deepEqual(asked, [renditionKey({ overlays: false }), renditionKey({ source: 'cam' })]);
    encoded.fire({ key: renditionKey({ source: 'cam' }) ?? '', tag: tag('keyframe', 40) });
    encoded.fire({ key: renditionKey({ overlays: false }) ?? '', tag: tag('keyframe', 40) });
    encoded.fire({ key: 'other', tag: tag('keyframe', 40) });
    assert.deepEqual(taken, ['cam keyframe 40', 'clean keyframe 40']);
    assert.equal(feeds.snapshot({ source: 'obs' }).length, 1);
  });

  it('is a canvas besides the main one, in the encode that an output of it has', () => {
    feeds.want([{ canvas: 'upright' }], take);
    const key = renditionKey({ canvas: 'upright' });
    assert.deepEqual(asked, [key]);
    encoded.fire({ key: key ?? '', tag: tag('keyframe', 40) });
    assert.deepEqual(taken, ['upright keyframe 40']);
    assert.throws(() => feeds.check({ canvas: 'uprigth' }), {
      code: 'scene.notFound',
      message: 'there is no canvas "uprigth"; did you mean "upright"?',
    });
    assert.throws(() => feeds.check({ canvas: 'upright', video: { height: 640 } }), {
      message: 'expected a height of 320 or less, got 640',
    });
    feeds.check({ canvas: 'upright', video: { height: 160 } });
  });

  it('is where it has arrived, if it is published; its headers also before the broadcast', () => {
    feeds.want([{ source: 'obs' }], take);
    const publish = (kind: StreamTagKind, ms: number, ingest = 'main') =>
      published.fire({ ingest, tag: tag(kind, ms), beganAtMs: 900.4 });
    beganAtMs = undefined;
    for (const kind of ['video-header', 'keyframe'] as const) publish(kind, 0);
    beganAtMs = 1000;
    publish('interframe', 50);
    publish('interframe', 150);
    publish('keyframe', 150, 'other');
    assert.deepEqual(taken, ['obs video-header 0', 'obs interframe 50']);
  });

  it('is refused where there is no such thing', () => {
    feeds.check({ feed: 'clean' });
    feeds.check({ source: 'cam' });
    assert.throws(() => feeds.check({ source: 'nobody' }), { code: 'source.notFound', message: /"nobody"/ });
    const video = { bitrateKbps: 500 };
    assert.throws(() => feeds.check({ source: 'obs', video }), {
      code: 'config.invalid',
      message: /not encoded/,
    });
    const others = [make('ingest'), make('colour', false)] as const;
    assert.throws(() => others[0].check({ feed: 'clean' }), { message: /passed through/ });
    assert.throws(() => others[1].check({ source: 'cam' }), { message: /without scenes/ });
    for (const other of others) other.dispose();
  });
});
