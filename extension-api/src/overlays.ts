import type { Disposable } from './lifecycle.js';

/** A colour such as `#ffcc00`, or `#00000080` with alpha. */
export type Colour = `#${string}`;

/** Where an element is within its overlay, pixels. */
export interface ElementPlace {
  /** Letters, digits, `-` and `_`, 64 at most; no other element of the overlay has it. */
  readonly id: string;
  /** Left edge; 0 by default. */
  readonly x?: number;
  /** Top edge; 0 by default. */
  readonly y?: number;
  /** Up to the right edge of the overlay without it. */
  readonly width?: number;
  /** Down to the bottom edge of the overlay without it. */
  readonly height?: number;
  /** 0 is invisible, 1 (the default) opaque. */
  readonly opacity?: number;
}

/** How text looks. Lengths are pixels. */
export interface TextLook {
  /**
   * A font of the streamer's computer by its name, or a font file of the plugin (`.ttf`, `.otf`, `.ttc`, `.woff2`); one that comes with
   * Bulkhead without it.
   */
  readonly font?: string;
  /** Size of the font; 32 by default. */
  readonly size?: number;
  /** False by default. */
  readonly bold?: boolean;
  /** False by default. */
  readonly italic?: boolean;
  /** White by default. */
  readonly colour?: Colour;
  /** `start` (the default) is left, and right for Arabic and Hebrew. */
  readonly align?: 'start' | 'left' | 'center' | 'right';
  /** Where its lines are within its height; `top` by default. */
  readonly verticalAlign?: 'top' | 'middle' | 'bottom';
  /** From one line to the next, in sizes of the font; 1.25 by default. */
  readonly lineHeight?: number;
  /** A line around each letter. */
  readonly outline?: {
    /** Black by default. */
    readonly colour?: Colour;
    /** How far it goes around each letter, pixels; 2 by default. */
    readonly width?: number;
  };
  /** A shadow behind each letter. */
  readonly shadow?: {
    /** `#000000c0` by default. */
    readonly colour?: Colour;
    /** How far to the right it falls, pixels; 2 by default. */
    readonly x?: number;
    /** How far down it falls, pixels; 2 by default. */
    readonly y?: number;
    /** How soft it is, pixels; 4 by default. */
    readonly blur?: number;
  };
}

/** Text on an overlay. */
export interface TextElement extends ElementPlace, TextLook {
  /** Text. */
  readonly type: 'text';
  /** 2000 characters at most; `\n` begins a new line. */
  readonly text: string;
  /** Whether a long line goes on below (the default); otherwise it is cut off. */
  readonly wrap?: boolean;
  /** Moves one line of text to the left, again and again; pixels per second, below 0 to the right. */
  readonly scroll?: number;
}

/** A rectangle on an overlay. */
export interface BoxElement extends ElementPlace {
  /** A rectangle. */
  readonly type: 'box';
  /** `#000000a0` by default. */
  readonly colour?: Colour;
  /** Radius of its corners, pixels. */
  readonly radius?: number;
  /** A line along its edge, inside. */
  readonly border?: {
    /** White by default. */
    readonly colour?: Colour;
    /** Pixels; 2 by default. */
    readonly width?: number;
  };
}

/** An image on an overlay. */
export interface ImageElement extends ElementPlace {
  /** An image. */
  readonly type: 'image';
  /**
   * A PNG, JPEG, WebP, AVIF, GIF or SVG in the plugin's folder or in `context.storagePath`: an absolute path, or one relative to the
   * plugin's folder.
   */
  readonly path: string;
  /** As for a layer of a scene; `contain` by default. */
  readonly fit?: 'contain' | 'cover' | 'stretch';
}

/** A bar on an overlay, such as for a goal or a level. */
export interface BarElement extends ElementPlace {
  /** A bar that is filled as far as its value. */
  readonly type: 'bar';
  /** 0 (the default) is empty, 1 full. */
  readonly value?: number;
  /** Of the part that is filled; white by default. */
  readonly colour?: Colour;
  /** Colour of the part that is not filled. */
  readonly background?: Colour;
  /** Radius of its corners, pixels. */
  readonly radius?: number;
  /** In which direction it is filled. */
  readonly direction?: 'right' | 'left' | 'up' | 'down';
}

/** The time of day on an overlay. It runs by itself. */
export interface ClockElement extends ElementPlace, TextLook {
  /** The time of day. */
  readonly type: 'clock';
  /** What of it is shown; `time` by default. */
  readonly show?: 'time' | 'date' | 'date-time';
  /** Whether it has seconds; true by default. */
  readonly seconds?: boolean;
  /** Whether it is `3:04 PM` rather than `15:04`; as `locale` has it without this. */
  readonly hour12?: boolean;
  /** Such as `en-GB`, the default. */
  readonly locale?: string;
  /** Such as `Europe/Berlin`; that of the streamer's computer without it. */
  readonly timeZone?: string;
}

/** A countdown, or the time since something, on an overlay. It runs by itself. */
export interface TimerElement extends ElementPlace, TextLook {
  /** A time that runs. */
  readonly type: 'timer';
  /** It counts down to this date, such as `2026-12-31T23:59:00+01:00`. */
  readonly until?: string;
  /** It counts up from this date; from when the overlay was shown without both. */
  readonly since?: string;
  /** Shown when `until` is reached; zero without it. */
  readonly endText?: string;
}

/** Something drawn on an overlay. */
export type OverlayElement =
  | TextElement
  | BoxElement
  | ImageElement
  | BarElement
  | ClockElement
  | TimerElement;

/** One step of an animation. */
export interface Keyframe {
  /** When the value is reached, ms from when the overlay was shown. */
  readonly atMs: number;
  /** Pixels, or the opacity. */
  readonly value: number;
  /** How the value is reached from the one before: `ease-in-out` by default; `step` goes there at once when it is time. */
  readonly easing?: 'linear' | 'ease-in' | 'ease-out' | 'ease-in-out' | 'step';
}

/** What an overlay is. Lengths are pixels of the frame. */
export interface OverlaySettings {
  /** Left edge; 0 by default. */
  readonly x?: number;
  /** Top edge; 0 by default. */
  readonly y?: number;
  /** Up to the right edge of the frame without it. A smaller overlay takes less memory and time. */
  readonly width?: number;
  /** Down to the bottom edge of the frame without it. */
  readonly height?: number;
  /** 0 is invisible, 1 (the default) opaque. */
  readonly opacity?: number;
  /** Whether it is shown; true by default. */
  readonly visible?: boolean;
  /** How long it takes to appear and to disappear, ms; 0 by default. */
  readonly fadeMs?: number;
  /** The first one lowest; 50 at most. */
  readonly elements?: readonly OverlayElement[];
  /** How it moves and fades from when it is shown. */
  readonly animation?: {
    /** Of its left edge. */
    readonly x?: readonly Keyframe[];
    /** Of its top edge. */
    readonly y?: readonly Keyframe[];
    /** Of its opacity, from 0 to 1. */
    readonly opacity?: readonly Keyframe[];
    /** Whether it begins again when its last keyframe is over; false by default. */
    readonly repeat?: boolean;
  };
}

/** Some of an object's settings; null sets one back to its default, what is absent stays. */
export type Change<T> = { readonly [Key in keyof T]?: T[Key] | null };

/** Settings of an element that change, but for its `id`. */
export type ElementChange = {
  readonly [Type in OverlayElement['type']]: Change<Omit<Extract<OverlayElement, { type: Type }>, 'id'>>;
}[OverlayElement['type']];

/** An overlay of the plugin. Calls resolve when the change is in the encoder, or is kept for the next broadcast. */
export interface Overlay extends Disposable {
  /** As it was created with. */
  readonly id: string;
  /**
   * Changes some of its settings. `elements` replaces all of them.
   *
   * @throws An error with the code `config.invalid`; then nothing has changed.
   */
  set(change: Change<OverlaySettings>): Promise<void>;
  /**
   * Changes some settings of one element.
   *
   * @throws An error with the code `config.invalid`, or `overlay.notFound` if it has no such element.
   */
  setElement(id: string, change: ElementChange): Promise<void>;
  /** Shows it again. */
  show(): Promise<void>;
  /** Hides it; it is kept. */
  hide(): Promise<void>;
  /** Removes it. */
  dispose(): void;
}

/** Options of {@link Overlays.create}. */
export interface OverlayOptions {
  /**
   * What happens to it when the plugin's process ends unexpectedly: it is kept, removed, or removed after this time, ms, 1 hour at most;
   * after 10 s by default. If the plugin creates an overlay with the same id by then, that takes its place without a gap. An orderly end of
   * the plugin always removes it.
   */
  readonly whenPluginFails?:
    | 'keep'
    | 'remove'
    | {
        /** ms */
        readonly removeAfterMs: number;
      };
}

/**
 * The plugin's overlays, which are drawn above every scene and above the streamer's overlays; those of the plugin that was activated last are
 * on top. They are not part of the streamer's configuration or undo history. Needs the permission `overlays`.
 */
export interface Overlays {
  /**
   * Creates an overlay. It is drawn in this broadcast and the next ones, as long as the plugin runs; a broadcast without scenes has none.
   * A plugin can have 20, with 128 KiB of settings in all.
   *
   * @example
   * ```ts
   * import { overlays } from '@bulkhead/extension-api';
   *
   * const title = await overlays.create('title', {
   *   y: 600, width: 800, height: 60, fadeMs: 300,
   *   elements: [{ id: 'text', type: 'text', text: 'Hello' }],
   * });
   * context.subscriptions.push(title);
   * await title.setElement('text', { text: 'Bye' });
   * ```
   *
   * @param id Letters, digits, `-` and `_`, 64 at most. Bulkhead calls it `PLUGIN/ID`.
   * @throws An error with the code `permission.denied`, or `config.invalid`.
   */
  create(id: string, settings?: OverlaySettings, options?: OverlayOptions): Promise<Overlay>;
}
