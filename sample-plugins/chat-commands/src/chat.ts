import { configuration, type Disposable, l10n } from '@bulkhead/extension-api';
import { IrcClient, MessageTypes } from 'ircv3';
import type { Allowance } from './allowance.js';
import { chatLine } from './chat-line.js';

/** Server, channel and account. */
export interface ChatSettings {
  readonly server: string;
  readonly port: number;
  readonly tls: boolean;
  readonly nick: string;
  /** Including the `#`. */
  readonly channel: string;
}

export interface ChatEvents {
  onMessage(nick: string, text: string): void;
  /** It has joined the channel. */
  onJoined(): void;
  /** The connection was lost. It reconnects, unless the password is wrong or the bot was kicked. */
  onLost(reason: string): void;
}

/** Reads the settings; undefined until account and channel are set. */
export function chatSettings(): ChatSettings | undefined {
  const nick = configuration.get<string>('nick') ?? '';
  const channel = configuration.get<string>('channel') ?? '';
  if (nick === '' || channel === '') return undefined;
  return {
    server: configuration.get<string>('server') ?? '',
    port: configuration.get<number>('port') ?? 6697,
    tls: configuration.get<boolean>('tls') ?? true,
    nick,
    channel: (channel.startsWith('#') ? channel : `#${channel}`).toLowerCase(),
  };
}

/** A connection to one channel that reconnects automatically. */
export class Chat implements Disposable {
  private readonly client: IrcClient;

  constructor(
    private readonly settings: ChatSettings,
    password: string | undefined,
    private readonly allowance: Allowance,
    events: ChatEvents,
  ) {
    const { server, port, tls, nick, channel } = settings;
    this.client = new IrcClient({
      connection: { hostName: server, port, secure: tls, reconnect: true },
      credentials: {
        nick,
        realName: 'Bulkhead chat commands',
        ...(password === undefined ? {} : { password }),
      },
      channels: [channel],
      webSocket: false,
    });
    this.client.onPrivmsg((target, user, text) => {
      if (target.toLowerCase() === channel) events.onMessage(user, text);
    });
    this.client.onTypedMessage(MessageTypes.Commands.ChannelJoin, ({ prefix }) => {
      if (prefix?.nick === this.client.currentNick) events.onJoined();
    });
    this.client.onTypedMessage(MessageTypes.Commands.ChannelKick, ({ target, reason }) => {
      if (target === this.client.currentNick)
        events.onLost(l10n.t('kicked: {0}', reason ?? l10n.t('no reason given')));
    });
    this.client.onPasswordError(() => events.onLost(l10n.t('the password is wrong')));
    this.client.onDisconnect((manually, reason) => {
      if (!manually) events.onLost(reason?.message ?? l10n.t('the connection broke'));
    });
  }

  connect(): void {
    this.client.connect();
  }

  /**
   * Returns false if the message was not sent because the server's rate limit would be exceeded.
   */
  say(text: string): boolean {
    if (!this.allowance.take()) return false;
    this.client.say(this.settings.channel, chatLine(text));
    return true;
  }

  /** Kicks a user from the channel, if the bot is an operator there. */
  remove(nick: string, reason: string): void {
    this.client.sendMessage(MessageTypes.Commands.ChannelKick, {
      channel: this.settings.channel,
      target: nick,
      reason,
    });
  }

  dispose(): void {
    if (this.client.isConnected) this.client.quit('Bye.');
    else this.client.quitAbruptly();
  }
}
