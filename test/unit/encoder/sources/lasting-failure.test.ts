import assert from 'node:assert/strict';
import { SOURCE_TYPES } from '../../../../src/config/schema.js';
import { isLasting } from '../../../../src/encoder/sources/lasting-failure.js';
import { ErrorCodes } from '../../../../src/protocol/errors.js';

describe('isLasting', () => {
  const typesWith = (code: Parameters<typeof isLasting>[0]) =>
    SOURCE_TYPES.filter((type) => isLasting(code, type));
  const devices = ['screen', 'camera', 'microphone', 'desktop-audio'];

  it('is what an ffmpeg lacks, for every source', () => {
    assert.deepEqual(typesWith(ErrorCodes.ffmpegUnsupported), [...SOURCE_TYPES]);
    assert.deepEqual(typesWith(ErrorCodes.ffmpegNotFound), [...SOURCE_TYPES]);
  });

  it('is what cannot be read, but for what is published, which may be another stream next', () => {
    const expected = SOURCE_TYPES.filter((type) => type !== 'ingest');
    assert.deepEqual(typesWith(ErrorCodes.inputInvalid), expected);
    assert.deepEqual(typesWith(ErrorCodes.inputDenied), expected);
  });

  it('is a file that is not there, and no device, which may be plugged in', () => {
    const types = typesWith(ErrorCodes.inputNotFound);
    assert.ok(types.includes('file') && types.includes('image') && types.includes('playlist'));
    assert.ok(!types.some((type) => devices.includes(type)));
  });

  it('is nothing that comes back by itself', () => {
    for (const code of ['inputUnreachable', 'inputBusy', 'encoderCrashed', 'internal'] as const) {
      assert.deepEqual(typesWith(ErrorCodes[code]), [], code);
    }
  });
});
