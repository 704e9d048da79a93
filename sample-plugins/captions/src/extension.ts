import {
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  overlays,
  window,
} from '@bulkhead/extension-api';
import { readLines } from './feed.js';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  url: string;
  lines: number;
  seconds: number;
  y: number;
  size: number;
}

const RETRY_MS = 3000;
/** Of a line; what is longer is cut off at its beginning, since its end is what is being said. */
const MOST_CHARACTERS = 120;

export async function activate(context: ExtensionContext): Promise<void> {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('captions');
  const look = () => {
    const [lines, size] = [settings.get('lines'), settings.get('size')];
    const text = { id: 'text', type: 'text', text: shown.join('\n'), x: 12, size, align: 'center' } as const;
    return {
      ...{ y: settings.get('y'), height: Math.ceil(1.25 * size * lines) + 8, fadeMs: 200 },
      elements: [{ id: 'back', type: 'box', colour: '#000000a0' }, text],
    } as const;
  };
  let shown: readonly string[] = [];
  let ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overlay = await overlays.create('captions', { ...look(), visible: false });

  const say = async (line: string) => {
    const text = [...line.trim()].slice(-MOST_CHARACTERS).join('');
    if (text === '') return;
    shown = [...shown, text].slice(-settings.get('lines'));
    clearTimeout(timer);
    timer = setTimeout(() => {
      shown = [];
      void overlay.hide();
    }, 1000 * settings.get('seconds'));
    await overlay.setElement('text', { text: shown.join('\n') });
    await overlay.show();
  };
  const follow = async () => {
    const { signal } = ended;
    const url = settings.get('url');
    status.text = url === '' ? l10n.t('set "url"') : l10n.t('connecting');
    while (url !== '' && !signal.aborted) {
      try {
        const lines = readLines(url, signal);
        for await (const line of lines) {
          status.text = l10n.t('following the feed');
          await say(line);
        }
        status.text = l10n.t('the feed has ended');
      } catch (error) {
        if (!signal.aborted) status.text = (error as Error).message;
      }
      await pause(RETRY_MS, signal);
    }
  };

  context.subscriptions.push(
    status,
    overlay,
    {
      dispose: () => {
        ended.abort();
        clearTimeout(timer);
      },
    },
    configuration.onDidChange(async (event) => {
      await overlay.set(look());
      if (!event.affectsConfiguration('url')) return;
      ended.abort();
      ended = new AbortController();
      void follow();
    }),
    commands.registerCommand('captions.say', (...words: unknown[]) => say(words.join(' '))),
  );
  void follow();
}

/** Also over when it is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
