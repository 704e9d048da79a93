import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  sources,
  window,
} from '@bulkhead/extension-api';
import { type Page, read } from './read.js';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  url: string;
  source: string;
  seconds: number;
  size: number;
}

const LEAST_SECONDS = 1;
const MOST_CHARACTERS = 2000;

export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('url');
  let timer: NodeJS.Timeout | undefined;
  let ended = new AbortController();
  /** Settings of the source that show what was read last. */
  let shown: { readonly type: string; readonly [setting: string]: unknown } | undefined;

  const put = async () => {
    if (shown === undefined) return;
    const id = settings.get('source');
    if (!(await sources.addIfMissing({ id, ...shown }))) await sources.set(id, shown);
  };
  const show = async ({ type, body }: Page) => {
    if (!type.startsWith('image/')) {
      const text = [...body.toString('utf8').trim()].slice(0, MOST_CHARACTERS).join('');
      shown = { type: 'text', text, size: settings.get('size') };
      return;
    }
    // A file of another name for another image: one that is being read is not written to.
    const name = `image-${createHash('sha256').update(body).digest('hex').slice(0, 16)}`;
    const path = join(context.storagePath, name);
    await writeFile(path, body);
    shown = { type: 'image', path };
    for (const old of await readdir(context.storagePath))
      if (old.startsWith('image-') && old !== name) await rm(join(context.storagePath, old));
  };
  const look = async () => {
    clearTimeout(timer);
    const { signal } = ended;
    const url = settings.get('url');
    if (url === '') {
      status.text = l10n.t('set "url"');
      return;
    }
    try {
      const page = await read(url, signal);
      await show(page);
      await put();
      const [type = ''] = page.type.split(';', 1);
      status.text = l10n.t('{0}, {1} bytes', type, page.body.length);
    } catch (error) {
      if (!signal.aborted) status.text = (error as Error).message;
    }
    if (signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(look, 1000 * Math.max(LEAST_SECONDS, settings.get('seconds')));
  };
  const stop = () => {
    ended.abort();
    clearTimeout(timer);
  };

  context.subscriptions.push(
    status,
    { dispose: stop },
    commands.registerCommand('url-source.refresh', async () => {
      await look();
      return status.text;
    }),
    // Each broadcast begins with the sources of the configuration.
    broadcast.onDidStart(() => put().catch(({ message }: Error) => (status.text = message))),
    configuration.onDidChange(() => {
      stop();
      ended = new AbortController();
      return look();
    }),
  );
  void look();
}
