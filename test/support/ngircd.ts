import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './ports.js';
import { tempDir } from './temp.js';
import { eventually } from './wait.js';

/** A real IRC server on 127.0.0.1, without DNS and ident. */
export interface Ngircd {
  readonly port: number;
  /** SIGKILLs it. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startNgircd(options: { readonly password?: string } = {}): Promise<Ngircd> {
  const port = await freePort();
  const dir = tempDir('ngircd');
  const file = join(dir.path, 'ngircd.conf');
  const password = options.password === undefined ? '' : `Password = ${options.password}`;
  writeFileSync(
    file,
    `[Global]\nName = irc.test\nInfo = Test\nListen = 127.0.0.1\nPorts = ${port}\n${password}\n` +
      '[Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\n[Options]\nDNS = no\nIdent = no\nPAM = no\n',
  );
  let server: ChildProcess | undefined;
  const start = async () => {
    const child = spawn('ngircd', ['-n', '-f', file], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    server = child;
    await eventually(`ngircd listens at ${port}`, async () => {
      if (child.exitCode !== null) throw new Error(`ngircd ended with ${child.exitCode}`);
      return (await listens(port)) ? true : undefined;
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  return {
    port,
    kill9: () => end('SIGKILL'),
    restart: start,
    stop: async () => {
      await end('SIGKILL');
      dir.dispose();
    },
  };
}

/** A user in chat. */
export class ChatUser {
  private readonly socket: Socket;
  /** All lines that the server has sent. */
  readonly lines: string[] = [];

  constructor(
    port: number,
    readonly nick: string,
    private readonly channel: string,
    password?: string,
  ) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    createInterface(this.socket).on('line', (line) => {
      this.lines.push(line);
      if (line.startsWith('PING')) this.send(line.replace('PING', 'PONG'));
    });
    if (password !== undefined) this.send(`PASS ${password}`);
    this.send(`NICK ${nick}`);
    this.send(`USER ${nick} 0 * :${nick}`);
    this.send(`JOIN ${channel}`);
  }

  say(text: string): void {
    this.send(`PRIVMSG ${this.channel} :${text}`);
  }

  /** If this user is an operator of the channel, as the first one to join is. */
  kick(nick: string, reason: string): void {
    this.send(`KICK ${this.channel} ${nick} :${reason}`);
  }

  /** Waits for a line that matches, or for the `count`th of them. */
  receives(pattern: RegExp, count = 1): Promise<string> {
    return eventually(`${this.nick} hears ${pattern} ${count} times`, () =>
      this.lines.filter((line) => pattern.test(line)).at(count - 1),
    );
  }

  private send(line: string): void {
    this.socket.write(`${line}\r\n`);
  }

  leave(): void {
    this.socket.destroy();
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
