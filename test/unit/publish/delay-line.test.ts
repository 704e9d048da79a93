import assert from 'node:assert/strict';
import { DelayLine } from '../../../src/core/publish/delay/delay-line.js';
import { MemoryStore } from '../../../src/core/publish/delay/delay-store.js';
import { avcHeader } from '../../support/flv.js';
import { startingPoint, tag } from './tags.js';

describe('DelayLine, cut', () => {
  it('goes on with the last of the headers that came meanwhile', () => {
    const line = new DelayLine(10_000, new MemoryStore(1e9));
    for (const each of startingPoint()) line.push({ ...each, readAtMs: 0 });
    line.push(tag('keyframe', 1000));
    for (const id of [2, 3]) line.push(tag('video-header', 1000 + id, avcHeader(id)));
    line.push(tag('keyframe', 2000));
    line.cut(900);
    line.push(tag('metadata', 2500));
    line.push(tag('keyframe', 3000));
    const aired = line.takeDue(Number.POSITIVE_INFINITY).slice(startingPoint().length);
    assert.deepEqual(
      aired.map(({ kind, timestampMs }) => [kind, timestampMs]),
      [
        ['video-header', 1000],
        ['metadata', 1000],
        ['keyframe', 1000],
      ],
    );
    assert.deepEqual(aired[0]?.payload, avcHeader(3));
  });
});
