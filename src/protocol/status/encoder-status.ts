import type { EncoderSettings } from '../encoder-settings.js';
import type { ErrorData } from '../errors.js';
import type { PartState } from '../lifecycle.js';
import type { OutputVideo } from './output-status.js';

/** `waiting`: it has not delivered yet. `lost`: it has delivered before; viewers see its last frame. */
export type InputState = 'waiting' | 'delivering' | 'lost';

/** The input of the encoder. */
export interface InputStatus {
  /** One printable line, without keys and passwords: `talk.mp4`, `rtmp://host/app/***`. */
  readonly name: string;
  /** Whether it delivers. */
  readonly state: InputState;
  /** How long it has delivered nothing, ms; 0 while it delivers. */
  readonly missingMs: number;
  /** Whether it is a file that is looped. */
  readonly loops: boolean;
  /** Why it delivers nothing. */
  readonly error?: ErrorData;
}

/** The bitrate while it follows the outputs. */
export interface AdaptiveBitrateStatus {
  /** Video bitrate at present, kbit/s. */
  readonly bitrateKbps: number;
  /** The least that it goes down to, kbit/s. */
  readonly leastKbps: number;
  /** That of the settings, kbit/s. */
  readonly mostKbps: number;
  /** Id of the output whose network carries the least, while that is less than the settings say. */
  readonly slowest?: string | undefined;
}

/** An encode that outputs have for themselves. */
export interface RenditionStatus {
  /** Its number. */
  readonly id: number;
  /** What is asked for. */
  readonly video: OutputVideo;
  /** Id of the source that is encoded alone, for a recording. */
  readonly source?: string | undefined;
  /** Process id of its video encoder at work; 0 while none runs. */
  readonly videoPid: number;
  /** Process id of its video encoder that waits to take over. */
  readonly heldVideoPid: number;
  /** Frames that it has encoded in the last second. */
  readonly fps: number;
  /** Bitrate of its video in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Frames that were left out since its encoder was too slow, in this run. */
  readonly skippedSlots: number;
  /** Why it is not encoded. */
  readonly error?: ErrorData;
}

/** The process that encodes, and its ffmpegs. */
export interface EncoderStatus {
  /** Process id of the encoder's process. */
  readonly pid: number;
  /** Process id of the video encoder at work; 0 while none runs, as for the other three. */
  readonly videoPid: number;
  /** Process id of the AAC encoder at work. */
  readonly audioPid: number;
  /** Process id of the video encoder that waits to take over. */
  readonly heldVideoPid: number;
  /** Process id of the AAC encoder that waits to take over. */
  readonly heldAudioPid: number;
  /** Of the encoders of the mixer's buses, in their order; absent where there are none. */
  readonly busPids?: readonly number[] | undefined;
  /** The video encoder's preset at work. */
  readonly preset?: string | undefined;
  /** Frames that were left out since the encoder was too slow, in this run. */
  readonly skippedSlots: number;
  /** Frames that were shown again since the input had no new one, in this run. */
  readonly repeatedFrames: number;
  /** Encoder runs spliced into this broadcast so far. */
  readonly epoch: number;
  /** How often it was restarted. */
  readonly restarts: number;
  /** State of the process. */
  readonly state: PartState;
  /** Whether it is a process of its own. */
  readonly isolated: boolean;
  /** Frames that it has encoded in the last second; 0 where nothing has been heard of it for longer. */
  readonly fps: number;
  /** Bitrate of what it has encoded in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Frames that it has been given and has not delivered yet. */
  readonly queuedFrames: number;
  /** What is encoded another time, for outputs that ask for it; absent where none does. */
  readonly renditions?: readonly RenditionStatus[];
  /** Its settings, where they were changed on air. */
  readonly settings?: EncoderSettings | undefined;
  /** The bitrate, where it follows the outputs. */
  readonly adaptive?: AdaptiveBitrateStatus | undefined;
  /** Why it does not encode. */
  readonly error?: ErrorData;
}
