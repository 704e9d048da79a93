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

  it('counts the frames at work in a hardware encoder', () => {
    assert.equal(delay({ tune: 'none', encoder: 'h264_nvenc', bFrames: 2, lookahead: 16 }), 22);
  });

  it('may grow by little on air', () => {
    const hardware = { tune: 'none', encoder: 'h264_nvenc' };
    const most = video({ ...hardware, lookahead: 32 });
    assert.doesNotThrow(() => checkDelayChange(video({}), most));
    assert.doesNotThrow(() => checkDelayChange(video({ ...hardware, lookahead: 250 }), most));
    assert.throws(() => checkDelayChange(video({}), video({ ...hardware, lookahead: 33 })), {
      code: 'config.invalid',
      message: /1\.2 s later than/,
    });
  });
});
