import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { canvasMemoryBytes, memoryBudget } from '../../../../src/encoder/canvas/memory-budget.js';
import { BulkheadError } from '../../../../src/protocol/errors.js';

const framesAt = (fps: number) => 1.5 * fps + 24;
const GB = 1e9;

function refusal(width: number, height: number, fps: number, budget: number): BulkheadError {
  try {
    canvasMemoryBytes({ width, height, fps }, framesAt, budget);
  } catch (error) {
    if (error instanceof BulkheadError) return error;
    throw error;
  }
  assert.fail('it was not refused');
}

describe('the budget of memory for frames', () => {
  it('is half of the machine or of the container, and 4 GiB at most', () => {
    assert.equal(memoryBudget(6 * GB, 0), 3 * GB);
    assert.equal(memoryBudget(6 * GB, undefined), 3 * GB);
    assert.equal(memoryBudget(6 * GB, 2 * GB), GB);
    // As Linux says that there is no limit.
    assert.equal(memoryBudget(6 * GB, 2 ** 64), 3 * GB);
    assert.equal(memoryBudget(64 * GB, 0), 2 ** 32);
    assert.ok(memoryBudget() > 0 && memoryBudget() <= Math.min(totalmem() / 2, 2 ** 32));
  });

  it('is as large as the frames that are needed, in pages', () => {
    assert.equal(canvasMemoryBytes({ width: 1280, height: 720, fps: 30 }, framesAt, GB), 69 * 338 * 4096);
    assert.equal(canvasMemoryBytes({ width: 16, height: 16, fps: 2 }, framesAt, 27 * 4096), 27 * 4096);
  });

  it('refuses 8K at 120 fps on any machine, and says what would do', () => {
    const error = refusal(7680, 4320, 120, 2 ** 32);
    assert.equal(error.code, 'config.invalid');
    assert.equal(error.where, 'video');
    assert.equal(
      error.sentence,
      'Frames of 7680x4320 at 120 fps need 10.2 GB of memory; on this machine 4.3 GB may be used for them. ' +
        'Set "video.fps" to 30 or less, or "video.width" and "video.height" to 3840x2160 or less.',
    );
    assert.doesNotThrow(() => canvasMemoryBytes({ width: 7680, height: 4320, fps: 30 }, framesAt, 2 ** 32));
    assert.doesNotThrow(() => canvasMemoryBytes({ width: 3840, height: 2160, fps: 120 }, framesAt, 2 ** 32));
  });

  it('suggests a smaller size alone where no rate would do', () => {
    assert.equal(
      refusal(1920, 1080, 25, GB / 10).remedy,
      'Set "video.width" and "video.height" to 960x540 or less.',
    );
    assert.equal(refusal(16, 16, 25, 1).remedy, 'Set "video.width" and "video.height" to a smaller size.');
  });

  it('suggests the highest rate and the largest size that fit', () => {
    for (const fps of [60, 50, 30, 25]) {
      const budget = canvasMemoryBytes({ width: 1280, height: 720, fps }, framesAt, GB);
      assert.match(
        refusal(1280, 720, 120, budget).remedy ?? '',
        new RegExp(`^Set "video.fps" to ${fps} or less`),
      );
    }
    for (const part of [2, 3, 4, 6, 8, 12, 16]) {
      const [width, height] = [7680, 4320].map((pixels) => pixels / part);
      assert.ok(width !== undefined && height !== undefined);
      const even = { width: width - (width % 2), height: height - (height % 2) };
      const budget = canvasMemoryBytes({ ...even, fps: 25 }, framesAt, 2 ** 32);
      const expected = `Set "video.width" and "video.height" to ${even.width}x${even.height} or less.`;
      assert.equal(refusal(7680, 4320, 25, budget).remedy, expected);
    }
    // Not less than the configuration allows.
    const least = canvasMemoryBytes({ width: 16, height: 16, fps: 25 }, framesAt, GB);
    assert.match(refusal(128, 32, 25, least).remedy ?? '', /to 64x16 or less/);
    assert.match(refusal(128, 30, 25, least).remedy ?? '', /to a smaller size/);
  });
});
