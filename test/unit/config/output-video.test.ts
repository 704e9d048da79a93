import assert from 'node:assert/strict';
import { ConfigError } from '../../../src/config/config-error.js';
import { formatPath } from '../../../src/config/config-path.js';
import { OutputSchema } from '../../../src/config/output-schema.js';
import { checkRenditions, MOST_RENDITIONS, renditionKey } from '../../../src/config/output-video.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

const output = (id: string, video?: object) => ({ id, url: 'rtmp://live.example/app', video });

describe('an encode of its own, in the configuration', () => {
  function mistakes(config: object): string[] {
    try {
      checkRenditions(BroadcastConfigSchema.parse(config), formatPath);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.mistakes.map(({ message }) => message);
    }
  }

  it('is the same for outputs that say the same, and none is the one of the programme', () => {
    assert.equal(renditionKey({}), undefined);
    const key = renditionKey({ video: { bitrateKbps: 300, height: 180 } });
    assert.equal(renditionKey({ video: { height: 180, bitrateKbps: 300 } }), key);
    assert.notEqual(renditionKey({ video: { height: 180 } }), key);
    assert.equal(renditionKey({ overlays: true }), undefined);
    assert.notEqual(renditionKey({ overlays: false }), undefined);
    assert.notEqual(
      renditionKey({ video: { height: 180 }, overlays: false }),
      renditionKey({ video: { height: 180 } }),
    );
  });

  it('is that of a canvas, which has to be one of those that there are', () => {
    assert.notEqual(renditionKey({ canvas: 'upright' }), undefined);
    assert.notEqual(renditionKey({ canvas: 'upright' }), renditionKey({ canvas: 'square' }));
    assert.equal(renditionKey({ canvas: 'upright' }), renditionKey({ canvas: 'upright', overlays: false }));
    const canvases = [{ id: 'upright', width: 180, height: 320, scenes: [{ id: 'a' }] }];
    const shows = (canvas: string, video?: object) => [{ ...output('a', video), canvas }];
    assert.deepEqual(mistakes({ canvases, outputs: shows('upright', { height: 160 }) }), []);
    assert.match(
      mistakes({ canvases, outputs: shows('uprite') }).join(),
      /^outputs\[0\]\.canvas: expected the id of one of "canvases": "upright"/,
    );
    assert.match(mistakes({ outputs: shows('upright') }).join(), /"canvases", of which there are none/);
    assert.match(
      mistakes({ canvases, outputs: shows('upright', { height: 720 }) }).join(),
      /^outputs\[0\]\.video: expected a height of 320 or less, got 720/,
    );
    assert.match(
      mistakes({ canvases, input: { type: 'ingest' }, outputs: shows('upright') }).join(),
      /^outputs\[0\]\.canvas: what is published is passed through/,
    );
    for (const wrong of [{ id: 'main' }, { id: 'x', scenes: [] }, { id: 'x', width: 181 }])
      assert.equal(
        BroadcastConfigSchema.safeParse({ canvases: [{ scenes: [{ id: 'a' }], ...wrong }] }).success,
        false,
      );
  });

  it('says something, of every kind of output', () => {
    for (const place of [
      { url: 'rtmp://live.example/app' },
      { type: 'srt', url: 'srt://live.example:9000' },
      { type: 'udp', url: 'udp://127.0.0.1:9000' },
      { type: 'hls', folder: '/tmp/hls' },
    ]) {
      const parsed = OutputSchema.parse({ id: 'a', ...place, video: { height: 180 } });
      assert.deepEqual(parsed.video, { height: 180 });
      for (const video of [{}, { height: 181 }, { bitrateKbps: 1 }, { width: 320 }, 180])
        assert.equal(OutputSchema.safeParse({ id: 'a', ...place, video }).success, false);
    }
  });

  it('is not larger than the programme, not of what is passed through, and one of four', () => {
    const outputs = [1, 2, 3, 4, 5].map((n) => output(`o${n}`, { bitrateKbps: 100 * n }));
    assert.deepEqual(mistakes({ outputs: outputs.slice(0, MOST_RENDITIONS) }), []);
    assert.deepEqual(
      mistakes({ outputs: [...outputs.slice(0, 4), output('same', { bitrateKbps: 100 })] }),
      [],
    );
    assert.match(mistakes({ outputs }).join(), /^outputs\[4\]\.video: .* more than 4 different encodes/);
    assert.match(
      mistakes({ outputs: [output('a', { height: 1080 })] }).join(),
      /expected a height of 720 or less, got 1080/,
    );
    assert.match(
      mistakes({ input: { type: 'ingest' }, outputs: [output('a', { height: 180 })] }).join(),
      /passed through as it is, .* a source of the type "ingest"/,
    );
  });

  it('is without B-frames for an output by WHIP, where the programme has some', () => {
    const whip = (video?: object) => ({ id: 'room', type: 'whip', url: 'https://h/whip', video });
    const video = { tune: 'none', bFrames: 2 };
    assert.deepEqual(mistakes({ video, outputs: [whip({ bFrames: 0 })] }), []);
    assert.deepEqual(mistakes({ outputs: [whip()] }), []);
    for (const own of [undefined, { height: 180 }]) {
      assert.match(
        mistakes({ video, outputs: [output('main'), whip(own)] }).join(),
        /^outputs\[1\]\.video: players of WebRTC show no B-frames: set "bFrames" to 0/,
      );
    }
    assert.notEqual(renditionKey({ video: { bFrames: 0 } }), undefined);
  });
});
