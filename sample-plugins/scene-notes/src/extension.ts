import {
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  type Scene,
  scenes,
  window,
} from '@bulkhead/extension-api';

const NOTES = 'notes';
const MOST_CHARACTERS = 200;

export async function activate(context: ExtensionContext): Promise<void> {
  const note = window.createStatusItem('note');
  const next = window.createStatusItem('next');
  /** Those of the configuration, and those that were set since, by scene. */
  const notes = (): Record<string, string> => ({
    ...Object.fromEntries((configuration.get<string[]>('notes') ?? []).map(parsed)),
    ...context.globalState.get<Record<string, string>>(NOTES, {}),
  });

  // What is written wrongly is said at once.
  notes();

  const show = async () => {
    // Without a broadcast there are no scenes.
    const all = await scenes.list().catch((): readonly Scene[] => []);
    const of = (scene: Scene | undefined) => (scene === undefined ? '' : (notes()[scene.id] ?? ''));
    note.text = of(all.find(({ isOnAir }) => isOnAir));
    next.text = of(all.find(({ isPreviewed }) => isPreviewed));
  };

  context.subscriptions.push(
    note,
    next,
    scenes.onDidChange(show),
    scenes.onDidSwitch(show),
    configuration.onDidChange(show),
    commands.registerCommand('scene-notes.set', async (scene?: unknown, ...words: unknown[]) => {
      if (scene === undefined) throw new Error(l10n.t('expected the name of a scene, and the note'));
      const name = String(scene);
      const text = words.join(' ').slice(0, MOST_CHARACTERS);
      await context.globalState.update(NOTES, {
        ...context.globalState.get(NOTES, {}),
        [name]: text,
      });
      await show();
      return text === '' ? l10n.t('{0} has no note.', name) : l10n.t('Noted for {0}.', name);
    }),
    commands.registerCommand('scene-notes.show', () => {
      const lines = Object.entries(notes()).filter(([, text]) => text !== '');
      return lines.map(([scene, text]) => `${scene}: ${text}`).join('\n') || l10n.t('There are no notes.');
    }),
  );
  await show();
}

/** @throws An error for a line that is not a scene and a text */
function parsed(line: string): [scene: string, text: string] {
  const [, scene, text] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  if (scene === undefined || text === undefined) {
    throw new Error(
      l10n.t('notes: expected a scene and a text, as in "main = Thank the sponsors", got "{0}"', line),
    );
  }
  return [scene, text.slice(0, MOST_CHARACTERS)];
}
