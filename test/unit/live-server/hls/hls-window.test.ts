import assert from 'node:assert/strict';
import type { InitSegment } from '../../../../src/live-server/hls/hls-segments.js';
import { HlsWindow } from '../../../../src/live-server/hls/hls-window.js';

const MIB = 1024 * 1024;

describe('HlsWindow', () => {
  let window: HlsWindow;
  const init: InitSegment = { bytes: Buffer.from('first') };

  beforeEach(() => {
    window = new HlsWindow();
  });

  const add = (count: number, { discontinuous = false, bytes = 10, of = init } = {}) => {
    for (let index = 0; index < count; index += 1)
      window.add({ bytes: Buffer.alloc(bytes), init: of, durationMs: 2000, discontinuous });
  };
  const files = () => window.playlist('')?.match(/^hls\/.*$/gm) ?? [];

  it('has nothing to play at first', () => {
    assert.equal(window.playlist(''), undefined);
    assert.equal(window.file('0.m4s'), undefined);
  });

  it('lists what it has, with the query behind each address', () => {
    add(2);
    assert.deepEqual(window.playlist('?token=x')?.split('\n'), [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="hls/init-1.mp4?token=x"',
      '#EXTINF:2.000,',
      'hls/0.m4s?token=x',
      '#EXTINF:2.000,',
      'hls/1.m4s?token=x',
      '',
    ]);
    assert.equal(window.file('init-1.mp4')?.toString(), 'first');
    assert.equal(window.file('1.m4s')?.length, 10);
  });

  it('keeps the newest ones, and what they need', () => {
    add(3);
    add(1, { discontinuous: true, of: { bytes: Buffer.from('second') } });
    add(6);
    assert.deepEqual([files().length, files()[0]], [8, 'hls/2.m4s']);
    assert.match(window.playlist('') ?? '', /SEQUENCE:2\n#EXT-X-DISCONTINUITY-SEQUENCE:0/);
    assert.match(window.playlist('') ?? '', /#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="hls\/init-2.mp4"/);
    add(2, { of: { bytes: Buffer.from('third') } });
    assert.match(window.playlist('') ?? '', /#EXT-X-DISCONTINUITY-SEQUENCE:1/);
    assert.deepEqual([window.file('0.m4s'), window.file('init-1.mp4')], [undefined, undefined]);
  });

  it('bounds their memory', () => {
    add(8, { bytes: 11 * MIB });
    assert.equal(files().length, 2);
  });

  it('says when the stream is over, and when it is not any more', () => {
    add(1);
    window.end();
    assert.match(window.playlist('') ?? '', /#EXT-X-ENDLIST\n$/);
    add(1);
    assert.doesNotMatch(window.playlist('') ?? '', /ENDLIST/);
  });

  it('has no file but those', () => {
    add(1);
    for (const name of ['', '../0.m4s', '00', '0.m4s/', 'init-0.mp4', 'init-1.mp4x'])
      assert.equal(window.file(name), undefined, name);
  });
});
