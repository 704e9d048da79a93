import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import {
  broadcast,
  configuration,
  type ExtensionContext,
  l10n,
  sources,
  window,
} from '@bulkhead/extension-api';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  folder: string;
  source: string;
  seconds: number;
}

interface Newest {
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
}

const IMAGES = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.bmp']);
const VIDEOS = new Set(['.mp4', '.mkv', '.mov', '.webm', '.flv', '.ts']);
const LEAST_SECONDS = 0.2;

export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('newest');
  const folder = () => {
    const path = settings.get('folder').replace(/^~(?=\/|$)/, () => homedir());
    return resolve(context.storagePath, path);
  };
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let seen: Newest | undefined;
  let shown: Newest | undefined;

  const put = async ({ path }: Newest) => {
    const id = settings.get('source');
    const isImage = IMAGES.has(extname(path).toLowerCase());
    const source = isImage ? { type: 'image', path } : { type: 'file', path, loop: true };
    if (!(await sources.addIfMissing({ id, ...source }))) await sources.set(id, source);
    status.text = basename(path);
  };
  const show = async (newest: Newest) => {
    // It is being written to: shown when it is the same the next time.
    const isWhole =
      seen?.path === newest.path && seen.bytes === newest.bytes && seen.changedMs === newest.changedMs;
    seen = newest;
    if (!isWhole || (shown?.path === newest.path && shown.changedMs === newest.changedMs)) return;
    await put(newest);
    shown = newest;
  };
  const look = async () => {
    try {
      const newest = await newestIn(folder());
      if (newest !== undefined) await show(newest);
      else status.text = l10n.t('there is no image or video');
    } catch (error) {
      status.text = (error as Error).message;
    }
    if (!isOver) timer = setTimeout(look, 1000 * Math.max(LEAST_SECONDS, settings.get('seconds')));
  };

  context.subscriptions.push(
    status,
    {
      dispose: () => {
        isOver = true;
        clearTimeout(timer);
      },
    },
    // Each broadcast begins with the sources of the configuration.
    broadcast.onDidStart(() => {
      shown = undefined;
    }),
    configuration.onDidChange(() => {
      shown = undefined;
    }),
  );
  void look();
}

/** Undefined without an image or a video. */
async function newestIn(folder: string): Promise<Newest | undefined> {
  let newest: Newest | undefined;
  for (const name of await readdir(folder)) {
    const extension = extname(name).toLowerCase();
    if (name.startsWith('.') || !(IMAGES.has(extension) || VIDEOS.has(extension))) continue;
    const path = join(folder, name);
    // It may be gone meanwhile.
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile() || found.mtimeMs <= (newest?.changedMs ?? 0)) continue;
    newest = { path, bytes: found.size, changedMs: found.mtimeMs };
  }
  return newest;
}
