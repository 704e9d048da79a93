import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { type Disposable, l10n } from '@bulkhead/extension-api';

const RETRY_MS = 5000;

export interface ChatAddress {
  readonly server: string;
  readonly port: number;
  readonly tls: boolean;
  /** With its `#`. */
  readonly channel: string;
}

export interface ChatEvents {
  onMessage(text: string): void;
  /** @param state for people */
  onState(state: string): void;
}

/** Reads a chat without an account, as Twitch lets everybody who calls himself "justinfan". */
export function readChat({ server: host, port, tls, channel }: ChatAddress, events: ChatEvents): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let socket: Socket;
  let isOver = false;

  const open = () => {
    const nick = `justinfan${10_000 + Math.floor(80_000 * Math.random())}`;
    let reason = l10n.t('the connection was closed');
    socket = tls ? connect({ host, port, servername: host }) : createConnection({ host, port });
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.write(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\n`);
    });
    socket.on('error', ({ message }) => (reason = message));
    socket.once('close', () => {
      if (isOver) return;
      events.onState(l10n.t('not connected: {0}', reason));
      timer = setTimeout(open, RETRY_MS);
    });
    createInterface({ input: socket }).on('line', (line) => {
      const [, name, rest = ''] = /^(?:@\S+ )?(?::\S+ )?(\S+) ?(.*)$/.exec(line) ?? [];
      if (name === 'PING') socket.write(`PONG ${rest}\r\n`);
      if (name === '001') socket.write(`JOIN ${channel}\r\n`);
      if (name === '366') events.onState(l10n.t('reading {0}', channel));
      const [target, text] = rest.split(/ :(.*)/s, 2);
      if (name === 'PRIVMSG' && target?.toLowerCase() === channel && text !== undefined)
        events.onMessage(text);
    });
  };
  open();
  return {
    dispose: () => {
      isOver = true;
      clearTimeout(timer);
      socket.destroy();
    },
  };
}
