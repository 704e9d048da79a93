import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  permissions,
  scenes,
  window,
} from '@bulkhead/extension-api';
import { setTitle } from './twitch.js';

/** A secret of `contributes.configuration` in package.json: the streamer enters it. */
const TOKEN = 'token';
/** Scenes that follow each other faster have one title together, ms. */
const SETTLE_MS = 3000;
/** Twitch's. */
const MOST_CHARACTERS = 140;

export async function activate(context: ExtensionContext): Promise<void> {
  const text = (key: string) => configuration.get<string>(key) ?? '';
  const status = window.createStatusItem('title');
  const titles = () => new Map((configuration.get<string[]>('titles') ?? []).map(parsed));
  // What is written wrongly is said at once.
  titles();
  const ended = new AbortController();
  let onAir: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last = '';
  /** What could not be set, for when there is another token. */
  let failed: string | undefined;

  const set = async (template: string) => {
    const time = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    const filled = template.replaceAll('{scene}', onAir ?? '').replaceAll('{time}', time);
    const title = [...filled.trim()].slice(0, MOST_CHARACTERS).join('');
    const token = await context.secrets.get(TOKEN);
    if (title === '' || title === last) return title;
    failed = template;
    if (token === undefined) {
      const command = `bulkhead plugin secret set ${context.extension.id} ${TOKEN}`;
      throw new Error(l10n.t('enter the access token first: {0}', command));
    }
    const [api, clientId, broadcasterId] = [text('api'), text('clientId'), text('broadcasterId')];
    await setTitle({ api, clientId, broadcasterId, token, title }, ended.signal);
    last = title;
    failed = undefined;
    status.text = title;
    return title;
  };
  const setSoon = (template: string | undefined) => {
    if (template === undefined || template === '') return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      void set(template).catch(({ message }: Error) => {
        status.text = l10n.t('not set: {0}', message);
        context.log.warn(message);
      });
    }, SETTLE_MS);
  };
  /** Another address than Twitch's may be that of another host. What is refused, `set` reports. */
  const askForHost = async () => {
    const api = text('api');
    if (URL.canParse(api)) await permissions.request(`network:${new URL(api).host}`).catch(() => false);
  };

  context.subscriptions.push(
    status,
    {
      dispose: () => {
        clearTimeout(timer);
        ended.abort();
      },
    },
    configuration.onDidChange((event) => {
      if (event.affectsConfiguration('api')) void askForHost();
    }),
    context.secrets.onDidChange(({ key }) => {
      if (key === TOKEN) setSoon(failed);
    }),
    broadcast.onDidStart(() => setSoon(titles().get(onAir ?? '') ?? text('title'))),
    scenes.onDidSwitch(({ to }) => {
      onAir = to;
      if (to !== undefined && broadcast.state === 'live') setSoon(titles().get(to));
    }),
    commands.registerCommand('stream-title.set', async (...words: unknown[]) => {
      // What was about to be set is not what is wanted any more.
      clearTimeout(timer);
      return l10n.t('The title is "{0}".', await set(words.join(' ')));
    }),
  );
  // Not awaited: the streamer may take minutes.
  void askForHost();
  // Without a broadcast there are none; one that begins later is an event.
  const all = await scenes.list().catch(() => []);
  onAir ??= all.find(({ isOnAir }) => isOnAir)?.id;
}

/** @throws An error for a line that is not a scene and a title */
function parsed(line: string): [scene: string, title: string] {
  const [, scene, title] = /^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
  if (scene === undefined || title === undefined) {
    throw new Error(
      l10n.t('titles: expected a scene and a title, as in "main = Let\'s play", got "{0}"', line),
    );
  }
  return [scene, title];
}
