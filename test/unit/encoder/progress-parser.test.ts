import assert from 'node:assert/strict';
import { ProgressParser, type ProgressReport } from '../../../src/encoder/progress-parser.js';

describe('ProgressParser', () => {
  function parse(text: string): ProgressReport[] {
    const reports: ProgressReport[] = [];
    const parser = new ProgressParser((report) => reports.push(report));
    for (const line of text.split('\n')) parser.push(line);
    return reports;
  }

  it('reads reports one by one', () => {
    const [first, second, ...more] = parse(
      [
        'frame=0\nfps=0.00\nstream_0_0_q=0.0\nbitrate=N/A\ntotal_size=0\nout_time=N/A\ndup_frames=0\ndrop_frames=0\nspeed=N/A\nprogress=continue',
        'frame=60\nfps=30.1\nstream_0_0_q=23.0\nbitrate= 764.3kbits/s\ntotal_size=91810\nout_time_us=2000000\ndup_frames=1\ndrop_frames=2\nspeed=   1x\nprogress=end\n',
      ].join('\n'),
    );
    assert.deepEqual(first, {
      frames: 0,
      fps: 0,
      bitrateKbps: 0,
      duplicatedFrames: 0,
      droppedFrames: 0,
      speed: 0,
      totalBytes: 0,
    });
    assert.deepEqual(second, {
      frames: 60,
      fps: 30.1,
      bitrateKbps: 764.3,
      duplicatedFrames: 1,
      droppedFrames: 2,
      speed: 1,
      totalBytes: 91810,
    });
    assert.deepEqual(more, []);
  });

  it('keeps all values of a report and none of the previous one', () => {
    const [, second] = parse('frame=5\nfps=9\nprogress=continue\nframe=6\nprogress=continue');
    assert.equal(second?.frames, 6);
    assert.equal(second?.fps, 0);
  });

  it('ignores other lines', () => {
    assert.equal(parse('hello\n\nframe=1\nprogress=continue').length, 1);
  });
});
