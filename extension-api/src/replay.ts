import type { Event } from './lifecycle.js';

/**
 * State of the replay buffer.
 *
 * - `off`: nothing is kept.
 * - `buffering`: the last seconds are kept.
 * - `saving`: they are kept, and a replay is written.
 *
 * @since 1.1
 */
export type ReplayState = 'off' | 'buffering' | 'saving';

/**
 * The replay buffer of this broadcast, or of the last one.
 *
 * @since 1.1
 */
export interface ReplayStatus {
  /** What it does. */
  readonly state: ReplayState;
  /** How much is kept at most, s. */
  readonly seconds: number;
  /** How much is kept now, ms. */
  readonly heldMs: number;
  /** Replays that were saved in this broadcast. */
  readonly saved: number;
  /** Path of the one that was saved last. */
  readonly file?: string;
  /** Why the last one was not saved, for the streamer. */
  readonly error?: string;
}

/**
 * A replay that is complete.
 *
 * @since 1.1
 */
export interface SavedReplay {
  /** Path of its file; of the last one, where the stream has changed its format within it. */
  readonly path: string;
  /** How long it is, ms. */
  readonly durationMs: number;
  /** Its size. */
  readonly bytes: number;
}

/**
 * What a replay is saved with; what is absent is as the streamer has configured it.
 *
 * @since 1.1
 */
export interface ReplayOptions {
  /** How much of the end is saved, s: from the last keyframe before. Everything that is kept without it. */
  readonly seconds?: number;
  /** Name of the file without a folder, which may hold `{date}`, `{time}`, `{scene}`, `{profile}` and `{n}`. */
  readonly name?: string;
}

/**
 * The last seconds of the broadcast, saved to a file on demand. A source of the type `replay` shows the one that was saved last. Needs the
 * permission `replay`, for reading as well.
 *
 * Every call fails with an error with the code `permission.denied`; `replay.state` where it does not apply now, such as while the buffer is off; `rpc.busy` for
 * more than 20 at once, or more than 10 a second after that.
 *
 * @since 1.1
 */
export interface Replay {
  /** Undefined if nothing has been kept of this broadcast. */
  status(): Promise<ReplayStatus | undefined>;
  /**
   * Resolves when the file is complete.
   *
   * @example
   * ```ts
   * const { path } = await replay.save({ seconds: 20, name: 'goal {n}' });
   * context.log.info('saved: %s', path);
   * ```
   *
   * @throws An error with the code `replay.failed` if it cannot be written; `config.invalid` for a name, or more seconds than are kept.
   */
  save(options?: ReplayOptions): Promise<SavedReplay>;
  /** Turns the buffer on, or has it keep more or less. @param seconds as configured without it */
  start(seconds?: number): Promise<void>;
  /** Turns it off; what is kept is forgotten. */
  stop(): Promise<void>;
  /**
   * A replay is complete, also one that the streamer or another plugin has saved.
   *
   * @example
   * ```ts
   * replay.onDidSave(() => scenes.switch('again'));
   * ```
   */
  readonly onDidSave: Event<SavedReplay>;
}
