import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.js';
import { backupOf } from '../../../src/config/output-backup.js';
import { OutputSchema } from '../../../src/config/output-schema.js';
import { type RtmpConfig } from '../../../src/config/schema.js';
import { changedSettings } from '../../../src/core/broadcast/outputs/output-settings.js';
import { withSecrets } from '../../../src/core/broadcast/outputs/secrets.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the backup address of an output', () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir('backup');
  });
  afterEach(() => dir.dispose());

  const output = (settings: object) =>
    OutputSchema.parse({
      id: 'main',
      url: 'rtmp://a.example/app',
      key: 'env:KEY',
      ...settings,
    }) as RtmpConfig;
  const load = (settings: object) => {
    const file = join(dir.path, 'show.json');
    writeFileSync(file, JSON.stringify({ outputs: [{ id: 'main', key: 'env:KEY', ...settings }] }));
    return loadConfig('show.json', {}, dir.path);
  };
  const backupUrl = 'rtmp://b.example/app';

  for (const [what, settings, expected] of [
    ['none by default', {}, undefined],
    ['none of YouTube by default, since it doubles the upload', { platform: 'youtube' }, undefined],
    ['on failure with an address', { backupUrl }, { mode: 'on-failure', url: backupUrl }],
    ['as the platform takes it', { platform: 'youtube', backupUrl }, { mode: 'at-once', url: backupUrl }],
    ['off when asked for', { backupUrl, backup: 'off' }, undefined],
    ['at once when asked for', { backupUrl, backup: 'at-once' }, { mode: 'at-once', url: backupUrl }],
    [
      "the platform's own address",
      { platform: 'youtube', backup: 'on-failure' },
      { mode: 'on-failure', url: 'rtmps://b.rtmps.youtube.com/live2?backup=1' },
    ],
  ] as const) {
    it(what, () => assert.deepEqual(backupOf(output(settings)), expected));
  }

  for (const settings of [
    { url: 'rtmp://a.example/app', backup: 'on-failure' },
    { url: 'rtmp://a.example/app', backupKey: 'env:OTHER' },
    { platform: 'twitch', backup: 'at-once' },
  ]) {
    it(`needs an address with ${JSON.stringify(settings)}`, () => {
      assert.throws(() => load(settings), /outputs\[0\]\.backupUrl: missing; expected the backup address/);
    });
  }

  it('refuses an address that is none, without repeating it', () => {
    assert.throws(
      () => load({ url: 'rtmp://a.example/app', backupUrl: 'secret-key' }),
      (error: Error) => /outputs\[0\]\.backupUrl/.test(error.message) && !/secret-key/.test(error.message),
    );
  });

  it('warns of a second stream at once where the platform takes one', () => {
    const { warnings } = load({ platform: 'twitch', backupUrl, backup: 'at-once' });
    assert.match(warnings.map(({ message }) => message).join(), /Twitch takes one stream at a time/);
    assert.deepEqual(load({ platform: 'youtube', backup: 'at-once' }).warnings, []);
  });

  it('keeps its key as the first: not in the file, and read where the file is', async () => {
    const { warnings } = load({ url: 'rtmp://a.example/app', backupUrl, backupKey: 'plain' });
    assert.match(warnings.map(({ message }) => message).join(), /backupKey can be read by anyone/);
    writeFileSync(join(dir.path, 'second.key'), 'second\n');
    const { config } = load({
      url: 'rtmp://a.example/app',
      key: 'x',
      backupUrl,
      backupKey: 'file:second.key',
    });
    const [first] = config.outputs;
    assert.ok(first);
    assert.equal((await withSecrets(first)).backupKey, 'second');
  });

  it('does not stay with another platform, which would get its key', () => {
    const before = {
      config: output({
        platform: 'youtube',
        url: 'rtmps://a.rtmps.youtube.com/live2',
        backupUrl,
        backupKey: 'env:B',
      }),
      isStopped: false,
    };
    const { config } = changedSettings(before, { platform: 'twitch' }, undefined);
    assert.deepEqual([config.platform, config.backupUrl, config.backupKey], ['twitch', undefined, undefined]);
  });
});
