import assert from 'node:assert/strict';
import { mediaEnvironment } from '../../../src/encoder/media-environment.js';

describe('mediaEnvironment', () => {
  it('passes what ffmpeg needs, and neither keys nor its own report switch', () => {
    assert.deepEqual(
      mediaEnvironment({
        PATH: '/bin',
        DISPLAY: ':0',
        LIBVA_DRIVER_NAME: 'iHD',
        BULKHEAD_RUN: '1a2b.3',
        TWITCH_KEY: 'secret',
        FFREPORT: 'file=/tmp/x',
        NODE_OPTIONS: '--inspect',
      }),
      {
        PATH: '/bin',
        DISPLAY: ':0',
        LIBVA_DRIVER_NAME: 'iHD',
        BULKHEAD_RUN: '1a2b.3',
        AV_LOG_FORCE_NOCOLOR: '1',
      },
    );
  });
});
