import assert from 'node:assert/strict';
import { HeldPeaks } from '../../../src/protocol/held-peaks.js';

describe('held peaks', () => {
  const levels = (peakDbfs: number | null, rmsDbfs: number) => ({ peakDbfs, rmsDbfs, shortTermLufs: -23 });

  it('are the highest since they were taken before, with all else as it is', () => {
    const peaks = new HeldPeaks();
    assert.equal(peaks.take(), undefined);
    peaks.hear({ mix: levels(-3, -10), sources: { mic: levels(null, -20), gone: levels(-1, -5) } });
    peaks.hear({ mix: levels(-9, -11), sources: { mic: levels(-30, -40), new: levels(-6, -12) } });
    peaks.hear({ mix: levels(null, -12), sources: { mic: levels(-50, -60), new: levels(-2, -9) } });
    assert.deepEqual(peaks.take(), {
      mix: levels(-3, -12),
      sources: { mic: levels(-30, -60), new: levels(-2, -9) },
    });
    peaks.hear({ mix: levels(-40, -45), sources: {} });
    assert.deepEqual(peaks.take(), { mix: levels(-40, -45), sources: {} });
  });
});
