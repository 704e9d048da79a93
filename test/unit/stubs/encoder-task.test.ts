import assert from 'node:assert/strict';
import type { EncodeSettings } from '../../../src/config/encode-settings.js';
import { encodeSettingsOf } from '../../../src/config/ingests.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { RunningTask, withChange } from '../../../src/core/stubs/encoder-task.js';
import { Timeline } from '../../../src/core/timeline/timeline.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';

const SETTINGS = encodeSettingsOf(BroadcastConfigSchema.parse({ video: { fps: 25 } }));

describe('withChange', () => {
  it('changes what is named, and leaves the rest', () => {
    const changed = withChange(
      { settings: SETTINGS, ffmpegPath: '/old' },
      { video: { bitrateKbps: 900 }, ffmpegPath: '/new' },
    );
    const expected = { ...SETTINGS, video: { ...SETTINGS.video, bitrateKbps: 900 } };
    assert.deepEqual(changed, { settings: expected, ffmpegPath: '/new' });
    assert.equal(withChange({ settings: SETTINGS, ffmpegPath: '/old' }, {}).ffmpegPath, '/old');
  });

  it('names the setting that is wrong', () => {
    assert.throws(() => withChange({ settings: SETTINGS }, { video: { bitrateKbps: -1 } }), {
      code: 'config.invalid',
      where: 'video.bitrateKbps',
    });
  });
});

describe('RunningTask', () => {
  const timeline = new Timeline({ slateAfterMs: 1e9 });
  after(() => timeline.dispose());
  const taskOf = (settings: Partial<EncodeSettings> = {}) =>
    new RunningTask({ settings: { ...SETTINGS, ...settings } }, () => timeline.beginEpoch());
  const crash = (message: string) => new BulkheadError(ErrorCodes.encoderCrashed, message);
  const missing = new BulkheadError(ErrorCodes.inputNotFound, 'There is no such file.');

  it('counts its runs', () => {
    const task = taskOf();
    assert.equal(task.epochs, 0);
    task.beginEpoch();
    task.beginEpoch();
    assert.equal(task.epochs, 2);
  });

  it('begins at the start until something was delivered, and then where its source was', () => {
    const task = taskOf();
    task.notePositions([{ id: 'input', item: 2, positionMs: 4000 }]);
    assert.equal(task.resume, undefined);
    task.noteDelivery();
    assert.deepEqual(task.resume, { item: 2, positionMs: 4000 });
    task.noteFrames(10);
    assert.deepEqual(task.resume, { item: 2, positionMs: 4400 });
    task.noteFrames(-5);
    assert.deepEqual(task.resume, { item: 2, positionMs: 4200 });
    task.noteFrames(-500);
    assert.deepEqual(task.resume, { item: 2, positionMs: 0 });
  });

  it('keeps the round of a shuffled playlist', () => {
    const task = taskOf();
    task.noteDelivery();
    task.notePositions([
      { id: 'input', item: 2, positionMs: 4000, round: 7 },
      { id: 'other', item: 1, positionMs: 100, round: 9 },
    ]);
    task.noteFrames(10);
    assert.deepEqual(task.resume, { item: 2, positionMs: 4400, round: 7 });
    assert.deepEqual(task.positions?.['other'], { item: 1, positionMs: 100, round: 9 });
  });

  it('ends with a file that is played once, and with nothing else', () => {
    const file = { type: 'file', path: '/show.mp4' } as const;
    assert.equal(taskOf({ input: { ...file, loop: false } }).playsOnce, true);
    assert.equal(taskOf({ input: { ...file, loop: true } }).playsOnce, false);
    assert.equal(taskOf({ input: { type: 'camera' } }).playsOnce, false);
  });

  it('cannot be done with settings that are wrong, or after three crashes, unless something was delivered', () => {
    const task = taskOf();
    assert.equal(task.finalErrorOf(missing), missing);
    const silent = new BulkheadError(ErrorCodes.encoderSilent, 'silent');
    assert.deepEqual(
      [1, 2, 3, 4].map(() => task.finalErrorOf(silent)),
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual([task.finalErrorOf(crash('1')), task.finalErrorOf(crash('2'))], [undefined, undefined]);
    assert.match(task.finalErrorOf(crash('3'))?.message ?? '', /ended 3 times before its first frame.*: 3$/);
    task.noteDelivery();
    assert.deepEqual([task.finalErrorOf(missing), task.finalErrorOf(crash('4'))], [undefined, undefined]);
  });

  it('has a failure reported once until a run delivers again', () => {
    const task = taskOf();
    assert.deepEqual([task.isNews(missing), task.isNews(missing)], [true, false]);
    assert.deepEqual([task.isNews(crash('another')), task.isNews(missing)], [true, true]);
    task.noteDelivery();
    assert.equal(task.isNews(missing), true);
  });
});
