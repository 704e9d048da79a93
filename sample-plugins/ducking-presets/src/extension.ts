import {
  audio,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  scenes,
  window,
} from '@bulkhead/extension-api';

/** How much quieter one source gets while another is heard; null for not at all. */
interface Ducking {
  readonly source: string;
  readonly ducking: { readonly by: string; readonly amountDb: number } | null;
}

export async function activate(context: ExtensionContext): Promise<void> {
  const status = window.createStatusItem('preset');
  const lines = (key: string) => (configuration.get<string[]>(key) ?? []).map(split);
  const presets = () => new Map(lines('presets').map(([name, text]) => [name, text.split(',').map(parsed)]));
  const ofScenes = () => new Map(lines('scenes'));
  // What is written wrongly is said at once.
  presets();
  ofScenes();

  const use = async (name: string) => {
    const preset = presets().get(name);
    if (preset === undefined) {
      const names = [...presets().keys()].join(', ');
      if (names === '') throw new Error(l10n.t('there are no presets yet: set "presets"'));
      throw new Error(l10n.t('expected one of {0}, got "{1}"', names, name));
    }
    for (const { source, ducking } of preset) await audio.set(source, { ducking });
    status.text = name;
    return l10n.t('The preset is {0}.', name);
  };
  const useForScene = async (scene: string | undefined) => {
    const name = scene === undefined ? undefined : ofScenes().get(scene);
    if (name === undefined || name === status.text) return;
    await use(name).catch(({ message }: Error) => (status.text = message));
  };

  context.subscriptions.push(
    status,
    scenes.onDidSwitch(({ to }) => {
      if (to === undefined) status.text = '';
      return useForScene(to);
    }),
    commands.registerCommand('ducking-presets.use', (name?: unknown) => use(String(name ?? ''))),
    commands.registerCommand('ducking-presets.list', () => [...presets().keys()].join(', ')),
  );
  // Without a broadcast there are none; one that begins later is an event.
  const all = await scenes.list().catch(() => []);
  await useForScene(all.find(({ isOnAir }) => isOnAir)?.id);
}

/** @throws An error for a line without a name and what it stands for */
function split(line: string): [name: string, text: string] {
  const [, name, text] = /^\s*(\S+)\s*=\s*(\S.*?)\s*$/.exec(line) ?? [];
  if (name === undefined || text === undefined)
    throw new Error(l10n.t('expected "name = …", got "{0}"', line));
  return [name, text];
}

/** @throws An error for what is not "music -18 by mic" or "music" */
function parsed(text: string): Ducking {
  const [, source, db, by] = /^\s*([\w-]+)(?:\s+(-\d+(?:\.\d+)?)\s+by\s+([\w-]+))?\s*$/.exec(text) ?? [];
  if (source === undefined) {
    throw new Error(
      l10n.t(
        'presets: expected a source, dB and another source, as in "music -18 by mic", got "{0}"',
        text.trim(),
      ),
    );
  }
  return { source, ducking: by === undefined ? null : { by, amountDb: Number(db) } };
}
