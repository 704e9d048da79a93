import { isDeepStrictEqual } from 'node:util';
import { MAIN_CANVAS } from '../../config/canvas-schema.js';
import type { BroadcastConfig } from '../../config/schema.js';
import type { EncoderSettings } from '../../protocol/encoder-settings.js';
import type { Status } from '../../protocol/status/status.js';

/** How the broadcast of a core was when that died, as far as it is not kept in a file. */
export interface OnAirBefore {
  readonly pageUrl?: string;
  readonly settings?: EncoderSettings;
  /** Ids of the scenes that were wanted on air, by the canvases'. */
  readonly scenes?: Readonly<Record<string, string>>;
}

/** What is known of it from a status. */
export function onAirIn({
  liveServer,
  encoder,
  canvases,
}: Pick<Status, 'liveServer' | 'encoder' | 'canvases'>): OnAirBefore {
  const scenes = canvases.flatMap(({ id, transition, programme }) => {
    const wanted = transition?.to ?? programme;
    return wanted === undefined ? [] : [[id, wanted] as const];
  });
  return {
    ...(liveServer?.pageUrl === undefined ? {} : { pageUrl: liveServer.pageUrl }),
    ...(encoder.settings === undefined ? {} : { settings: encoder.settings }),
    ...(scenes.length === 0 ? {} : { scenes: Object.fromEntries(scenes) }),
  };
}

/** Who edits what was changed on air wants the edit. */
export function withoutEdited(
  { pageUrl, settings, scenes = {} }: OnAirBefore,
  before: BroadcastConfig,
  now: BroadcastConfig,
): OnAirBefore {
  const keepsEncoder = (['video', 'audio', 'ffmpeg'] as const).every((name) =>
    isDeepStrictEqual(before[name], now[name]),
  );
  const keptScenes = Object.entries(scenes).filter(
    ([canvas]) => startSceneOf(before, canvas) === startSceneOf(now, canvas),
  );
  return {
    ...(pageUrl === undefined ? {} : { pageUrl }),
    ...(keepsEncoder && settings !== undefined ? { settings } : {}),
    scenes: Object.fromEntries(keptScenes),
  };
}

/** The configuration with which the broadcast goes on as it was. */
export function asOnAir(
  config: BroadcastConfig,
  { pageUrl, settings, scenes = {} }: OnAirBefore,
): BroadcastConfig {
  const { [MAIN_CANVAS]: scene } = scenes;
  return {
    ...withPagePort(config, pageUrl),
    ...settings,
    ...(scene === undefined ? {} : { startScene: scene }),
    canvases: config.canvases.map((canvas) => {
      const { [canvas.id]: startScene = canvas.startScene } = scenes;
      return startScene === undefined ? canvas : { ...canvas, startScene };
    }),
  };
}

function startSceneOf({ startScene, canvases }: BroadcastConfig, canvas: string): string | undefined {
  return canvas === MAIN_CANVAS ? startScene : canvases.find(({ id }) => id === canvas)?.startScene;
}

/** The page keeps its address after a core's crash, even if its preferred port has become free since. */
function withPagePort(config: BroadcastConfig, pageUrl: string | undefined): BroadcastConfig {
  if (pageUrl === undefined) return config;
  return { ...config, liveServer: { ...config.liveServer, httpPort: Number(new URL(pageUrl).port) } };
}
