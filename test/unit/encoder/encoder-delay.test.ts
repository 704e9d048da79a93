import assert from 'node:assert/strict';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { checkDelayChange, encoderDelayFrames } from '../../../src/encoder/arguments/encoder-delay.js';

describe('encoderDelayFrames', () => {
  const video = (settings: object) => BroadcastConfigSchema.parse({ video: settings }).video;
  const delay = (settings: object, cores = 2) => encoderDelayFrames(video(settings), cores);

  it('is 0 with the tune "zerolatency"', () => {
    assert.equal(delay({}, 64), 0);
    assert.equal(delay({ encoder: 'h264_nvenc' }), 0);
  });

  it("counts x264's lookahead, B-frames and threads", () => {
    const tune = 'none';
    assert.equal(delay({ tune }), 4);
    assert.equal(delay({ tune, bFrames: 3 }), 13);
    assert.equal(delay({ tune, bFrames: 3, lookahead: 20 }), 30);
    assert.equal(delay({ tune, bFrames: 3, lookahead: 20 }, 64), 50, 'at most one thread for two rows');
  });

  it('may grow by little on air', () => {
    const start = video({ tune: 'none' });
    const changed = (lookahead: number) => video({ tune: 'none', lookahead });
    assert.doesNotThrow(() => checkDelayChange(start, changed(36)));
    assert.doesNotThrow(() => checkDelayChange(changed(250), start));
    assert.throws(() => checkDelayChange(start, changed(37)), {
      code: 'config.invalid',
      message: /1\.2 s later than/,
    });
  });
});
