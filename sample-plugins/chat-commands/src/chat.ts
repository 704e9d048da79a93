import { configuration, type Disposable } from '@bulkhead/extension-api';
import { IrcClient, MessageTypes } from 'ircv3';
import type { Allowance } from './allowance.js';
import { chatLine } from './chat-line.js';

/** Where to chat, and as whom. */
export interface ChatSettings {
  readonly server: string;
  readonly port: number;
  readonly tls: boolean;
  readonly nick: string;
  /** With its `#`. */
  readonly channel: string;
}

export interface ChatEvents {
  onMessage(nick: string, text: string): void;
  /** In the channel, and ready. */
  onJoined(): void;
  /** It tries again by itself, but for a wrong password and when somebody has thrown it out. */
  onLost(reason: string): void;
}

/** Reads the settings; undefined while the streamer has not said who the bot is and where. */
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

/** A connection to one channel, which comes back by itself. */
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
      if (target === this.client.currentNick) events.onLost(`kicked: ${reason ?? 'no reason given'}`);
    });
    this.client.onPasswordError(() => events.onLost('the password is wrong'));
    this.client.onDisconnect((manually, reason) => {
      if (!manually) events.onLost(reason?.message ?? 'the connection broke');
    });
  }

  connect(): void {
    this.client.connect();
  }

  /** False when so much has been said of late that the server might throw the bot out. */
  say(text: string): boolean {
    if (!this.allowance.take()) return false;
    this.client.say(this.settings.channel, chatLine(text));
    return true;
  }

  /** Takes somebody out of the channel, where the bot is an operator of it. */
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
