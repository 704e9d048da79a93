import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  window,
} from '@bulkhead/extension-api';
import { Allowance, MOST_LINES, PERIOD_MS } from './allowance.js';
import { Answers } from './answers.js';
import { Chat, chatSettings } from './chat.js';
import { Moderation } from './moderation.js';
import { type AskedCommand, OperatorCommands } from './operator-commands.js';

const PASSWORD_SECRET = 'password';

export async function activate(context: ExtensionContext): Promise<void> {
  const status = window.createStatusItem('chat');
  const allowance = new Allowance();
  let chat: Chat | undefined;

  const run = async ({ command, args }: AskedCommand, say: (result: string) => void) => {
    try {
      const result = await commands.executeCommand(command, ...args);
      if (typeof result === 'string') say(result);
    } catch (error) {
      context.log.warn('%s: %s', command, error);
      say(l10n.t('that did not work: {0}', (error as Error).message));
    }
  };

  const connect = async () => {
    const password = await context.secrets.get(PASSWORD_SECRET);
    // Nothing is awaited from here on: of two concurrent calls, the later one's chat stays.
    chat?.dispose();
    chat = undefined;
    const settings = chatSettings();
    if (settings === undefined) {
      status.text = l10n.t('set nick and channel');
      return;
    }
    const answers = new Answers({
      status: () => broadcast.status,
      own: configuration.get<string[]>('answers') ?? [],
      cooldownMs: (configuration.get<number>('cooldownSeconds') ?? 10) * 1000,
    });
    const moderation = new Moderation(
      configuration.get<string[]>('blockedWords') ?? [],
      configuration.get<number>('warnings') ?? 2,
    );
    const operatorCommands = new OperatorCommands(
      configuration.get<string[]>('commands') ?? [],
      configuration.get<string[]>('operators') ?? [],
    );
    const { channel } = settings;
    status.text = l10n.t('joining {0}', channel);
    const joined = new Chat(settings, password, allowance, {
      onJoined: () => {
        status.text = l10n.t('in {0}', channel);
        context.log.info('in %s at %s', channel, settings.server);
      },
      onLost: (reason) => {
        status.text = l10n.t('not in {0}: {1}', channel, reason);
        context.log.warn('out of %s: %s', channel, reason);
      },
      onMessage: (nick, text) => {
        const verdict = moderation.judge(nick, text);
        if (verdict === 'warn') joined.say(l10n.t('{0}, please mind your words.', nick));
        else if (verdict === 'remove') joined.remove(nick, l10n.t('Warned before.'));
        if (verdict !== 'fine') return;
        const asked = operatorCommands.askedBy(nick, text);
        const answer = answers.to(nick, text);
        if (asked !== undefined) void run(asked, (result) => joined.say(`${nick}, ${result}`));
        else if (answer !== undefined) joined.say(`${nick}, ${answer}`);
      },
    });
    chat = joined;
    chat.connect();
  };

  context.subscriptions.push(
    status,
    { dispose: () => chat?.dispose() },
    configuration.onDidChange(() => connect()),
    commands.registerCommand('chat-commands.setPassword', async (password?: string) => {
      if (password === undefined) await context.secrets.delete(PASSWORD_SECRET);
      else await context.secrets.store(PASSWORD_SECRET, password);
      await connect();
      return password === undefined
        ? l10n.t('The password has been removed.')
        : l10n.t('The password is kept with your secrets.');
    }),
    commands.registerCommand('chat-commands.say', (text: string) => {
      if (chat === undefined) throw new Error(l10n.t('not in chat: set nick and channel'));
      if (chat.say(String(text))) return;
      throw new Error(l10n.t('{0} lines in {1} s have been said already', MOST_LINES, PERIOD_MS / 1000));
    }),
    commands.registerCommand('chat-commands.reconnect', connect),
  );
  await connect();
}
