import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  sources,
  window,
} from '@bulkhead/extension-api';
import { beep } from './beep.js';

/** There without any settings, to try it. */
const BEEP = 'beep';

export async function activate(context: ExtensionContext): Promise<void> {
  const status = window.createStatusItem('playing');
  const beepPath = join(context.storagePath, 'beep.wav');
  await writeFile(beepPath, beep());
  const playing = new Set<string>();
  const sounds = () => {
    const lines = configuration.get<string[]>('sounds') ?? [];
    return new Map([[BEEP, beepPath] as const, ...lines.map((line) => parsed(line, context.storagePath))]);
  };
  sounds();
  const idOf = (name: string) => `sound-${name}`;

  context.subscriptions.push(
    status,
    sources.onDidChangeState(({ id, to, error }) => {
      if (!id.startsWith(idOf(''))) return;
      const name = id.slice(idOf('').length);
      if (to === 'live' && sounds().has(name)) playing.add(name);
      else playing.delete(name);
      const isBroken = to === 'failed' || to === 'retrying';
      status.text = isBroken ? `${name}: ${error ?? l10n.t('it cannot be played')}` : [...playing].join(', ');
    }),
    commands.registerCommand('soundboard.play', async (sound?: unknown) => {
      const name = String(sound);
      const path = sounds().get(name);
      if (path === undefined)
        throw new Error(l10n.t('expected one of {0}, got "{1}"', [...sounds().keys()].join(', '), name));
      const source = { type: 'file', path, loop: false };
      if (!(await sources.addIfMissing({ id: idOf(name), ...source }))) await sources.set(idOf(name), source);
      await sources.play(idOf(name));
    }),
    commands.registerCommand('soundboard.list', () => [...sounds().keys()].join(', ')),
  );
}

/** @throws An error for a line that is not a name and a file */
function parsed(line: string, folder: string): readonly [name: string, path: string] {
  const [, name, file] = /^\s*([\w-]{1,50})\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
  if (name === undefined || file === undefined) {
    throw new Error(l10n.t('sounds: expected a name and a file, as in "horn = horn.mp3", got "{0}"', line));
  }
  return [name, resolve(folder, file)];
}
