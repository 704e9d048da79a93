import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { allGone, childrenOf } from './children.js';
import { freePort } from './ports.js';
import { tempDir } from './temp.js';
import { eventually } from './wait.js';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

export interface NginxOptions {
  /** A free one if undefined. */
  readonly port?: number;
  /** Closes a silent publisher after this many seconds (`drop_idle_publisher`). */
  readonly dropIdle?: number | undefined;
  /** Where the application `recorded` writes each session of a publisher, from its start: `KEY-SECONDS.flv`. */
  readonly recordingFolder?: string;
  /** Runs it in this network namespace, on all of its addresses: words to put before the command. */
  readonly within?: readonly string[];
}

/** A real nginx-rtmp on 127.0.0.1, with the applications `live` and `other`, and `recorded` if there is a folder for it. */
export interface NginxRtmp {
  readonly port: number;
  /** The running nginx: master first, then its workers. Empty while it is down. */
  pids(): number[];
  url(app: string, key: string): string;
  /** nginx's log so far. */
  log(): string;
  /** SIGKILLs master and workers, as in a power failure; resolves when they have exited. */
  kill9(): Promise<void>;
  /** Starts it again on the same port; resolves when it listens. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startNginxRtmp(options: NginxOptions = {}): Promise<NginxRtmp> {
  const port = options.port ?? (await freePort());
  const { within = [] } = options;
  const dir = tempDir('nginx');
  const logFile = join(dir.path, 'error.log');
  writeFileSync(join(dir.path, 'nginx.conf'), configuration(port, options));
  let master: ChildProcess | undefined;

  const pids = () => {
    const pid = master?.exitCode === null && master.signalCode === null ? master.pid : undefined;
    return pid === undefined ? [] : [pid, ...childrenOf(pid).map((child) => child.pid)];
  };
  const start = async () => {
    const [program = '', ...words] = [...within, 'nginx', '-p', dir.path, '-c', 'nginx.conf', '-e', logFile];
    const child = spawn(program, words, { stdio: 'ignore' });
    master = child;
    await eventually(`nginx listens at ${port}`, async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(logFile, 'utf8')}`);
      // Another namespace's port cannot be connected to from here; nginx writes this file when it listens.
      if (within.length > 0) return existsSync(join(dir.path, 'nginx.pid')) ? true : undefined;
      return (await listens(port)) ? true : undefined;
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    const running = pids();
    const child = master;
    if (child === undefined || running.length === 0) return;
    const exited = once(child, 'exit');
    for (const pid of signal === 'SIGKILL' ? running : running.slice(0, 1)) process.kill(pid, signal);
    await exited;
    const left = await allGone(running, 10_000);
    for (const pid of left) process.kill(pid, 'SIGKILL');
  };

  try {
    await start();
  } catch (error) {
    dir.dispose();
    throw error;
  }
  return {
    port,
    pids,
    url: (app, key) => `rtmp://127.0.0.1:${port}/${app}/${key}`,
    log: () => readFileSync(logFile, 'utf8'),
    kill9: () => end('SIGKILL'),
    restart: start,
    stop: async () => {
      // A stopped process does not handle SIGTERM.
      for (const pid of pids()) process.kill(pid, 'SIGCONT');
      await end('SIGTERM');
      dir.dispose();
    },
  };
}

function configuration(port: number, { dropIdle, recordingFolder, within }: NginxOptions): string {
  const idle = dropIdle === undefined ? '' : `drop_idle_publisher ${dropIdle}s;`;
  const recorded =
    recordingFolder === undefined
      ? ''
      : `application recorded { live on; record all; record_path "${recordingFolder}"; record_unique on; }`;
  return `
load_module ${MODULE};
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid nginx.pid;
error_log error.log info;
events { worker_connections 128; }
rtmp {
  access_log off;
  # So that a viewer who is slow for a moment misses nothing of what comes at once.
  out_queue 4096;
  server {
    listen ${within === undefined ? '127.0.0.1' : '0.0.0.0'}:${port};
    application live { live on; ${idle} }
    application other { live on; ${idle} }
    ${recorded}
  }
}
`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
