import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp.js';
import { eventually } from './wait.js';

/** A PulseAudio of the test's own, whose one output plays to nowhere. */
export interface PulseServer {
  /** What programs need to find it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startPulseServer(): Promise<PulseServer> {
  const dir = tempDir('pulse');
  const socket = join(dir.path, 'native');
  const environment = { PULSE_SERVER: `unix:${socket}`, PULSE_RUNTIME_PATH: dir.path, HOME: dir.path };
  const options = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disable-shm=yes'];
  const modules = [
    'module-null-sink sink_name=nowhere',
    `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
  ];
  const server: ChildProcess = spawn(
    'pulseaudio',
    [...options, ...modules.flatMap((module) => ['-L', module])],
    {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
    },
  );
  await eventually('PulseAudio', () => (existsSync(socket) ? true : undefined));
  return {
    environment,
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
      dir.dispose();
    },
  };
}
