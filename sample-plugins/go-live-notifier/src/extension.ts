import { broadcast, commands, configuration, type ExtensionContext, window } from '@bulkhead/extension-api';
import { type Announcement, announce, bodyOf, type Format } from './announcement.js';
import { Story } from './story.js';
import { Webhook } from './webhook.js';

const URL_SECRET = 'webhook';
/** When the broadcast began whose start was told last, ms since the epoch; roughly, since it is counted back. */
const TOLD_STATE = 'startTold';
const SAME_START_MS = 10_000;

export function activate(context: ExtensionContext): void {
  const status = window.createStatusItem('notifier');
  const webhook = new Webhook({
    url: () => context.secrets.get(URL_SECRET),
    onSent: () => {
      status.text = 'delivered';
    },
    onGiveUp: (reason) => {
      status.text = `not delivered: ${reason}`;
      void window.showWarningMessage(`The announcement was not delivered: ${reason}.`);
    },
  });
  const tell = (event: Announcement['event']) => {
    const announcement = announce(event, broadcast.status, configuration.get<string>('streamUrl') ?? '');
    context.log.info('telling the webhook: %s', event);
    webhook.post(bodyOf(announcement, configuration.get<Format>('format') ?? 'discord'));
  };
  const beganAt = () => Date.now() - broadcast.status.uptimeMs;
  const toldBefore = context.globalState.get(TOLD_STATE, 0);
  const story = new Story({
    // Should this plugin crash on air, viewers are not told a second time that the stream has begun.
    begun: broadcast.state !== 'idle' && Math.abs(beganAt() - toldBefore) < SAME_START_MS,
    settleMs: (configuration.get<number>('settleSeconds') ?? 5) * 1000,
    tell: (chapter) => {
      if (chapter === 'start') void context.globalState.update(TOLD_STATE, beganAt());
      if (configuration.get<string[]>('events')?.includes(chapter)) tell(chapter);
    },
  });
  story.follow(broadcast.state);

  context.subscriptions.push(
    status,
    webhook,
    story,
    broadcast.onDidChangeState((state) => story.follow(state)),
    commands.registerCommand('go-live-notifier.setUrl', async (url?: string) => {
      if (url === undefined) {
        await context.secrets.delete(URL_SECRET);
        return 'The address has been removed.';
      }
      if (!isPrivate(url)) throw new Error('expected an https:// address: it holds a token');
      await context.secrets.store(URL_SECRET, url);
      return 'The address is kept with your secrets. Try it: bulkhead run go-live-notifier.test';
    }),
    commands.registerCommand('go-live-notifier.test', () => tell('test')),
  );
}

/** Whether nobody on the way can read the address: by TLS, or since it does not leave this computer. */
function isPrivate(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}
