import { configuration, type Disposable } from '@bulkhead/extension-api';
import { IrcClient, MessageTypes } from 'ircv3';

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
  /** It tries again by itself, but for a wrong password. */
  onLost(reason: string): void;
}

/** Longest line said, characters: IRC's 512 bytes, less what goes around it. */
const MAX_LINE = 400;

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
    this.client.onPasswordError(() => events.onLost('the password is wrong'));
    this.client.onDisconnect((manually, reason) => {
      if (!manually) events.onLost(reason?.message ?? 'the connection broke');
    });
  }

  connect(): void {
    this.client.connect();
  }

  say(text: string): void {
    // A line break would let whoever wrote the text send commands of IRC.
    this.client.say(this.settings.channel, text.replace(/[\r\n\0]+/g, ' ').slice(0, MAX_LINE));
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
