import type { Disposable } from 'vscode-jsonrpc';
import { largestOf, type Size } from '../../base/geometry.js';
import type {
  StageCanvas,
  StageConfig,
  StageOverlay,
  StageSource as StageSourceConfig,
} from '../../config/encode-settings.js';
import { inputRedactor } from '../../config/input-secrets.js';
import type { PluginFramesSource, TextSource, VideoConfig } from '../../config/schema.js';
import type { MixLevels } from '../../protocol/audio.js';
import type { SourcePosition, SourceStatus } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { SourceUse } from '../../scenes/scene-layers.js';
import { monitorArguments } from '../arguments/monitor-arguments.js';
import { FrameMemory } from '../canvas/frame-memory.js';
import {
  alphaFrameBytes,
  type Frame,
  type FrameLayout,
  FramePool,
  frameBytes,
} from '../canvas/frame-pool.js';
import { memoryBudget } from '../canvas/memory-budget.js';
import { Compositor } from '../compositor/compositor.js';
import { type Kernels, loadKernels } from '../compositor/kernels.js';
import { RgbaFrames } from '../compositor/rgba-frames.js';
import { MonitorPlayer } from '../mixer/monitor-player.js';
import { Drawings } from '../overlay/drawings.js';
import type { DrawnSource } from '../overlay/drawn-source.js';
import { isLasting } from '../sources/lasting-failure.js';
import { framesOfSource, openSource } from '../sources/open-source.js';
import type { PluginSource } from '../sources/plugin-source.js';
import type { ReceivedFrames } from '../sources/received-frames.js';
import { ReopeningSource } from '../sources/reopening-source.js';
import { SourceNotes } from '../sources/source-notes.js';
import type { SourceSite } from '../sources/source-site.js';
import { FrameDelay, framesOfDelay } from './frame-delay.js';
import { SizedFrames } from './sized-frames.js';
import { hasOwnSize } from './source-sizes.js';
import { Stage } from './stage.js';
import { StageSource } from './stage-source.js';

export interface OpenStageOptions {
  readonly config: StageConfig;
  readonly video: VideoConfig;
  readonly site: Omit<SourceSite, 'pool' | 'video'>;
  /** What plugins send. */
  readonly frames: Pick<ReceivedFrames, 'open'>;
  /** Frames that the encoders keep, of the canvas' size. */
  readonly keptFrames: number;
  /** Ids of sources of which encodes are made alone. */
  readonly alone?: readonly string[];
  /** The same of each canvas besides the main one. */
  readonly keptFramesOfCanvas?: number;
  /** Where sources were when the encoder before ended, by their ids. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
  readonly onLevels: (levels: MixLevels) => void;
  /** Something that only the log has to know. */
  readonly onLog: (message: string) => void;
  /** Something has to be known, and does not stop the broadcast. */
  readonly onProblem: (error: BulkheadError) => void;
}

/** Frames besides those that the encoders keep: two scenes and what is between them. */
const MORE_FRAMES = 4;
/** Sources that may be added on air. What of the memory is never used costs nothing. */
const MORE_SOURCES = 4;
/** A source that is opened again may have frames of another size, while those of the one before are still shown. */
const SIZES = 2;
/** How much larger than the canvas a source may be that is opened as large as it is, in pixels. */
const NATIVE_SIZES = 4;
/** Sources whose sound may be made early on air. */
const MORE_EARLY = 1;
/** Overlays of the whole canvas that may be added on air. */
const MORE_OVERLAYS = 4;
/**
 * Frames of what is drawn: the one on air, the one that follows it, and what is being drawn, twice while its process is replaced. As many are
 * enough for a plugin that draws.
 */
const FRAMES_OF_DRAWING = 4;
/** Overlays without memory that are remembered, so as not to report them again. */
const MOST_CROWDED = 1000;

/** A stage with its memory, and how its sources are. */
export class OpenStage implements Disposable {
  readonly stage: Stage;
  private readonly notes: SourceNotes;
  private readonly layouts = new WeakMap<Frame, FrameLayout>();
  private readonly drawings: Drawings;
  private readonly rgba: RgbaFrames;
  private monitor: MonitorPlayer | undefined;
  /** Overlays without memory, which is tried with each change of the stage. */
  private readonly crowded = new Set<string>();

  /** @throws BulkheadError if this system does not provide the memory */
  static async open(options: OpenStageOptions): Promise<OpenStage> {
    const { video, config } = options;
    const frames = options.keptFrames + MORE_FRAMES;
    const sources = config.sources.length + MORE_SOURCES + (options.alone?.length ?? 0) * (NATIVE_SIZES - 1);
    const ofSources = sources * SIZES * framesOfSource(video.fps);
    const early = Object.values(config.mixer.sources).filter(({ delayMs }) => delayMs < 0).length;
    const ofDelays = (early + MORE_EARLY) * framesOfDelay(video.fps);
    const ofOverlays = (config.overlays.length + MORE_OVERLAYS) * FRAMES_OF_DRAWING;
    const canvases = (config.canvases ?? []).map((canvas) => ({
      ...{ canvas, frames: (options.keptFramesOfCanvas ?? 0) + MORE_FRAMES },
    }));
    const ofCanvases = canvases.map(
      ({ canvas, frames: count }) =>
        FramePool.memoryBytes(frameBytes(canvas), count) + Compositor.memoryBytes(canvas),
    );
    const bytes =
      FramePool.memoryBytes(frameBytes(video), frames + ofSources + ofDelays) +
      FramePool.memoryBytes(alphaFrameBytes(video), ofOverlays) +
      Compositor.memoryBytes(video) +
      Drawings.memoryBytes +
      RgbaFrames.memoryBytes +
      ofCanvases.reduce((sum, one) => sum + one, 0);
    const memory = new FrameMemory(Math.min(memoryBudget(), bytes));
    const pool = new FramePool(frameBytes(video), frames, memory);
    const kernels = await loadKernels(memory);
    const compositor = new Compositor({ size: video, pool, kernels });
    const sides = canvases.map(({ canvas, frames: count }) => sideCompositor(canvas, count, memory, kernels));
    return new OpenStage(options, memory, kernels, compositor, new Map(sides));
  }

  private constructor(
    private readonly options: OpenStageOptions,
    private readonly memory: FrameMemory,
    kernels: Kernels,
    private readonly compositor: Compositor,
    /** Those of canvases besides the main one, by their ids. */
    private readonly sides: ReadonlyMap<string, Compositor>,
  ) {
    const { config, video, site, onProblem, onLevels, positions, alone = [] } = options;
    this.notes = new SourceNotes({ ffmpegPath: site.ffmpeg.path, onProblem });
    this.drawings = new Drawings({
      ...{ memory, kernels, fps: video.fps, ownProcessGroup: site.ffmpeg.ownProcessGroup, onProblem },
      onLog: options.onLog,
    });
    this.rgba = new RgbaFrames(memory, kernels);
    this.stage = new Stage({
      drawer: {
        open: (overlay, size) => this.openOverlay(overlay, size),
        set: (drawn, overlay) => this.drawings.set(drawn, { ...drawn.layout, ...contentsOf(overlay) }),
      },
      ...{ config, size: video, fps: video.fps, format: site.format, compositor },
      ...{ positions, alone, onLevels },
      compositorOf: (canvas) => sides.get(canvas),
      open: (source, use, start) => this.openSource(source, use, start),
      onMonitor: (device, pcm) => this.play(device, pcm),
      layoutOf: (frame) => this.layoutOf(frame),
    });
  }

  private play(device: string | undefined, pcm: () => Buffer): void {
    if (this.monitor?.device !== device) {
      this.monitor?.dispose();
      this.monitor = device === undefined ? undefined : this.openMonitor(device);
    }
    this.monitor?.play(pcm());
  }

  private openMonitor(device: string): MonitorPlayer {
    const { site, onProblem } = this.options;
    const { ffmpeg, format } = site;
    return new MonitorPlayer({
      ...{ device, format, ffmpeg, onProblem },
      // What plays sound is what records it.
      argumentsOf: async () =>
        monitorArguments(device, format, await site.contextOf({ type: 'desktop-audio' })),
    });
  }

  /** Those that are open, the lowest one on air first. */
  status(): readonly SourceStatus[] {
    return this.stage.openSourcesInOrder.map(({ id, input, source }) =>
      this.notes.statusOf(id, input, source),
    );
  }

  private openSource(
    { id, input }: StageSourceConfig,
    wanted: SourceUse,
    start: SourcePosition,
  ): StageSource {
    const { site, onProblem } = this.options;
    const { video: main, config } = this.options;
    const { width: mostWidth, height: mostHeight } = largestOf([main, ...(config.canvases ?? [])]);
    // What has no size of its own is as large as the canvas.
    const hasNone = wanted.isNative && !hasOwnSize(input);
    const use = hasNone ? { ...wanted, width: main.width, height: main.height, isNative: false } : wanted;
    const { width, height, covers, isNative } = use;
    const usual = {
      width: Math.min(width, mostWidth),
      height: Math.min(height, mostHeight),
      hasAlpha: false,
    };
    const video = {
      width,
      height,
      fps: this.options.video.fps,
      fit: isNative ? 'native' : covers ? 'covering' : 'contained',
      keepsAlpha: true,
    } as const;
    const pool = new SizedFrames({
      ...{
        memory: this.memory,
        capacity: input.type === 'plugin' ? FRAMES_OF_DRAWING : framesOfSource(video.fps),
        usual,
        layouts: this.layouts,
      },
      onNoRoom: () => this.notes.note(id, noRoom(id, `sources.${id}`), true),
    });
    const hide = inputRedactor(input);
    const ffmpeg: SourceSite['ffmpeg'] = {
      ...site.ffmpeg,
      onLog: (line) => site.ffmpeg.onLog({ ...line, text: hide(line.text) }),
    };
    const events = this.notes.eventsOf(id, input, () => {});
    const source = new ReopeningSource(
      async () => {
        if (input.type === 'text') return this.openText(id, input, use, pool);
        if (input.type === 'plugin') return this.openPlugin(id, input, pool);
        return openSource(input, { ...site, ffmpeg, pool, video }, events, start);
      },
      (error) => {
        if (!this.notes.has(id)) onProblem(ofSource(id, error));
        this.notes.note(id, error, isLasting(error.code, input.type));
      },
      start,
    );
    return new StageSource(id, input, source, pool, this.delayOf(id, use));
  }

  private delayOf(id: string, use: SourceUse): FrameDelay {
    const { video, onProblem } = this.options;
    let isKnown = false;
    const store = new SizedFrames({
      ...{ memory: this.memory, capacity: framesOfDelay(video.fps), layouts: this.layouts },
      usual: { ...use, hasAlpha: false },
      onNoRoom: () => {
        if (!isKnown) onProblem(noRoomForDelay(id));
        isKnown = true;
      },
    });
    return new FrameDelay(store, (frame) => this.layoutOf(frame));
  }

  private layoutOf(frame: Frame): FrameLayout {
    return this.layouts.get(frame) ?? { ...this.options.video, hasAlpha: false };
  }

  private openText(id: string, input: TextSource, { width, height }: Size, pool: SizedFrames): DrawnSource {
    const place = { id: 'text', x: 0, y: 0, width, height, opacity: 1 };
    const drawing = { width, height, elements: [{ ...place, ...input }], sinceMs: Date.now() };
    return this.drawings.open(drawing, { where: `sources.${id}`, pool });
  }

  private openPlugin(id: string, { plugin }: PluginFramesSource, pool: SizedFrames): PluginSource {
    return this.options.frames.open(id, {
      pool,
      convert: (pixels, size, frame) => this.rgba.convert(pixels, size, frame),
      onPresence: (presence) => {
        if (presence === 'gone') this.notes.note(id, withoutPlugin(id, plugin), false);
        else this.notes.forget(id);
      },
    });
  }

  private openOverlay(overlay: StageOverlay, size: Size): DrawnSource | undefined {
    const { onProblem } = this.options;
    const layout = { ...size, hasAlpha: true };
    let hasRoom = true;
    const pool = new SizedFrames({
      ...{ memory: this.memory, capacity: FRAMES_OF_DRAWING, usual: layout, layouts: this.layouts },
      onNoRoom: () => {
        hasRoom = false;
      },
    });
    pool.acquire()?.release();
    const where = `overlays.${overlay.id}`;
    const onClose = () => pool.dispose();
    if (hasRoom) {
      this.crowded.delete(overlay.id);
      return this.drawings.open({ ...size, ...contentsOf(overlay) }, { where, pool, onClose });
    }
    onClose();
    if (!this.crowded.has(overlay.id)) onProblem(noRoom(overlay.id, where));
    if (this.crowded.size >= MOST_CROWDED) this.crowded.clear();
    this.crowded.add(overlay.id);
    return undefined;
  }

  dispose(): void {
    this.stage.dispose();
    this.monitor?.dispose();
    this.drawings.dispose();
    this.rgba.dispose();
    this.compositor.dispose();
    for (const side of this.sides.values()) side.dispose();
  }
}

/** @throws BulkheadError if the memory has no room for its frames */
function sideCompositor(
  canvas: StageCanvas,
  frames: number,
  memory: FrameMemory,
  kernels: Kernels,
): [string, Compositor] {
  const { id, width, height } = canvas;
  try {
    const pool = new FramePool(frameBytes(canvas), frames, memory);
    // A source has frames enough for the programme's encoder alone: one of this canvas that hangs must not keep them.
    return [id, new Compositor({ size: { width, height }, pool, kernels, copies: true })];
  } catch (cause) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `There is no memory left for the frames of the canvas "${id}", ${width}x${height}.`,
      {
        where: `canvases.${id}`,
        remedy: 'Set a smaller size there or in "video", or a lower "video.fps".',
        cause,
      },
    );
  }
}

/** With the source's name: a scene shows many. */
function ofSource(id: string, error: BulkheadError): BulkheadError {
  const { code, message, where, remedy, cause } = error;
  return new BulkheadError(code, `${id}: ${message}`, {
    ...(where === undefined ? {} : { where }),
    ...(remedy === undefined ? {} : { remedy }),
    cause,
  });
}

function contentsOf({ elements, sinceMs, folders }: StageOverlay) {
  return { elements, sinceMs, folders };
}

function withoutPlugin(id: string, plugin: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.inputUnreachable,
    `The plugin "${plugin}", which makes its frames, does not run.`,
    {
      where: `sources.${id}`,
      remedy: 'Bulkhead starts one again that has crashed; "bulkhead plugin list" says how it is.',
    },
  );
}

function noRoom(id: string, where: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, `There is no memory left for the frames of "${id}".`, {
    where,
    remedy: 'Show it smaller, or show fewer sources and overlays at once.',
  });
}

function noRoomForDelay(id: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.configInvalid,
    `There is no memory left to show the frames of "${id}" later: its sound is not early.`,
    {
      where: `mixer.sources.${id}.delayMs`,
      remedy: 'Show it smaller, or delay the sound of others instead.',
    },
  );
}
