import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.js';
import { OutputSchema } from '../../../src/config/output-schema.js';
import { findKeyError, findKeyWarning } from '../../../src/config/platform-checks.js';
import { PLATFORM_NAMES, platformOf } from '../../../src/config/platforms.js';
import type { OutputConfig } from '../../../src/config/schema.js';
import { changedSettings } from '../../../src/core/broadcast/outputs/output-settings.js';
import { withSecrets } from '../../../src/core/broadcast/outputs/secrets.js';
import { findRtmpUrlProblem, parseRtmpAddress } from '../../../src/rtmp/rtmp-url.js';

describe('platforms', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'platforms-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function load(config: object) {
    writeFileSync(join(folder, 'show.json'), JSON.stringify(config, undefined, 1));
    return loadConfig('show.json', {}, folder);
  }

  /** What is said of one output to a platform. */
  function warnings(platform: string, rest: object = {}, output: object = {}): string[] {
    const url =
      platformOf(platform as 'twitch')?.url === undefined ? { url: 'rtmps://live.example.org/app' } : {};
    const outputs = [{ id: 'main', platform, key: 'env:KEY', ...url, ...output }];
    return load({ ...rest, outputs }).warnings.map(({ message }) => message);
  }

  function output(settings: object): OutputConfig {
    return OutputSchema.parse({ id: 'main', ...settings });
  }

  for (const name of PLATFORM_NAMES) {
    const url = platformOf(name)?.url;
    it(`${name}: has a valid address, or asks for one`, () => {
      if (url === undefined) {
        assert.throws(
          () => load({ outputs: [{ id: 'main', platform: name }] }),
          /show\.json:\d+:\d+: outputs\[0\]\.url: missing; /,
        );
        return;
      }
      assert.equal(findRtmpUrlProblem(url), undefined);
      const { app, streamKey } = parseRtmpAddress(
        { ...output({ platform: name }), key: 'k' } as { url: string; key: string },
        'x',
      );
      assert.deepEqual(
        [output({ platform: name, key: 'env:KEY' }).url, app === '', streamKey],
        [url, false, 'k'],
      );
      assert.equal(output({ platform: name, url: 'rtmp://127.0.0.1/live' }).url, 'rtmp://127.0.0.1/live');
    });

    it(`${name}: takes what is set by default`, () => assert.deepEqual(warnings(name), []));
  }

  for (const [platform, rest, expected] of [
    [
      'twitch',
      { video: { bitrateKbps: 6001 } },
      'output "main": Twitch takes at most 6000 kbit/s of video; set "video.bitrateKbps" to 6000 or less',
    ],
    [
      'twitch',
      { video: { width: 2560, height: 1440 } },
      'output "main": Twitch takes video of at most 1920x1080; set "video.width" and "video.height" to 1920 and 1080 or less',
    ],
    [
      'twitch',
      { video: { width: 1080, height: 2400 } },
      'output "main": Twitch takes video of at most 1080x1920; set "video.width" and "video.height" to 1080 and 1920 or less',
    ],
    [
      'twitch',
      { video: { fps: 120 } },
      'output "main": Twitch takes at most 60 frames per second; set "video.fps" to 60 or less',
    ],
    [
      'twitch',
      { video: { keyframeIntervalSeconds: 2.5 } },
      'output "main": Twitch asks for a keyframe every 2 s at least; set "video.keyframeIntervalSeconds" to 2',
    ],
    [
      'twitch',
      { audio: { bitrateKbps: 321 } },
      'output "main": Twitch takes at most 320 kbit/s of audio; set "audio.bitrateKbps" to 320 or less',
    ],
    [
      'twitch',
      { video: { encoder: 'libx265' } },
      'output "main": Twitch takes H.264, and no HEVC; set "video.encoder" to "libx264", or another of H.264',
    ],
    [
      'bilibili',
      { video: { encoder: 'libsvtav1' } },
      'output "main": Bilibili takes H.264 and HEVC, and no AV1; set "video.encoder" to "libx264", or another of H.264 and HEVC',
    ],
    [
      'facebook',
      { video: { bitrateKbps: 4001 } },
      'output "main": Facebook takes at most 4000 kbit/s of video of 1280x720 at 30 frames per second; set "video.bitrateKbps" to 4000 or less',
    ],
  ] as const) {
    it(`${platform}: warns of ${JSON.stringify(rest)}`, () => {
      assert.deepEqual(warnings(platform, rest), [expected]);
    });
  }

  it('takes what is just within the limits, in portrait as well', () => {
    const video = { width: 1080, height: 1920, fps: 60, bitrateKbps: 6000, keyframeIntervalSeconds: 2 };
    assert.deepEqual(warnings('twitch', { video, audio: { bitrateKbps: 320 } }), []);
    assert.deepEqual(warnings('facebook', { video: { ...video, bitrateKbps: 9000 } }), []);
    assert.deepEqual(warnings('facebook', { video: { ...video, fps: 30, bitrateKbps: 6001 } }).length, 1);
    assert.deepEqual(warnings('youtube', { video: { encoder: 'libsvtav1', bitrateKbps: 40_000 } }), []);
  });

  it('says nothing of the encoder where a publisher is passed on', () => {
    const input = { type: 'ingest' };
    assert.deepEqual(warnings('twitch', { input, video: { bitrateKbps: 9000 } }), []);
  });

  it('says where in the file a setting stands', () => {
    const { warnings } = load({
      video: { bitrateKbps: 9000 },
      outputs: [{ id: 'main', platform: 'twitch', key: 'env:KEY' }],
    });
    assert.deepEqual(
      warnings.map(({ where }) => where),
      ['show.json:3:18'],
    );
  });

  it('warns of an address without TLS where only RTMPS is taken', () => {
    assert.deepEqual(warnings('facebook', {}, { url: 'rtmp://live.example.org/rtmp' }), [
      'output "main": Facebook takes RTMPS only; write rtmps:// in "url"',
    ]);
    assert.deepEqual(warnings('twitch', {}, { url: 'rtmp://live.example.org/app' }), []);
  });

  it('names the nearest platform for one that it does not know', () => {
    const load_ = () => load({ outputs: [{ id: 'main', platform: 'twich' }] });
    assert.throws(
      load_,
      /outputs\[0\]\.platform: expected one of "twitch", .*, got "twich"; did you mean "twitch"\?/,
    );
  });

  it('is for RTMP', () => {
    const other = { id: 'a', type: 'srt', url: 'srt://h:1', platform: 'twitch' };
    assert.throws(() => load({ outputs: [other] }), /unknown key "platform"/);
  });

  it('needs a key at the address of the platform, and one without spaces', () => {
    const mistake = (settings: object) => () =>
      load({ outputs: [{ id: 'main', platform: 'twitch', ...settings }] });
    assert.throws(
      mistake({}),
      /show\.json:\d+:\d+: outputs\[0\]\.key: missing; expected the stream key of Twitch/,
    );
    assert.throws(mistake({ key: 'live_1 s3cret' }), (error: Error) => {
      assert.match(
        error.message,
        /outputs\[0\]\.key: a stream key of Twitch has no spaces: copy the key alone/,
      );
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
    // The path of a file may have some.
    mistake({ key: 'file:/my keys/twitch' })();
    mistake({ url: 'rtmp://127.0.0.1/app/key' })();
  });

  it('warns of a key that is of another form, without repeating it', () => {
    assert.match(
      warnings('twitch', {}, { key: 'sk_s3cret' }).at(-1) ?? '',
      /^output "main": stream keys of Twitch begin with "live_", and this one does not/,
    );
    for (const [platform, right, wrong] of [
      ['twitch', ' live_1_x\n', 'sk_1'],
      ['kick', 'sk_us-west-2_x', 'live_1_x'],
      ['bilibili', '?streamname=live_1&key=x', 'live_1'],
    ] as const) {
      assert.equal(findKeyWarning({ platform, key: right }), undefined);
      assert.match(findKeyWarning({ platform, key: wrong }) ?? '', /begin with/);
      assert.doesNotMatch(findKeyWarning({ platform, key: 's3cret' }) ?? '', /s3cret/);
    }
    for (const platform of ['youtube', 'facebook', 'tiktok', 'douyu', 'custom', undefined] as const) {
      assert.equal(findKeyWarning({ platform, key: 'any' }), undefined);
    }
    assert.equal(findKeyError({ platform: 'custom', key: 'a b' }), undefined);
  });

  it('has the core refuse a key with spaces, wherever it comes from', async () => {
    const config = output({ platform: 'twitch', key: 'env:PLATFORM_TEST_KEY' });
    process.env['PLATFORM_TEST_KEY'] = 'live_1 s3cret';
    try {
      await assert.rejects(withSecrets(config), { code: 'config.invalid', where: 'outputs.main' });
      assert.equal((await withSecrets(config, { key: 'live_1' })).key, 'live_1');
      await assert.rejects(withSecrets(config, { key: 'live 1' }), /no spaces/);
    } finally {
      delete process.env['PLATFORM_TEST_KEY'];
    }
    await assert.rejects(
      withSecrets(output({ platform: 'twitch' })),
      /key: missing; expected the stream key of Twitch/,
    );
  });

  it('changes the address with the platform, unless it is given or there is none', () => {
    const url = (config: object, change: object) =>
      changedSettings({ config: output({ key: 'k', ...config }), isStopped: false }, change, undefined).config
        .url;
    const own = 'rtmp://127.0.0.1/live';
    assert.equal(url({ platform: 'twitch' }, { platform: 'youtube' }), platformOf('youtube')?.url);
    assert.equal(url({ url: own }, { platform: 'youtube' }), platformOf('youtube')?.url);
    assert.equal(url({ url: own }, { platform: 'youtube', url: own }), own);
    assert.equal(url({ url: own }, { platform: 'kick' }), own);
    assert.equal(url({ url: own, platform: 'twitch' }, { platform: null }), own);
    assert.equal(url({ url: own, platform: 'twitch' }, { key: 'other' }), own);
    assert.throws(
      () => url({ platform: 'twitch' }, { platform: 'kick' }),
      /url: missing; Kick gives each streamer an address/,
    );
  });
});
