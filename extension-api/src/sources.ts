import type { Event } from './lifecycle.js';

/**
 * State of a source:
 *
 * - `cold`: not opened.
 * - `starting`: nothing has come yet.
 * - `live`: it delivers.
 * - `stalled`: it runs and delivers nothing.
 * - `retrying`: it was lost or could not be opened, and is expected back.
 * - `ended`: it has been played to its end.
 * - `failed`: it cannot be opened for a reason that will hardly change by itself, such as a missing file; it is tried again all the same.
 */
export type SourceState = 'cold' | 'starting' | 'live' | 'stalled' | 'retrying' | 'ended' | 'failed';

/** A source of the broadcast's scenes. */
export interface Source {
  /** The source's. */
  readonly id: string;
  /** As in the configuration: `file`, `camera` … */
  readonly type: string;
  /** One line, without keys and passwords: `talk.mp4`. */
  readonly name: string;
  /** Whether it delivers. */
  readonly state: SourceState;
  /** Why it delivers nothing. */
  readonly error?: string;
  /** Id of the source that is shown while this one delivers nothing. */
  readonly fallback?: string;
  /** Whether it is open while no scene on air has it. */
  readonly warm: boolean;
  /** Id of the plugin that has added it; absent for those of the streamer. */
  readonly addedBy?: string;
  /** Ids of the scenes that have it. */
  readonly scenes: readonly string[];
}

/** A source as in the configuration. Relative paths count from the plugin's folder. */
export interface SourceSettings {
  /** Letters, digits, `-` and `_`, 64 at most. */
  readonly id: string;
  /** Such as `file`, `camera`, `colour` or `plugin`. */
  readonly type: string;
  /** The settings of its type, as in `docs/configuration.md`. */
  readonly [setting: string]: unknown;
}

/** A frame that a plugin makes. */
export interface SourceFrame {
  /** Pixels; even, 2 to 1920. The frame is scaled to the place of its layer. */
  readonly width: number;
  /** Likewise. */
  readonly height: number;
  /** Rows of red, green, blue and alpha, 0 to 255 each, without padding; colours are not multiplied by alpha. */
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** Which sources have come, gone, or have other settings: their ids. */
export interface SourceListChange {
  /** Those that there are now. */
  readonly added: readonly string[];
  /** Those that are no more. */
  readonly removed: readonly string[];
  /** Those that have other settings; their states have an event of their own. */
  readonly changed: readonly string[];
}

/** A source has another state. */
export interface SourceStateChange {
  /** The source's. */
  readonly id: string;
  /** Its state before. */
  readonly from: SourceState;
  /** Its state now. */
  readonly to: SourceState;
  /** Why it delivers nothing. */
  readonly error?: string;
}

/**
 * The sources of the broadcast's scenes. Changes are kept for the show; the streamer's undo leaves them as they are. Needs the permission
 * `sources`.
 *
 * Every call fails with an error with the code `permission.denied`; `broadcast.state` while there is no broadcast, or one without scenes;
 * `source.notFound` or `config.invalid`, and then nothing has changed; `rpc.busy` for more than 100 changes or 20 other calls at once, or more
 * than 30 or 10 a second after that.
 */
export interface Sources {
  /** In the streamer's order. */
  list(): Promise<readonly Source[]>;
  /**
   * Adds a source, which a layer of a scene can show then.
   *
   * @example
   * ```ts
   * await sources.add({ id: 'replay', type: 'file', path: join(context.storagePath, 'replay.mp4') });
   * ```
   */
  add(source: SourceSettings): Promise<void>;
  /**
   * Adds a source unless there is one with its id: for a source that has to be there in each broadcast, and after a crash of the plugin may be
   * there already.
   *
   * @example
   * ```ts
   * const prepare = () => sources.addIfMissing({ id: 'notes', type: 'text', text: '' }).catch(() => false);
   * await prepare(); // a broadcast may run
   * scenes.onDidSwitch(({ from }) => from === undefined && prepare()); // the next one begins
   * ```
   *
   * @returns whether it was added
   */
  addIfMissing(source: SourceSettings): Promise<boolean>;
  /**
   * Changes some of its settings; null sets one back to its default. What is on air of it stays until it delivers with the new ones. With another
   * `type`, all settings but `fallback` and `warm` are those of the change.
   */
  set(id: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  /** Removes one that no layer shows. */
  remove(id: string): Promise<void>;
  /** Opens it anew: a file plays from its beginning. */
  restart(id: string): Promise<void>;
  /**
   * Plays a file, or a playlist, once: from its beginning to its end, and heard whatever is on air. It is not seen by that, is no change that the streamer
   * could undo, and begins anew when it is called again. Resolves when it is being opened; {@link onDidChangeState} says when it is `live`, and
   * when it has `ended`.
   *
   * The call fails with `config.invalid` for a source without an end: `type` is `file` or `playlist`, and `loop` false.
   *
   * @example
   * ```ts
   * await sources.addIfMissing({ id: 'horn', type: 'file', path: context.asAbsolutePath('horn.wav'), loop: false });
   * await sources.play('horn');
   * ```
   */
  play(id: string): Promise<void>;
  /**
   * Shows a frame in a source of the type `plugin` of this plugin, until the next one. Frames of a source that is not open, since no scene on air
   * or previewed has it, are dropped: draw it when its state is no longer `cold`.
   *
   * Resolves when the next one may be sent. Bulkhead takes 8 MB a second, such as 8 frames of 512 × 480, and at once what has not been used of a
   * second. One that is sent earlier waits, and takes the place of one of the same source that waits already. The memory of the frame is free at once.
   *
   * The call fails with `config.invalid` for a frame of another size, and with `source.notFound` if this plugin has no source of that id.
   *
   * @example
   * ```ts
   * await sources.add({ id: 'meters', type: 'plugin', plugin: context.extension.id });
   * const rgba = new Uint8Array(320 * 180 * 4);
   * const timer = setInterval(() => {
   *   draw(rgba);
   *   sources.sendFrame('meters', { width: 320, height: 180, rgba }).catch((error) => context.log.warn(String(error)));
   * }, 100);
   * ```
   */
  sendFrame(id: string, frame: SourceFrame): Promise<void>;
  /**
   * Fires soon after sources were added, removed or changed, by anyone, ten times a second at most. Where a broadcast begins, all of its
   * sources are added, and where it ends, all are removed.
   *
   * @example
   * ```ts
   * sources.onDidChange(({ removed }) => {
   *   if (removed.includes('camera')) status.text = 'the camera is gone';
   * });
   * ```
   */
  readonly onDidChange: Event<SourceListChange>;
  /**
   * Fires when a source has another state, while there is a broadcast.
   *
   * @example
   * ```ts
   * sources.onDidChangeState(({ id, to }) => {
   *   if (id === 'camera' && to === 'retrying') void scenes.switchTo('break');
   * });
   * ```
   */
  readonly onDidChangeState: Event<SourceStateChange>;
}
