import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enhancedBroadcastingOf } from '../../../src/config/enhanced-broadcasting.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { tempDir } from '../../support/temp.js';

describe('the setting of Enhanced Broadcasting', () => {
  const folder = tempDir('enhanced-setting');
  after(() => folder.dispose());

  function load(enhancedBroadcasting: unknown, output: object = {}, more: object = {}) {
    const file = join(folder.path, 'show.jsonc');
    const twitch = { id: 'main', platform: 'twitch', key: 'env:KEY', enhancedBroadcasting, ...output };
    writeFileSync(file, JSON.stringify({ ...more, outputs: [twitch] }));
    const [loaded] = loadConfig(file, {}, folder.path).config.outputs;
    return enhancedBroadcastingOf(loaded?.enhancedBroadcasting);
  }

  it('is off, on, or says more', () => {
    const url = 'https://ingest.twitch.tv/api/v3/GetClientConfiguration';
    assert.equal(load(undefined), undefined);
    assert.equal(load(false, { video: { height: 360 } }), undefined);
    assert.deepEqual(load(true), { maxTracks: 5, url });
    assert.deepEqual(load({ maxTracks: 3, maxBitrateKbps: 8000 }), {
      maxTracks: 3,
      maxBitrateKbps: 8000,
      url,
    });
    assert.equal(
      load({ url: 'https://ivs.example/api' }, { platform: 'custom', url: 'rtmps://h/app' })?.url,
      'https://ivs.example/api',
    );
  });

  it('is refused where it cannot be, with the reason', () => {
    assert.throws(() => load({ maxTracks: 9 }), /enhancedBroadcasting/);
    assert.throws(() => load({ maxTrack: 2 }), /enhancedBroadcasting/);
    assert.throws(() => load({ url: 'http://ingest.example' }), /enhancedBroadcasting/);
    assert.throws(() => load({ url: 'https://user@ingest.example' }), /enhancedBroadcasting/);
    assert.throws(
      () => load(true, { platform: 'kick', url: 'rtmps://h/app' }),
      /enhancedBroadcasting: expected "platform": "twitch" with it/,
    );
    assert.throws(
      () => load(true, { video: { height: 360 } }),
      /video: expected none with "enhancedBroadcasting": the platform says what is encoded/,
    );
    assert.throws(() => load(true, { overlays: false }), /overlays: expected none/);
    assert.throws(() => load(true, { multitrack: true }), /multitrack: expected none/);
    assert.throws(
      () => load(true, { delaySeconds: 10 }),
      /delaySeconds: expected none.*its tracks cannot be delayed/,
    );
    assert.throws(
      () => load(true, {}, { input: { type: 'ingest' }, ingests: [{ id: 'obs' }] }),
      /passed through as it is, and not encoded/,
    );
  });
});
