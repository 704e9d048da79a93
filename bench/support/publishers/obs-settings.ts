import type { FrameSize } from './publisher-kind.js';

export interface ObsProfile {
  /** The file that its one scene shows, again and again. */
  readonly recording: string;
  readonly size: FrameSize;
  readonly server: string;
  readonly key: string;
  /** Of video, kbit/s. */
  readonly bitrateKbps: number;
}

/**
 * OBS's settings as it keeps them, by path below its folder: x264 "ultrafast" with a keyframe every 2 s, so that it runs in
 * real time where there is no GPU.
 */
export function obsSettings({
  recording,
  size,
  server,
  key,
  bitrateKbps,
}: ObsProfile): ReadonlyMap<string, string> {
  const { width, height } = size;
  return new Map([
    [
      'global.ini',
      ini({
        General: { FirstRun: true, EnableAutoUpdates: false },
        Basic: { Profile: NAME, ProfileDir: NAME, SceneCollection: NAME, SceneCollectionFile: NAME },
        BasicWindow: { PreviewEnabled: false, WarnBeforeStartingStream: false },
      }),
    ],
    [
      `basic/profiles/${NAME}/basic.ini`,
      ini({
        General: { Name: NAME },
        Video: {
          BaseCX: width,
          BaseCY: height,
          OutputCX: width,
          OutputCY: height,
          FPSType: 0,
          FPSCommon: 30,
        },
        Audio: { SampleRate: 48_000, ChannelSetup: 'Stereo' },
        Output: { Mode: 'Simple', Reconnect: true, RetryDelay: 2, MaxRetries: 25 },
        SimpleOutput: {
          ...{ StreamEncoder: 'x264', VBitrate: bitrateKbps, ABitrate: 128 },
          ...{ UseAdvanced: true, Preset: 'ultrafast', x264Settings: 'keyint=60' },
        },
      }),
    ],
    [
      `basic/profiles/${NAME}/service.json`,
      JSON.stringify({ type: 'rtmp_custom', settings: { server, key, use_auth: false } }),
    ],
    [`basic/scenes/${NAME}.json`, JSON.stringify(scenes(recording, size))],
  ]);
}

const NAME = 'Bulkhead';
const SCENE = 'Scene';
const SOURCE = 'Recording';
/** OBS's own constants: `OBS_ALIGN_LEFT | OBS_ALIGN_TOP`, `OBS_BOUNDS_SCALE_INNER`. */
const TOP_LEFT = 5;
const FIT = 2;

function scenes(recording: string, { width, height }: FrameSize): object {
  const media = { is_local_file: true, local_file: recording, looping: true, hw_decode: false };
  const item = {
    ...{ name: SOURCE, id: 1, visible: true, align: TOP_LEFT, pos: { x: 0, y: 0 }, scale: { x: 1, y: 1 } },
    ...{ bounds_type: FIT, bounds_align: 0, bounds: { x: width, y: height } },
  };
  return {
    name: NAME,
    current_scene: SCENE,
    current_program_scene: SCENE,
    scene_order: [{ name: SCENE }],
    sources: [
      { id: 'ffmpeg_source', versioned_id: 'ffmpeg_source', name: SOURCE, settings: media, mixers: 255 },
      { id: 'scene', versioned_id: 'scene', name: SCENE, settings: { id_counter: 1, items: [item] } },
    ],
  };
}

function ini(
  sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>,
): string {
  return Object.entries(sections)
    .map(([name, values]) =>
      [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key}=${value}`), ''].join('\n'),
    )
    .join('\n');
}
