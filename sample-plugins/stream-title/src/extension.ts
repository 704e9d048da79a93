import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  scenes,
  window,
} from '@bulkhead/extension-api';
import { setTitle } from './twitch.js';

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

  const set = async (template: string) => {
    const time = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    const filled = template.replaceAll('{scene}', onAir ?? '').replaceAll('{time}', time);
    const title = [...filled.trim()].slice(0, MOST_CHARACTERS).join('');
    const token = await context.secrets.get(TOKEN);
    if (title === '' || title === last) return title;
    if (token === undefined) throw new Error('set the access token first: stream-title.setToken');
    const [api, clientId, broadcasterId] = [text('api'), text('clientId'), text('broadcasterId')];
    await setTitle({ api, clientId, broadcasterId, token, title }, ended.signal);
    last = title;
    status.text = title;
    return title;
  };
  const setSoon = (template: string | undefined) => {
    if (template === undefined || template === '') return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      void set(template).catch(({ message }: Error) => {
        status.text = `not set: ${message}`;
        context.log.warn(message);
      });
    }, SETTLE_MS);
  };

  context.subscriptions.push(
    status,
    {
      dispose: () => {
        clearTimeout(timer);
        ended.abort();
      },
    },
    broadcast.onDidStart(() => setSoon(titles().get(onAir ?? '') ?? text('title'))),
    scenes.onDidSwitch(({ to }) => {
      onAir = to;
      if (to !== undefined && broadcast.state === 'live') setSoon(titles().get(to));
    }),
    commands.registerCommand('stream-title.set', async (...words: unknown[]) => {
      // What was about to be set is not what is wanted any more.
      clearTimeout(timer);
      return `The title is "${await set(words.join(' '))}".`;
    }),
    commands.registerCommand('stream-title.setToken', async (token?: unknown) => {
      if (token === undefined) await context.secrets.delete(TOKEN);
      else await context.secrets.store(TOKEN, String(token));
      return token === undefined ? 'The token has been removed.' : 'The token is kept with your secrets.';
    }),
  );
  // Without a broadcast there are none; one that begins later is an event.
  const all = await scenes.list().catch(() => []);
  onAir ??= all.find(({ isOnAir }) => isOnAir)?.id;
}

/** @throws An error for a line that is not a scene and a title */
function parsed(line: string): [scene: string, title: string] {
  const [, scene, title] = /^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
  if (scene === undefined || title === undefined) {
    throw new Error(`titles: expected a scene and a title, as in "main = Let's play", got "${line}"`);
  }
  return [scene, title];
}
