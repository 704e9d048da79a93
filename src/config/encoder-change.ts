import { resolve } from 'node:path';
import { checkValue } from '../base/check-value.js';
import * as z from '../base/zod.js';
import type { EncoderSettingsChange } from '../protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { describeExpectation } from './describe-issue.js';
import { AUDIO_SETTINGS, VIDEO_SETTINGS } from './encoding-schema.js';
import { suggestion } from './nearest.js';

const {
  bitrateKbps,
  keyframeIntervalSeconds,
  encoder,
  preset,
  tune,
  constantBitrate,
  precisionTimestamps,
  profile,
  bFrames,
  lookahead,
} = VIDEO_SETTINGS;

/** What can be changed on air. Without the defaults: what is absent stays as it is. */
export const CHANGEABLE = {
  video: {
    bitrateKbps: bitrateKbps.unwrap().optional(),
    keyframeIntervalSeconds: keyframeIntervalSeconds.unwrap().optional(),
    encoder: encoder.unwrap().max(100).optional(),
    preset: preset.unwrap().max(100).optional(),
    tune: tune.unwrap().optional(),
    constantBitrate: constantBitrate.unwrap().optional(),
    precisionTimestamps: precisionTimestamps.unwrap().optional(),
    profile: profile.unwrap().optional(),
    bFrames: bFrames.unwrap().optional(),
    lookahead: lookahead.unwrap().optional(),
  },
  audio: { bitrateKbps: AUDIO_SETTINGS.bitrateKbps.unwrap().optional() },
};

/** The settings of the encoder that can be changed on air. */
export const EncoderChangeSchema = z.strictObject({
  video: z.strictObject(CHANGEABLE.video).optional(),
  audio: z.strictObject(CHANGEABLE.audio).optional(),
  ffmpeg: z.string().min(1).max(4096).optional(),
});

/** Where a setting is in the configuration. */
export type SettingPath = readonly ['video' | 'audio', string] | readonly ['ffmpeg'];

/** Names on the command line: those of the configuration, and short ones. */
const NAMES: Readonly<Record<string, SettingPath>> = {
  bitrate: ['video', 'bitrateKbps'],
  ...Object.fromEntries(Object.keys(CHANGEABLE.video).map((name) => [name, ['video', name]])),
  keyframeInterval: ['video', 'keyframeIntervalSeconds'],
  audioBitrate: ['audio', 'bitrateKbps'],
  audioBitrateKbps: ['audio', 'bitrateKbps'],
  ffmpeg: ['ffmpeg'],
};

/** Settings that servers and players learn once, at the start. */
const PINNED = new Set(['width', 'height', 'fps']);

/** Settings whose values are texts, also where they look like a number: SVT-AV1's presets do. */
const TEXTS = new Set(['encoder', 'preset', 'tune', 'profile']);

const NUMBER = /^-?\d+(\.\d+)?$/;

export type SettingValue = string | number | boolean;

/** A change as given on the command line. */
export interface GivenChange {
  readonly change: EncoderSettingsChange;
  /** The same, as it is written into a configuration. */
  readonly settings: readonly { readonly path: SettingPath; readonly value: SettingValue }[];
}

/**
 * Reads `bitrate=4000 preset=faster`.
 *
 * @param folder base of a relative path of ffmpeg
 * @throws BulkheadError `config.invalid` that names what is wrong, and the nearest name
 */
export function parseEncoderChange(assignments: readonly string[], folder: string): GivenChange {
  const given = new Map<string, { readonly path: SettingPath; readonly value: SettingValue }>();
  for (const assignment of assignments) {
    const [, name = '', text = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === '') throw invalid(`expected NAME=VALUE, such as bitrate=4000, got "${assignment}"`);
    const path = pathOf(name);
    const key = path.join('.');
    if (given.has(key)) throw invalid(`${name}: this setting is given twice; keep one of them`);
    const value = path[0] === 'ffmpeg' ? resolve(folder, text) : readSetting(path[1], text);
    given.set(key, { path, value });
  }
  const settings = [...given.values()];
  const change: Record<string, unknown> = {};
  for (const { path, value } of settings) {
    const [group, name] = path;
    change[group] = name === undefined ? value : { ...(change[group] as object | undefined), [name]: value };
  }
  const checked = checkValue(EncoderChangeSchema, change, { reportInput: true });
  if (checked.success) return { change: checked.data, settings };
  const [issue] = checked.error.issues;
  if (issue === undefined) throw invalid('a value is not valid');
  throw invalid(`${issue.path.join('.')}: ${describeExpectation(issue)}`);
}

function readSetting(name: string, text: string): SettingValue {
  if (TEXTS.has(name)) return text;
  if (NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

function pathOf(name: string): SettingPath {
  const path = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (path !== undefined) return path;
  if (PINNED.has(name)) {
    throw invalid(`"${name}" cannot be changed on air, since many servers and players do not take that`, {
      remedy: 'Change it in the configuration, and start the broadcast again.',
    });
  }
  throw invalid(`unknown setting "${name}"; ${suggestion(name, Object.keys(NAMES))}`);
}

function invalid(message: string, options: { readonly remedy?: string } = {}): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, options);
}
