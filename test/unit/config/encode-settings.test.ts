import assert from 'node:assert/strict';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

describe('the settings of the encoder', () => {
  it('are those of the configuration', () => {
    const config = BroadcastConfigSchema.parse({ pipeline: 'studio', input: { type: 'colour' } });
    const { input, video, audio } = config;
    assert.deepEqual(encodeSettingsOf(config), { input, video, audio, pipeline: 'studio' });
    assert.equal(encodeSettingsOf(BroadcastConfigSchema.parse({})).pipeline, 'direct');
  });

  it('are those of the fallback where a publisher is passed through, which has to match any stream', () => {
    const config = BroadcastConfigSchema.parse({
      pipeline: 'studio',
      input: { type: 'ingest', fallback: { type: 'test-pattern' } },
    });
    const { input, pipeline } = encodeSettingsOf(config);
    assert.deepEqual([input, pipeline], [{ type: 'test-pattern' }, 'direct']);
  });
});
