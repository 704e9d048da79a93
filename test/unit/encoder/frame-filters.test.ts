import assert from 'node:assert/strict';
import {
  type FrameSource,
  frameFilters,
  frameInputOptions,
} from '../../../src/encoder/arguments/frame-filters.js';
import type { FfmpegCapabilities } from '../../../src/encoder/ffmpeg-capabilities.js';
import type { FrameInfo, MediaInfo } from '../../../src/encoder/media-info.js';
import { encodeSettings } from '../../integration/encoder/encoder-session.js';

const { video } = encodeSettings({});
const COMPLETE: FfmpegCapabilities = {
  path: '/usr/bin/ffmpeg',
  version: '5.1.9',
  libavformatMajor: 59,
  encoders: ['libx264', 'libvpx-vp9'],
  filters: ['zscale', 'tonemap'],
  protocols: [],
  devices: [],
  outputDevices: [],
  capturesWholeScreen: true,
  capturesWindows: true,
};

function mediaOf(frame: Partial<FrameInfo>, media: Partial<MediaInfo> = {}): MediaInfo {
  return {
    hasVideo: true,
    hasAudio: false,
    width: 1280,
    height: 720,
    frame: {
      container: 'mov,mp4,m4a,3gp,3g2,mj2',
      codec: 'h264',
      index: 0,
      pixelFormat: 'yuv420p',
      matrix: 'bt709',
      fields: 'progressive',
      fps: 25,
      hasAlphaTrack: false,
      ...frame,
    },
    ...media,
  };
}

function filtersOf(
  source: FrameSource,
  { fps = 30, capabilities = COMPLETE, rate = [] as string[] } = {},
): string {
  return frameFilters(source, { video: { ...video, fps }, capabilities, rate }).join(',');
}

function ofMedia(frame: Partial<FrameInfo>, media: Partial<MediaInfo> = {}, options = {}): string {
  return filtersOf({ type: 'media', media: mediaOf(frame, media) }, options);
}

describe('frameFilters', () => {
  it('keep the aspect ratio of a layer, and pad nothing: within a size, or covering it', () => {
    const filters = (fit: 'contained' | 'covering' | 'native') =>
      frameFilters(
        { type: 'media', media: mediaOf({}) },
        { video: { ...video, fps: 30, fit }, capabilities: COMPLETE },
      ).join(',');
    assert.match(filters('contained'), /^scale=w=max\(2\\,trunc\(min\(320\\,180\*dar\)\/2\)\*2\):h=/);
    const moderate = 'between(dar\\,0.888889\\,3.555556)';
    const [w, h] = [
      `if(${moderate}\\,max(320\\,180*dar)\\,min(320\\,180*dar))`,
      `if(${moderate}\\,max(180\\,320/dar)\\,min(180\\,320/dar))`,
    ];
    assert.ok(filters('covering').startsWith(`scale=w=max(2\\,trunc(${w}/2)*2):h=max(2\\,trunc(${h}/2)*2)`));
    for (const fit of ['contained', 'covering', 'native'] as const) assert.doesNotMatch(filters(fit), /pad=/);
  });

  it('only fits and tags a frame that is right', () => {
    assert.equal(
      ofMedia({}),
      'scale=w=max(2\\,trunc(min(320\\,180*dar)/2)*2):h=max(2\\,trunc(min(180\\,320/dar)/2)*2)' +
        ':in_color_matrix=auto:out_color_matrix=bt709:out_range=tv,format=yuv420p' +
        ',pad=320:180:(ow-iw)/2:(oh-ih)/2:eval=frame,setsar=1' +
        ',setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709',
    );
  });

  it('deinterlaces what may be interlaced, before frames are chosen by their time', () => {
    const deint = /^bwdif=mode=send_frame:parity=auto:deint=interlaced,fps=30,scale=/;
    const rate = { rate: ['fps=30'] };
    assert.match(filtersOf({ type: 'media' }, rate), deint, 'not opened yet');
    assert.match(ofMedia({ fields: 'interlaced' }, {}, rate), deint);
    assert.match(ofMedia({ container: 'mpegts' }, {}, rate), deint, 'a broadcast may change');
    const { fields: _, ...unknown } = mediaOf({}).frame ?? assert.fail();
    assert.match(filtersOf({ type: 'media', media: { ...mediaOf({}), frame: unknown } }, rate), deint);
    for (const pixelFormat of ['rgb24', 'yuva420p']) {
      assert.doesNotMatch(ofMedia({ container: 'mpegts', pixelFormat }), /bwdif/, pixelFormat);
    }
    for (const source of [{ type: 'screen' }, { type: 'camera' }, { type: 'image' }] as const) {
      assert.doesNotMatch(filtersOf(source), /bwdif/, source.type);
    }
  });

  it('makes a frame of each field only for a programme of twice the rate', () => {
    assert.match(ofMedia({ fields: 'interlaced' }, {}, { fps: 50 }), /bwdif=mode=send_field/);
    assert.match(ofMedia({ fields: 'interlaced', fps: 29.97 }, {}, { fps: 60 }), /bwdif=mode=send_field/);
    assert.match(ofMedia({ fields: 'interlaced' }, {}, { fps: 30 }), /bwdif=mode=send_frame/);
    assert.match(ofMedia({ container: 'mpegts' }, {}, { fps: 50 }), /bwdif=mode=send_frame/);
  });

  it('converts BT.601, tagged or of SD, and takes untagged HD for BT.709', () => {
    assert.match(ofMedia({ matrix: 'smpte170m' }), /^colorspace=all=bt709:.*:fast=1,scale=/);
    assert.doesNotMatch(ofMedia({ matrix: 'smpte170m' }), /ispace/);
    const { matrix: _, ...frame } = mediaOf({}).frame ?? assert.fail();
    const untagged = (height: number, container = 'avi', pixelFormat = 'yuv420p') =>
      filtersOf({
        type: 'media',
        media: { ...mediaOf({}), height, frame: { ...frame, container, pixelFormat } },
      });
    assert.match(untagged(576), /^colorspace=all=bt709:.*:ispace=smpte170m:fast=1,/);
    assert.match(untagged(577), /^setparams=colorspace=bt709,scale=/);
    // Left to "scale", which takes what is not tagged for BT.601.
    assert.match(untagged(576, 'mpegts'), /^bwdif=[^,]*,scale=/);
    assert.match(untagged(576, 'avi', 'nv12'), /^scale=/);
    assert.match(untagged(1080, 'avi', 'rgb24'), /^scale=/);
  });

  it('multiplies frames by their alpha', () => {
    const rgb = /^format=gbrap,setparams=range=pc,premultiply=inplace=1,scale=/;
    for (const pixelFormat of ['rgba', 'bgra', 'pal8', 'ya8', 'gbrap12le'])
      assert.match(ofMedia({ pixelFormat }), rgb);
    for (const pixelFormat of ['yuva420p', 'yuva444p12le']) {
      assert.match(ofMedia({ pixelFormat }), /^premultiply=inplace=1,scale=/);
    }
    assert.match(ofMedia({ hasAlphaTrack: true }), /^premultiply=inplace=1,scale=/);
    assert.match(filtersOf({ type: 'image' }), rgb);
    for (const [alpha, filters] of [
      [true, rgb],
      [false, /^scale=/],
    ] as const) {
      assert.match(filtersOf({ type: 'image', image: { orientation: 1, alpha } }), filters);
    }
  });

  it('turns images by EXIF, and nothing that ffmpeg itself turns', () => {
    const turned = (orientation: number) =>
      filtersOf({ type: 'image', image: { alpha: false, orientation } }).split(',scale=')[0];
    assert.deepEqual([2, 3, 4, 5, 6, 7, 8].map(turned), [
      ...['hflip', 'hflip,vflip', 'vflip', 'transpose=cclock_flip', 'transpose=clock'],
      ...['transpose=clock_flip', 'transpose=cclock'],
    ]);
    assert.doesNotMatch(filtersOf({ type: 'media', media: mediaOf({}) }), /transpose/);
  });

  for (const transfer of ['smpte2084', 'arib-std-b67']) {
    it(`maps the light of ${transfer} to BT.709, at the size of the canvas`, () => {
      const hdr = {
        pixelFormat: 'yuv420p10le',
        matrix: 'bt2020nc',
        primaries: 'bt2020',
        range: 'tv',
        transfer,
      } as const;
      assert.match(
        ofMedia(hdr),
        /^zscale=w=.*:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius.*,zscale=t=bt709,format=gbrp,scale=in_color_matrix/,
      );
      const { matrix: _, ...partly } = mediaOf(hdr).frame ?? assert.fail();
      const filters = filtersOf({
        type: 'media',
        media: { ...mediaOf({}), frame: { ...partly, pixelFormat: 'p010le' } },
      });
      assert.match(filters, /setparams=colorspace=bt2020nc,zscale=/);
      for (const missing of ['zscale', 'tonemap']) {
        const capabilities = { ...COMPLETE, filters: COMPLETE.filters.filter((name) => name !== missing) };
        assert.throws(() => ofMedia(hdr, {}, { capabilities }), {
          code: 'ffmpeg.unsupported',
          message: new RegExp(`HDR.*"${missing}"`),
          where: '/usr/bin/ffmpeg',
        });
      }
    });
  }

  it('converts the primaries of BT.2020 where it can', () => {
    const wide = { matrix: 'bt2020nc', primaries: 'bt2020', transfer: 'bt709', range: 'tv' } as const;
    assert.match(ofMedia(wide), /^zscale=w=.*:p=bt709:t=bt709,format=gbrp,scale=/);
    assert.match(ofMedia(wide, {}, { capabilities: { ...COMPLETE, filters: [] } }), /^scale=w=/);
  });
});

describe('frameInputOptions', () => {
  it('takes what has not been opened for BT.709 where it is not tagged', () => {
    assert.deepEqual(frameInputOptions(undefined, COMPLETE), ['-colorspace', 'bt709']);
    assert.deepEqual(frameInputOptions(mediaOf({}), COMPLETE), []);
  });

  it('has the alpha of VP8 and VP9 decoded where a decoder can', () => {
    const vp9 = mediaOf({ codec: 'vp9', hasAlphaTrack: true });
    assert.deepEqual(frameInputOptions(vp9, COMPLETE), ['-c:v', 'libvpx-vp9']);
    assert.deepEqual(frameInputOptions(vp9, undefined), ['-c:v', 'libvpx-vp9']);
    assert.deepEqual(frameInputOptions(vp9, { ...COMPLETE, encoders: [] }), []);
    assert.deepEqual(frameInputOptions(mediaOf({ codec: 'vp8', hasAlphaTrack: true }), undefined), [
      '-c:v',
      'libvpx',
    ]);
    assert.deepEqual(frameInputOptions(mediaOf({ codec: 'vp9' }), COMPLETE), []);
  });
});
