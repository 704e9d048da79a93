import {
  audio,
  commands,
  configuration,
  type ExtensionContext,
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
      throw new Error(`expected one of ${[...presets().keys()].join(', ') || '"presets"'}, got "${name}"`);
    }
    for (const { source, ducking } of preset) await audio.set(source, { ducking });
    status.text = name;
    return `The preset is ${name}.`;
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
  if (name === undefined || text === undefined) throw new Error(`expected "name = …", got "${line}"`);
  return [name, text];
}

/** @throws An error for what is not "music -18 by mic" or "music" */
function parsed(text: string): Ducking {
  const [, source, db, by] = /^\s*([\w-]+)(?:\s+(-\d+(?:\.\d+)?)\s+by\s+([\w-]+))?\s*$/.exec(text) ?? [];
  if (source === undefined) {
    throw new Error(
      `presets: expected a source, dB and another source, as in "music -18 by mic", got "${text.trim()}"`,
    );
  }
  return { source, ducking: by === undefined ? null : { by, amountDb: Number(db) } };
}
