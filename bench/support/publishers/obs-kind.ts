import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeMedia } from '../../../test/integration/encoder/test-media.js';
import { type Publisher, runPublisher } from '../../../test/support/publisher.js';
import { eventually } from '../../../test/support/wait.js';
import { missingPrograms } from '../programs.js';
import { obsSettings } from './obs-settings.js';
import type { FrameSize, PublisherKind } from './publisher-kind.js';

export const OBS_SIZE: FrameSize = { width: 1280, height: 720 };

const ARGUMENTS = [
  ...['--multi', '--startstreaming', '--minimize-to-tray', '--disable-updater'],
  ...['--disable-missing-files-check', '--disable-shutdown-check'],
];

/** OBS itself, 30 fps, on an X server without a screen, with a recording as its scene. */
export const obsKind: PublisherKind = {
  name: 'obs',
  missing: async () => missingPrograms('obs', 'Xvfb'),
  setUp: async (folder, given) => {
    const recording = given ?? (await makeRecording(folder));
    const runtime = join(folder, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const screen = await startScreen();
    return {
      start: async ({
        server,
        key,
        size = OBS_SIZE,
        bitrateKbps = 2500,
        within = [],
      }): Promise<Publisher> => {
        const home = join(folder, 'home');
        const profile = { recording, size, server, key, bitrateKbps };
        for (const [path, text] of obsSettings(profile)) {
          const file = join(home, 'obs-studio', path);
          mkdirSync(join(file, '..'), { recursive: true });
          writeFileSync(file, text, { mode: 0o600 });
        }
        const [program = '', ...words] = [...within, 'obs', ...ARGUMENTS];
        return runPublisher(program, words, {
          ...process.env,
          HOME: folder,
          XDG_CONFIG_HOME: home,
          XDG_RUNTIME_DIR: runtime,
          DISPLAY: screen.display,
          QT_QPA_PLATFORM: 'xcb',
          LIBGL_ALWAYS_SOFTWARE: '1',
          LP_NUM_THREADS: '1',
          // It looks for updates of its list of services; nothing here leaves the machine.
          https_proxy: 'http://127.0.0.1:9',
        });
      },
      close: () => screen.close(),
    };
  },
};

/** Ten seconds that no encoder finds easy, with sound. */
const makeRecording = (folder: string): Promise<string> =>
  makeMedia(folder, 'recording.mp4', [
    ...['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=10'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-ac', '2'],
  ]);

async function startScreen(): Promise<{ readonly display: string; close(): Promise<void> }> {
  const child: ChildProcess = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '640x480x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const closed = once(child, 'close');
  let number = '';
  (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
    number += text;
  });
  await eventually('Xvfb is there', () => {
    if (child.exitCode !== null) throw new Error(`Xvfb has ended with code ${child.exitCode}`);
    return number.endsWith('\n') ? true : undefined;
  });
  return {
    display: `:${number.trim()}`,
    close: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
