import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  window,
} from '@bulkhead/extension-api';
import { type Announcement, announce, bodyOf, type Format } from './announcement.js';
import { BroadcastEvents } from './broadcast-events.js';
import { Webhook } from './webhook.js';

const URL_SECRET = 'webhook';
/**
 * Start of the last announced broadcast, ms since the epoch; approximate, since it is computed from the uptime.
 */
const ANNOUNCED_START = 'announcedStart';
const SAME_START_MS = 10_000;

export function activate(context: ExtensionContext): void {
  const status = window.createStatusItem('notifier');
  const webhook = new Webhook({
    url: () => context.secrets.get(URL_SECRET),
    onSent: () => {
      status.text = l10n.t('delivered');
    },
    onGiveUp: (reason) => {
      status.text = l10n.t('not delivered: {0}', reason);
      void window.showWarningMessage(l10n.t('The announcement was not delivered: {0}.', reason));
    },
  });
  const post = (event: Announcement['event']) => {
    const announcement = announce(event, broadcast.status, configuration.get<string>('streamUrl') ?? '');
    context.log.info('posting to the webhook: %s', event);
    webhook.post(bodyOf(announcement, configuration.get<Format>('format') ?? 'discord'));
  };
  const beganAt = () => Date.now() - broadcast.status.uptimeMs;
  const announcedStart = context.globalState.get(ANNOUNCED_START, 0);
  const events = new BroadcastEvents({
    // If this plugin crashes on air, the start of the stream must not be announced again.
    begun: broadcast.state !== 'idle' && Math.abs(beganAt() - announcedStart) < SAME_START_MS,
    settleMs: (configuration.get<number>('settleSeconds') ?? 5) * 1000,
    announce: (event) => {
      if (event === 'start') void context.globalState.update(ANNOUNCED_START, beganAt());
      if (configuration.get<string[]>('events')?.includes(event)) post(event);
    },
  });
  events.follow(broadcast.state);

  context.subscriptions.push(
    status,
    webhook,
    events,
    broadcast.onDidChangeState((state) => events.follow(state)),
    commands.registerCommand('go-live-notifier.setUrl', async (url?: string) => {
      if (url === undefined) {
        await context.secrets.delete(URL_SECRET);
        return l10n.t('The address has been removed.');
      }
      if (!isPrivate(url)) throw new Error(l10n.t('expected an https:// address: it holds a token'));
      await context.secrets.store(URL_SECRET, url);
      return l10n.t('The address is kept with your secrets. Try it: bulkhead run go-live-notifier.test');
    }),
    commands.registerCommand('go-live-notifier.test', () => post('test')),
  );
}

/** Whether the address cannot be read in transit: because of TLS, or because it is on this computer. */
function isPrivate(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}
