import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseTracks } from '../../../src/core/publish/enhanced-broadcasting/choose-tracks.js';
import {
  type ConfigurationAnswer,
  readAnswer,
} from '../../../src/core/publish/enhanced-broadcasting/client-configuration.js';
import { plainText } from '../../../src/core/publish/enhanced-broadcasting/plain-text.js';
import { publishAddress } from '../../../src/core/publish/enhanced-broadcasting/publish-address.js';
import { type AskedTrack, configurationOf } from '../../support/configuration-server.js';
import { ENCODINGS, findSecret } from '../../support/encodings.js';

const KEY = 'live_55201_Zq7fK2Xw9bT4mP8vRjYhLs3d';
const VIDEO = { width: 1280, height: 720, fps: 30, bitrateKbps: 3000, keyframeIntervalSeconds: 2 };
const TOP = { width: 1280, height: 720, bitrate: 3000 };
const MIDDLE = { width: 852, height: 480, bitrate: 1200 };
const SMALL = { width: 640, height: 360, bitrate: 600 };

function configuration(text: string) {
  const answer = readAnswer(text);
  assert.ok(answer.kind === 'configuration', JSON.stringify(answer));
  return answer.configuration;
}

describe("a platform's configuration", () => {
  const endpoint = { url: 'rtmps://ingest.example/app' };

  it('is read as far as it is followed', () => {
    const {
      encoder_configurations: [first],
      meta,
    } = configuration(configurationOf([TOP], endpoint));
    assert.deepEqual(first, {
      ...{ type: 'obs_x264', width: 1280, height: 720, canvas_index: 0 },
      settings: { bitrate: 3000 },
    });
    assert.equal(meta.config_id, 'config-7/1');
  });

  for (const [what, change, problem] of [
    [
      'a bitrate of a million',
      { encoder_configurations: [{ ...TOP, type: 'x', settings: { bitrate: 1e6 } }] },
      'encoder_configurations.0.settings.bitrate',
    ],
    [
      'a negative height',
      { encoder_configurations: [{ type: 'x', width: 640, height: -1, settings: { bitrate: 500 } }] },
      'encoder_configurations.0.height',
    ],
    ['text for a list', { ingest_endpoints: 'rtmps://evil.example' }, 'ingest_endpoints'],
    ['no id', { meta: {} }, 'meta.config_id'],
    ['an id with a line break', { meta: { config_id: 'a\nb' } }, 'meta.config_id'],
    [
      'thousands of tracks',
      { encoder_configurations: new Array(5000).fill({ ...TOP, type: 'x', settings: { bitrate: 500 } }) },
      'encoder_configurations',
    ],
    [
      'an endless address',
      { ingest_endpoints: [{ protocol: 'RTMPS', url_template: 'r'.repeat(5000) }] },
      'ingest_endpoints.0.url_template',
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const answer = readAnswer(configurationOf([TOP], endpoint, change));
      assert.deepEqual(answer, { kind: 'invalid', problem: `"${problem}" is missing or not as expected` });
    });
  }

  it('is refused where it is something else, whatever that is', () => {
    assert.deepEqual(readAnswer('<html>'), { kind: 'invalid', problem: 'it is no JSON' });
    assert.equal(readAnswer('[]').kind, 'invalid');
    assert.equal(readAnswer(`${'['.repeat(20_000)}${']'.repeat(20_000)}`).kind, 'invalid');
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.equal(readAnswer(text).kind, 'invalid');
      }),
      { numRuns: 200 },
    );
  });

  it('says what the platform says', () => {
    const withStatus = (result: string | null, more: object = {}): ConfigurationAnswer =>
      readAnswer(configurationOf([TOP], endpoint, { status: { result, html_en_us: 'No.' }, ...more }));
    assert.deepEqual(withStatus('error'), { kind: 'refused', reason: { html: 'No.' } });
    assert.deepEqual(withStatus('warning', { encoder_configurations: [] }), {
      kind: 'refused',
      reason: { html: 'No.' },
    });
    assert.deepEqual(withStatus('warning', { encoder_configurations: null }), {
      kind: 'refused',
      reason: { html: 'No.' },
    });
    const warned = withStatus('warning');
    assert.ok(warned.kind === 'configuration');
    assert.deepEqual(warned.warning, { html: 'No.' });
    for (const result of ['success', null, 'later']) {
      const answer = withStatus(result);
      assert.ok(answer.kind === 'configuration' && answer.warning === undefined);
    }
  });
});

describe('the tracks that are sent', () => {
  const choose = (asked: readonly AskedTrack[], limits: object = {}, video: object = {}) =>
    chooseTracks(configuration(configurationOf(asked, { url: 'rtmps://h/app' })).encoder_configurations, {
      ...{ video: { ...VIDEO, ...video }, maxTracks: 5, spare: 4, ...limits },
    });

  it('are the programme, where it is as asked for, and encodes of their own', () => {
    const { tracks, problems } = choose([
      TOP,
      { ...MIDDLE, type: 'jim_nvenc', keyframeSeconds: 2, fps: 30 },
      SMALL,
    ]);
    assert.deepEqual(tracks, [
      { width: 1280, height: 720, bitrateKbps: 3000, video: undefined },
      { width: 854, height: 480, bitrateKbps: 1200, video: { height: 480, bitrateKbps: 1200 } },
      { width: 640, height: 360, bitrateKbps: 600, video: { height: 360, bitrateKbps: 600 } },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(choose([{ ...TOP, bitrate: 6000 }, SMALL]).tracks[0]?.video, {
      height: 720,
      bitrateKbps: 6000,
    });
    assert.equal(choose([{ ...TOP, bitrate: 3200 }, SMALL]).tracks[0]?.video, undefined, 'near enough');
  });

  for (const [what, track, problem] of [
    ['an encoder of HEVC', { ...MIDDLE, type: 'obs_nvenc_hevc_tex' }, /other than of H\.264/],
    ['an unknown encoder', { ...MIDDLE, type: 'quantum' }, /other than of H\.264/],
    [
      'another frame rate',
      { ...MIDDLE, fps: 60 },
      /60\.00 frames per second are asked for; "video\.fps" is 30/,
    ],
    [
      'another keyframe interval',
      { ...MIDDLE, keyframeSeconds: 4 },
      /every 4 s is asked for; "video\.keyframeIntervalSeconds" is 2/,
    ],
    ['a larger size', { width: 1920, height: 1080, bitrate: 6000 }, /1080 cannot be made of 720/],
    ['other proportions', { width: 480, height: 640, bitrate: 900 }, /480x640 has other proportions/],
  ] as const) {
    it(`leave out ${what}`, () => {
      const { tracks, problems } = choose([TOP, track, SMALL]);
      assert.deepEqual(
        tracks.map(({ height }) => height),
        [720, 360],
      );
      assert.match(problems.join(), problem);
    });
  }

  it('are no more than are wanted, have the bitrate, and can be encoded', () => {
    assert.equal(choose([TOP, MIDDLE, SMALL], { maxTracks: 2 }).tracks.length, 2);
    const less = choose([TOP, MIDDLE, SMALL], { maxBitrateKbps: 2000 });
    assert.deepEqual(
      less.tracks.map(({ height }) => height),
      [480, 360],
    );
    assert.match(less.problems.join(), /maxBitrateKbps/);
    const few = choose([TOP, MIDDLE, SMALL], { spare: 1 });
    assert.deepEqual(
      few.tracks.map(({ height }) => height),
      [720, 480],
    );
    assert.match(few.problems.join(), /other outputs/);
    assert.equal(choose([TOP, TOP, SMALL, SMALL]).tracks.length, 2, 'each once');
    assert.deepEqual(choose([TOP, MIDDLE], { maxBitrateKbps: 200 }).tracks, []);
  });
});

describe('where the tracks are published', () => {
  const address = (endpoints: readonly object[], secure = true, key = KEY, id = 'c1') =>
    publishAddress(
      configuration(
        configurationOf(
          [TOP],
          { url: 'rtmps://h/app' },
          { ingest_endpoints: endpoints, meta: { config_id: id } },
        ),
      ),
      key,
      secure,
    );
  const rtmps = { protocol: 'RTMPS', url_template: 'rtmps://h.example/app/{stream_key}' };

  it('has the id of the configuration, and what the streamer has in the key', () => {
    assert.deepEqual(address([rtmps]), { url: 'rtmps://h.example/app', key: `${KEY}?clientConfigId=c1` });
    assert.equal(
      address([rtmps], true, `${KEY}?bandwidthtest=true`)?.key,
      `${KEY}?bandwidthtest=true&clientConfigId=c1`,
    );
    assert.equal(address([{ ...rtmps, authentication: 'other?x=1' }])?.key, 'other?clientConfigId=c1');
    assert.equal(
      address([{ ...rtmps, url_template: 'rtmps://h/app/{stream_key}?a=b' }])?.key,
      `${KEY}?a=b&clientConfigId=c1`,
    );
    assert.equal(address([rtmps], true, KEY, '')?.key, KEY);
  });

  it('is never without TLS where the output has it', () => {
    const rtmp = { protocol: 'RTMP', url_template: 'rtmp://h.example/app/{stream_key}' };
    assert.equal(address([rtmp]), undefined);
    assert.equal(address([{ ...rtmp, protocol: 'RTMPS' }]), undefined, 'it says one and writes the other');
    assert.equal(address([rtmp, rtmps])?.url, 'rtmps://h.example/app');
    assert.equal(address([rtmp], false)?.url, 'rtmp://h.example/app');
    assert.equal(address([{ protocol: 'SRT', url_template: 'srt://h:1' }], false), undefined);
  });
});

describe("a platform's text", () => {
  it('is one plain sentence of words', () => {
    assert.equal(
      plainText(
        '<p>Your account is <b>not eligible</b>&nbsp;for Enhanced&#39;s 1080p60.<br>See <a href="https://x.example">help</a>.</p>',
        [KEY],
      ),
      "Your account is not eligible for Enhanced's 1080p60. See help.",
    );
    assert.equal(
      plainText('<script>alert(1)</script><style>p{}</style>\x1b[31mRed\u202e text <img', []),
      'Red text',
    );
    assert.equal(plainText('', []), 'it gives no reason');
    assert.ok(plainText('word '.repeat(5000), []).length <= 302);
  });

  for (const [name, encode] of Object.entries(ENCODINGS)) {
    it(`never shows the key: ${name}`, () => {
      for (const html of [
        `The key ${encode(KEY)} has expired`,
        encode(KEY),
        `<b title="${encode(KEY)}">${encode(KEY)}</b>`,
      ]) {
        assert.deepEqual(findSecret(plainText(html, [KEY]), KEY), []);
      }
    });
  }
});
