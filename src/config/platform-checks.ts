import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';
import { type Platform, type PlatformName, platformOf } from './platforms.js';
import type { BroadcastConfig, OutputConfig, VideoConfig } from './schema.js';
import { isSecretReference } from './secret-references.js';
import { codecOf } from './video-codec.js';

const CODEC_NAMES = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1' } as const;

/** Of an output, as far as it concerns its key. */
export interface KeyedOutput {
  readonly platform?: PlatformName | undefined;
  readonly url?: string | undefined;
  /** The key itself. */
  readonly key?: string | undefined;
}

interface Warning {
  readonly path: ConfigPath;
  readonly message: string;
}

/**
 * Checks the keys that stand in the configuration itself.
 *
 * @throws ConfigError with every mistake found
 */
export function checkPlatforms({ outputs }: BroadcastConfig, where: (path: ConfigPath) => string): void {
  const mistakes = outputs.flatMap((output, index): ConfigMistake[] => {
    const message = isReference(output.key) ? undefined : findKeyError(output);
    if (message === undefined) return [];
    const path = ['outputs', index, 'key'];
    return [{ where: where(path), message: `outputs[${index}].key: ${message}` }];
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}

/** What a platform does not take, or not for long, by what its pages say. */
export function findPlatformWarnings(
  config: BroadcastConfig,
  where: (path: ConfigPath) => string,
): ConfigMistake[] {
  return config.outputs.flatMap((output, index) => {
    const platform = platformOf(output.platform);
    if (platform === undefined) return [];
    const key = isReference(output.key) ? undefined : findKeyWarning(output);
    const warnings: Warning[] = [
      ...findTransportWarnings(platform, output.url, ['outputs', index, 'url']),
      ...findTransportWarnings(platform, output.backupUrl, ['outputs', index, 'backupUrl']),
      ...findBackupWarnings(platform, output, index),
      ...(key === undefined ? [] : [{ path: ['outputs', index, 'key'], message: key }]),
      // What a publisher sends is passed on as it is, whatever the encoder is set to.
      ...(config.input.type === 'ingest' ? [] : findEncodingWarnings(platform, config)),
    ];
    return warnings.map(({ path, message }) => ({
      where: where(path),
      message: `output "${output.id}": ${message}`,
    }));
  });
}

/** Why a key cannot be the platform's. The message does not repeat it. */
export function findKeyError({ platform: name, url, key }: KeyedOutput): string | undefined {
  const platform = platformOf(name);
  if (platform === undefined) return undefined;
  if (key === undefined) {
    // A key may as well be the last part of another address.
    return url === platform.url ? `missing; expected the stream key of ${platform.name}` : undefined;
  }
  return /\s/.test(key.trim())
    ? `a stream key of ${platform.name} has no spaces: copy the key alone, once more`
    : undefined;
}

/** What is unusual of a key. The message does not repeat it. */
export function findKeyWarning({ platform: name, key }: KeyedOutput): string | undefined {
  const { name: title, keyBeginning } = platformOf(name) ?? {};
  if (keyBeginning === undefined || key === undefined || key.trim().startsWith(keyBeginning))
    return undefined;
  return `stream keys of ${title} begin with "${keyBeginning}", and this one does not; it may be another platform's, or copied in part`;
}

function findTransportWarnings({ name, needsTls }: Platform, url = '', path: ConfigPath): Warning[] {
  if (needsTls !== true || !/^rtmp:/i.test(url.trim())) return [];
  return [{ path, message: `${name} takes RTMPS only; write rtmps:// in "${path.at(-1)}"` }];
}

function findBackupWarnings({ name, backup }: Platform, output: OutputConfig, index: number): Warning[] {
  if (output.backup !== 'at-once' || backup?.mode === 'at-once') return [];
  const message = `${name} takes one stream at a time, as far as is known; set "backup" to "on-failure"`;
  return [{ path: ['outputs', index, 'backup'], message }];
}

function findEncodingWarnings(platform: Platform, { video, audio }: BroadcastConfig): Warning[] {
  const { name, codecs, largest = [], fps, keyframeSeconds, audioKbps } = platform;
  const warnings: Warning[] = [];
  const warn = (setting: string, message: string) =>
    warnings.push({ path: setting.split('.'), message: `${name} ${message}` });

  const codec = codecOf(video.encoder);
  if (codec !== undefined && codecs !== undefined && !codecs.includes(codec)) {
    const taken = codecs.map((one) => CODEC_NAMES[one]).join(' and ');
    warn(
      'video.encoder',
      `takes ${taken}, and no ${CODEC_NAMES[codec]}; set "video.encoder" to "libx264", or another of ${taken}`,
    );
  }
  const kbps = videoBitrateLimit(platform, video);
  if (video.bitrateKbps > kbps) {
    const ofThis = platform.bitrates?.length === 1 ? 'video' : `video of ${describeVideo(video)}`;
    warn(
      'video.bitrateKbps',
      `takes at most ${kbps} kbit/s of ${ofThis}; set "video.bitrateKbps" to ${kbps} or less`,
    );
  }
  const [long = Infinity, short = Infinity] = largest;
  if (Math.max(video.width, video.height) > long || shortSide(video) > short) {
    const size = video.height > video.width ? `${short}x${long}` : `${long}x${short}`;
    warn(
      video.height > video.width ? 'video.height' : 'video.width',
      `takes video of at most ${size}; set "video.width" and "video.height" to ${size.replace('x', ' and ')} or less`,
    );
  }
  if (fps !== undefined && video.fps > fps) {
    warn('video.fps', `takes at most ${fps} frames per second; set "video.fps" to ${fps} or less`);
  }
  if (keyframeSeconds !== undefined && video.keyframeIntervalSeconds > keyframeSeconds) {
    warn(
      'video.keyframeIntervalSeconds',
      `asks for a keyframe every ${keyframeSeconds} s at least; set "video.keyframeIntervalSeconds" to 2`,
    );
  }
  if (audioKbps !== undefined && audio.bitrateKbps > audioKbps) {
    warn(
      'audio.bitrateKbps',
      `takes at most ${audioKbps} kbit/s of audio; set "audio.bitrateKbps" to ${audioKbps} or less`,
    );
  }
  return warnings;
}

function videoBitrateLimit({ bitrates = [] }: Platform, video: VideoConfig): number {
  const row = bitrates.find(({ height, fps }) => shortSide(video) <= height && video.fps <= fps);
  return (row ?? bitrates.at(-1))?.kbps ?? Infinity;
}

function shortSide({ width, height }: VideoConfig): number {
  return Math.min(width, height);
}

function describeVideo({ width, height, fps }: VideoConfig): string {
  return `${width}x${height} at ${fps} frames per second`;
}

function isReference(key: string | undefined): boolean {
  return key !== undefined && isSecretReference(key);
}
