import { resolve } from 'node:path';
import { isWithin } from '../../base/is-within.js';
import { isFontFile } from '../../config/font-file.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** The folders that a plugin may read. */
export interface OwnFolders {
  /** Its own; relative paths count from here. */
  readonly folder: string;
  readonly storage: string;
}

/**
 * An overlay, or a change of one, whose images and fonts are files of the plugin: another process than the plugin's reads them, with more
 * rights. What is no path stays, to be found wrong where it is checked.
 *
 * @throws `permission.denied` for other files
 */
export function withOwnFiles<T extends object>(overlay: T, plugin: string, own: OwnFolders): T {
  const { elements } = overlay as { readonly elements?: unknown };
  if (!Array.isArray(elements)) return overlay;
  return { ...overlay, elements: elements.map((element) => withOwnFile(Object(element), plugin, own)) };
}

function withOwnFile(element: Readonly<Record<string, unknown>>, plugin: string, own: OwnFolders): object {
  const { path, font } = element;
  return {
    ...element,
    ...(typeof path === 'string' ? { path: ownFile(path, plugin, own) } : {}),
    ...(typeof font === 'string' && isFontFile(font) ? { font: ownFile(font, plugin, own) } : {}),
  };
}

function ownFile(path: string, plugin: string, { folder, storage }: OwnFolders): string {
  const absolute = resolve(folder, path);
  if ([folder, storage].some((own) => isWithin(absolute, own))) return absolute;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `the plugin "${plugin}" may not show the file ${absolute}`,
    {
      where: plugin,
      remedy: 'Show files of the plugin\'s own folder or of "context.storagePath".',
    },
  );
}
