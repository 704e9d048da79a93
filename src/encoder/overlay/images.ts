import { statSync } from 'node:fs';
import { type Image, loadImage } from '@napi-rs/canvas';
import { parseImageInfo } from '../image-info.js';
import { mayRead, readAllowed } from './allowed-files.js';

/** Pixels of an image at most: it takes four bytes of memory for each. */
const MOST_PIXELS = 32_000_000;
const MOST_BYTES = 50_000_000;

/** What an image file is, or why it is nothing. */
export type LoadedImage = { readonly image: Image } | { readonly problem: string };

interface Known {
  readonly modifiedMs: number;
  loaded: LoadedImage | undefined;
}

/** Image files, each read once. */
export class Images {
  private readonly known = new Map<string, Known>();

  /** @param onLoad an image has been read that was asked for before */
  constructor(private readonly onLoad: (path: string) => void) {}

  /** Undefined while it is being read. @param folders in which it has to be; any without them */
  get(path: string, folders?: readonly string[]): LoadedImage | undefined {
    if (!mayRead(path, folders)) return { problem: 'may not be shown by this plugin' };
    let modifiedMs: number;
    try {
      const { mtimeMs, size } = statSync(path);
      if (size > MOST_BYTES) return { problem: 'is too large' };
      modifiedMs = mtimeMs;
    } catch {
      return { problem: 'cannot be read' };
    }
    const known = this.known.get(path);
    if (known?.modifiedMs === modifiedMs) return known.loaded;
    const read: Known = { modifiedMs, loaded: undefined };
    this.known.set(path, read);
    void this.read(path, read, folders);
    return undefined;
  }

  /** Forgets those that nothing shows any more. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.known.keys()) if (!paths.has(path)) this.known.delete(path);
  }

  private async read(path: string, known: Known, folders: readonly string[] | undefined): Promise<void> {
    known.loaded = await loaded(path, folders);
    this.onLoad(path);
  }
}

async function loaded(path: string, folders: readonly string[] | undefined): Promise<LoadedImage> {
  try {
    const bytes = readAllowed(path, folders);
    const { size } = parseImageInfo(bytes);
    if (size !== undefined && size.width * size.height > MOST_PIXELS)
      return { problem: 'has too many pixels' };
    const image = await loadImage(bytes);
    return image.width > 0 && image.height > 0 ? { image } : { problem: 'has no pixels' };
  } catch {
    return { problem: 'is no image that can be read' };
  }
}
