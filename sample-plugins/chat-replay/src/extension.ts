import {
  broadcast,
  commands,
  configuration,
  type Disposable,
  type ExtensionContext,
  events,
  l10n,
  window,
} from '@bulkhead/extension-api';
import { Burst } from './burst.js';
import { readChat } from './chat.js';

export function activate(context: ExtensionContext): void {
  const text = (key: string) => configuration.get(key, '');
  const number = (key: string) => configuration.get(key, 0);
  const status = window.createStatusItem('chat');
  let chat: Disposable | undefined;

  const trigger = async (why: string) => {
    status.text = why;
    await broadcast.addMarker(why).catch(({ message }: Error) => context.log.info('no marker: %s', message));
    const command = text('command');
    if (command === '') return;
    await commands.executeCommand(command).catch(({ message }: Error) => {
      status.text = `${command}: ${message}`;
    });
  };
  const isCounted = (message: string) => {
    const words = configuration.get('words', []).map((word) => word.toLowerCase());
    const said = message.toLowerCase().split(/\s+/);
    return words.length === 0 || said.some((word) => words.includes(word));
  };
  const follow = () => {
    chat?.dispose();
    chat = undefined;
    const channel = text('channel').toLowerCase().replace(/^#?/, '#');
    if (channel === '#') {
      status.text = l10n.t('set "channel"');
      return;
    }
    const burst = new Burst(number('messages'), 1000 * number('seconds'), 1000 * number('cooldownSeconds'));
    const [server, port, tls] = [text('server'), number('port'), configuration.get('tls', true)];
    chat = readChat(
      { server, port, tls, channel },
      {
        onState: (state) => (status.text = state),
        onMessage: (message) => {
          if (broadcast.state === 'idle' || !isCounted(message)) return;
          const count = burst.note(Date.now());
          if (count === undefined) return;
          void events.fire('chat-replay.burst', { messages: count });
          void trigger(l10n.t('Chat burst: {0} messages', count));
        },
      },
    );
  };

  context.subscriptions.push(
    status,
    { dispose: () => chat?.dispose() },
    configuration.onDidChange(follow),
    commands.registerCommand('chat-replay.trigger', () => trigger(l10n.t('Replay'))),
  );
  follow();
}
