import type { ErrorData } from '../errors.js';
import type { OutputStatistics } from '../output-statistics.js';
import type { OutputBackup, OutputState } from './output-connections.js';

/** A live server that the broadcast is sent to. */
export interface OutputStatus extends OutputStatistics {
  /** As in the configuration. */
  readonly id: string;
  /** With the stream key, user name and password replaced by `***`. */
  readonly url: string;
  /** State of its session with the live server. */
  readonly state: OutputState;
  /** RTMP sessions that this output has opened: 1 after any number of encoder crashes. */
  readonly sessions: number;
  /** Bytes of all sessions. */
  readonly bytesSent: number;
  /** Video frames dropped from this output's queue because the server received them too slowly. */
  readonly droppedFrames: number;
  /** Media waiting in this output's queue, ms. */
  readonly queueMs: number;
  /** What has been broadcast and has not aired here yet, ms; absent where the output has no delay. */
  readonly delayMs?: number;
  /** True where that is kept on disk; else absent. */
  readonly delayOnDisk?: true;
  /** The encode of its own that it takes; absent where it takes the programme's. */
  readonly video?: OutputVideo;
  /** False where it takes a clean feed, without overlays; else absent. */
  readonly overlays?: false;
  /** Id of the canvas that it shows; absent for the main one. */
  readonly canvas?: string;
  /** Its two connections, where it has a backup address. It is live when one of them is. */
  readonly backup?: OutputBackup;
  /** The video tracks that it sends, with Twitch Enhanced Broadcasting; absent where it sends the programme alone. */
  readonly tracks?: readonly OutputTrack[];
  /** Why it is not live, or that it loses frames. */
  readonly error?: ErrorData;
}

/** A video track of an output with several of them. */
export interface OutputTrack {
  /** Frame width, pixels. */
  readonly width: number;
  /** Frame height, pixels. */
  readonly height: number;
  /** Video bitrate that is asked for, kbit/s. */
  readonly bitrateKbps: number;
}

/** What an output has encoded for itself; what is absent is as of the programme. */
export interface OutputVideo {
  /** Video bitrate that is asked for, kbit/s. */
  readonly bitrateKbps?: number | undefined;
  /** Frame height, pixels. */
  readonly height?: number | undefined;
  /** The encoder's preset. */
  readonly preset?: string | undefined;
  /** Without B-frames, where the programme has some. */
  readonly bFrames?: 0 | undefined;
  /** False for a clean feed, without overlays. */
  readonly overlays?: false | undefined;
}
