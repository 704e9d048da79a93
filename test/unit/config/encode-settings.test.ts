import assert from 'node:assert/strict';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

describe('the settings of the encoder', () => {
  it('are those of the configuration', () => {
    const config = BroadcastConfigSchema.parse({ input: { type: 'colour' }, video: { fps: 25 } });
    const { input, video, audio } = config;
    assert.deepEqual(encodeSettingsOf(config), { input, video, audio });
  });

  it('are those of the fallback where a publisher is passed through', () => {
    const input = { type: 'ingest', fallback: { type: 'test-pattern' } } as const;
    assert.deepEqual(encodeSettingsOf(BroadcastConfigSchema.parse({ input })).input, input.fallback);
  });
});
