import type { Event } from './lifecycle.js';

/**
 * State of a recording.
 *
 * - `starting`: no frame is on the disk yet.
 * - `recording`: frames are written.
 * - `paused`: nothing is added until it is resumed.
 * - `stopping`: the file is being ended.
 * - `stopped`: the file is complete.
 * - `failed`: it was ended, or left, for the reason in `error`.
 *
 * @since 1.1
 */
export type RecordingState = 'starting' | 'recording' | 'paused' | 'stopping' | 'stopped' | 'failed';

/**
 * The recording of this broadcast, or of the last one. What it says to be written is on the disk.
 *
 * @since 1.1
 */
export interface RecordingStatus {
  /** What it does. */
  readonly state: RecordingState;
  /** Path of the file that is written, or was last; absent before the first. */
  readonly file?: string;
  /** Container of its files. */
  readonly format: 'mkv' | 'fragmented-mp4' | 'hybrid-mp4';
  /** Number of its files so far. */
  readonly files: number;
  /** Duration of what is on the disk, ms. */
  readonly recordedMs: number;
  /** Size of what is on the disk, bytes. */
  readonly writtenBytes: number;
  /** Media that was left out since the disk did not keep up, ms. */
  readonly lostMs: number;
  /** Why it is not recording, or what is wrong with the disk, for the streamer. */
  readonly error?: string;
}

/**
 * What a recording is begun with; what is absent is as the streamer has configured it.
 *
 * @since 1.1
 */
export interface RecordingOptions {
  /** Container of its files. */
  readonly format?: 'mkv' | 'fragmented-mp4' | 'hybrid-mp4';
  /** Name of its files without a folder, which may hold `{date}`, `{time}`, `{scene}`, `{profile}` and `{n}`. */
  readonly name?: string;
}

/**
 * Recording the broadcast, in the folder of the streamer's configuration. Needs the permission `recording`, for reading as well.
 *
 * Every call fails with an error with the code `permission.denied`; `recording.state` where it does not apply now; `rpc.busy` for more than 20 at once,
 * or more than 10 a second after that.
 *
 * @since 1.1
 */
export interface Recording {
  /** Undefined if nothing has been recorded of this broadcast. */
  status(): Promise<RecordingStatus | undefined>;
  /** Begins a recording, from the last keyframe on. @throws An error with the code `config.invalid` for a name. */
  start(options?: RecordingOptions): Promise<void>;
  /** Resolves when the file is complete. */
  stop(): Promise<void>;
  /** Leaves out what follows. */
  pause(): Promise<void>;
  /** Goes on with the next keyframe, without a gap in the file. */
  resume(): Promise<void>;
  /** Goes on in another file from the next keyframe. */
  split(): Promise<void>;
  /**
   * Sets a chapter at this moment. Markers of the broadcast become chapters as well: see `broadcast.addMarker`.
   *
   * @param title One line, 100 characters at most.
   */
  addChapter(title: string): Promise<void>;
  /**
   * Fires with the recording when its state has changed, or it goes on in another file, or something is wrong with the disk.
   *
   * @example
   * ```ts
   * recording.onDidChange(({ state, file }) => {
   *   if (state === 'stopped') context.log.info('recorded: %s', file);
   * });
   * ```
   */
  readonly onDidChange: Event<RecordingStatus>;
}
