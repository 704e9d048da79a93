import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { AudioConfig, VideoConfig } from '../config/schema.js';

// Settings of the encoder that are changed while the broadcast is on air.

/** What can be changed on air; what is absent stays. Frame size and rate are those of the start: many servers do not take others. */
export interface EncoderSettingsChange {
  readonly video?: Partial<Omit<VideoConfig, 'width' | 'height' | 'fps'>> | undefined;
  readonly audio?: Partial<AudioConfig> | undefined;
  /** Path of the ffmpeg to use. */
  readonly ffmpeg?: string | undefined;
}

/** The settings of the encoder as they are now. */
export interface EncoderSettings {
  readonly video: VideoConfig;
  readonly audio: AudioConfig;
  readonly ffmpeg?: string | undefined;
}

/** The encoder of the broadcast. */
export interface EncoderManagement {
  /**
   * Goes on with other settings from a keyframe on, with no frame missing; resolves when that has happened. Fails with `broadcast.state`
   * where the encoder does not run, and else with the reason why the new settings do not work; then the encoder goes on as before.
   */
  setEncoder(change: EncoderSettingsChange): Promise<EncoderSettings>;
}

export namespace SetEncoderRequest {
  export const method = 'encoder/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderSettingsChange, EncoderSettings, never, void, void>(
    method,
  );
}
