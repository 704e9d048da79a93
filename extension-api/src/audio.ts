import type { Disposable } from './lifecycle.js';
import type { Change } from './overlays.js';

/** How the sound of one source is mixed. What is absent has its default; the streamer's documentation of `mixer` says more. */
export interface SoundSettings {
  /** How much louder or quieter it is, dB: -60 to 30. */
  readonly gainDb?: number;
  /** Whether it is not heard; false by default. */
  readonly muted?: boolean;
  /** Whether only it is heard, and others that have this. */
  readonly solo?: boolean;
  /** -1 is left alone, 1 right alone. */
  readonly pan?: number;
  /** How much later it is heard, ms; earlier below 0. -500 to 5000, 0 by default. */
  readonly delayMs?: number;
  /** Whether it is heard while a scene on air shows it (`with-scene`, the default), or in every scene. */
  readonly mode?: 'with-scene' | 'always';
  /** Whether the streamer's computer plays it while it is heard; `only`: viewers do not hear it. */
  readonly monitor?: 'off' | 'on' | 'only';
  /** Silences what is quiet. */
  readonly gate?: Readonly<Record<string, number>> | undefined;
  /** Low, middle and high frequencies, louder or quieter. */
  readonly equalizer?: Readonly<Record<string, number>> | undefined;
  /** Makes loud parts quieter. */
  readonly compressor?: Readonly<Record<string, number>> | undefined;
  /** Makes it quieter while another source, `by`, is heard. */
  readonly ducking?: Readonly<Record<string, number | string>> | undefined;
}

/** How a source is mixed, with every default filled in. */
export interface MixedSource extends SoundSettings {
  /** Of the source. */
  readonly id: string;
}

/** How loud a sound is; null for silence. */
export interface SoundLevels {
  /** Highest sample since the levels before, dBFS; where levels are not followed, of the last 50 ms. */
  readonly peakDbfs: number | null;
  /** dBFS */
  readonly rmsDbfs: number | null;
  /** Loudness of the last 3 s, LUFS (EBU R128). */
  readonly shortTermLufs: number | null;
}

/** How loud it is at one moment. */
export interface AudioLevels {
  /** Of what viewers hear. */
  readonly mix: SoundLevels;
  /** Of each source that is open, by its id, before it is muted and faded. */
  readonly sources: Readonly<Record<string, SoundLevels>>;
}

/**
 * The sound of the broadcast's scenes. Changes are kept for the show; the streamer's undo leaves them as they are. Needs the permission `audio`.
 *
 * Every call fails with an error with the code `permission.denied`; `broadcast.state` while there is no broadcast, or one without scenes;
 * `source.notFound` or `config.invalid`, and then nothing has changed; `rpc.busy` for more than 100 changes or 20 other calls at once, or more
 * than 30 or 10 a second after that.
 */
export interface Audio {
  /** How each source is mixed. */
  list(): Promise<readonly MixedSource[]>;
  /**
   * Changes how a source is mixed, without a click.
   *
   * @example
   * ```ts
   * await audio.set('music', { gainDb: -12 });
   * ```
   */
  set(id: string, change: Change<SoundSettings>): Promise<void>;
  /**
   * Calls the listener with the levels, again and again while there is a broadcast with scenes.
   *
   * @example
   * ```ts
   * context.subscriptions.push(
   *   audio.followLevels(1000, ({ mix }) => {
   *     status.text = mix.shortTermLufs === null ? 'silent' : `${mix.shortTermLufs.toFixed(1)} LUFS`;
   *   }),
   * );
   * ```
   *
   * @param intervalMs how often, 50 to 10,000 ms
   * @returns disposing ends it
   * @throws An error with the code `permission.denied` or `config.invalid`. Without the permission the activation fails.
   */
  followLevels(intervalMs: number, listener: (levels: AudioLevels) => unknown): Disposable;
}
