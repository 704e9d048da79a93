import assert from 'node:assert/strict';
import { describeFailure } from '../../../src/cli/doctor/ffmpeg-checks.js';

describe('describeFailure', () => {
  const settings = 'The video encoder does not take these settings.';

  it('reports the requirements of a hardware encoder, not its settings', () => {
    const text = describeFailure('h264_vaapi', settings);
    assert.match(text, /^h264_vaapi needs a graphics chip with VA-API .* driver/);
    assert.doesNotMatch(text, /settings/);
  });

  it('reports why others failed', () => {
    assert.equal(describeFailure('libopenh264', settings), `libopenh264 does not work here: ${settings}`);
  });
});
