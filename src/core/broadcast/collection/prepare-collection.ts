import { MAIN_CANVAS } from '../../../config/canvas-schema.js';
import { checkCollection, withLists } from '../../../config/scenes.js';
import { type BroadcastConfig, MOST_OVERLAYS, MOST_SCENES, MOST_SOURCES } from '../../../config/schema.js';
import { withDefaultInput } from '../../../config/sources.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { type SceneCollection, scenesOn } from '../../../scenes/scene-collection.js';
import {
  applyCollection,
  differences,
  type KeptCollection,
  NOTHING_SAVED,
  type SavedEntries,
  savedBefore,
  sizeOf,
} from '../kept/kept-collection.js';

/** What has been read before a broadcast starts. */
export interface PreparedCollection {
  readonly show: string;
  /** The configuration with what was changed on air before. */
  readonly config: BroadcastConfig;
  readonly configured: SceneCollection;
  readonly isRestored: boolean;
  readonly saved: SavedEntries;
}

/**
 * Applies what was changed on air before, as far as it fits the configuration.
 *
 * @param onMisfit where it does not, with the reason: then the configuration is as it is
 */
export function prepareCollection(
  config: BroadcastConfig,
  show: string,
  kept: KeptCollection,
  onMisfit: (reason: string) => void,
): PreparedCollection {
  const configured = collectionOf(config);
  const asConfigured = { show, config, configured, isRestored: false, saved: NOTHING_SAVED };
  if (config.scenes.length === 0 || sizeOf(kept) === 0) return asConfigured;
  const collection = applyCollection(configured, kept);
  if (differences(configured, collection) === 0) return asConfigured;
  try {
    checkOnAir(collection, config);
  } catch (error) {
    onMisfit(BulkheadError.from(error, ErrorCodes.configInvalid).message);
    return asConfigured;
  }
  const changed = withDefaultInput({ ...config, ...withLists(collection) });
  return { show, config: changed, configured, isRestored: true, saved: savedBefore(kept, configured) };
}

export function collectionOf({
  sources,
  scenes,
  mixer,
  overlays,
  canvases,
}: BroadcastConfig): SceneCollection {
  return { sources, scenes, mixer, overlays, canvases };
}

/**
 * Whether a collection can be on air.
 *
 * @param config what the broadcast was started with
 * @throws BulkheadError with every mistake found
 */
export function checkOnAir(collection: SceneCollection, config: BroadcastConfig): void {
  refuseMore('sources', collection.sources, MOST_SOURCES);
  refuseMore('overlays', collection.overlays, MOST_OVERLAYS);
  for (const canvas of [MAIN_CANVAS, ...collection.canvases.map(({ id }) => id)])
    refuseMore('scenes', scenesOn(collection, canvas), MOST_SCENES, canvas);
  checkCollection(collection, config);
}

function refuseMore(list: string, entries: readonly unknown[], most: number, canvas = MAIN_CANVAS): void {
  if (entries.length <= most) return;
  const isMain = canvas === MAIN_CANVAS;
  const what = isMain ? 'the broadcast' : `the canvas "${canvas}"`;
  throw new BulkheadError(ErrorCodes.configInvalid, `${what} has ${most} ${list} already`, {
    where: isMain ? list : `canvases.${canvas}.${list}`,
    remedy: 'Remove one first.',
  });
}
