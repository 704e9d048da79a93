import {
  commands,
  configuration,
  type ExtensionContext,
  type LayerMove,
  type LayerSettings,
  l10n,
  type Scene,
  scenes,
} from '@bulkhead/extension-api';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  durationMs: number;
  easing: NonNullable<LayerMove['easing']>;
}

/** Where a layer was, and how it looked; null for what it leaves to the frame. */
type Place = { [Key in keyof Pick<LayerSettings, (typeof KEPT)[number]>]: LayerSettings[Key] | null };

interface Layout {
  readonly scene: string;
  readonly places: Readonly<Record<string, Place>>;
}

const KEPT = ['x', 'y', 'width', 'height', 'crop', 'opacity', 'radius'] as const;

export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  const durationMs = () => settings.get('durationMs');
  const layouts = () => context.globalState.get<Record<string, Layout>>('layouts', {});

  context.subscriptions.push(
    commands.registerCommand('move-transition.to', async (scene?: unknown) => {
      if (scene === undefined) throw new Error(l10n.t('expected the name of a scene'));
      await scenes.switchTo(String(scene), { type: 'move', durationMs: durationMs() });
      return l10n.t('{0} is on air.', String(scene));
    }),
    commands.registerCommand('move-transition.save', async (name?: unknown) => {
      if (name === undefined) throw new Error(l10n.t('expected a name for the places of the layers'));
      const scene = (await scenes.list()).find(({ isOnAir }) => isOnAir);
      if (scene === undefined) throw new Error(l10n.t('no scene is on air'));
      await context.globalState.update('layouts', { ...layouts(), [String(name)]: layoutOf(scene) });
      return l10n.t('"{0}" is where the layers of {1} are now.', String(name), scene.id);
    }),
    commands.registerCommand('move-transition.recall', async (name?: unknown) => {
      const layout = layouts()[String(name)];
      if (layout === undefined) {
        const names = Object.keys(layouts()).join(', ');
        if (names === '') throw new Error(l10n.t('nothing is saved yet: run move-transition.save'));
        throw new Error(l10n.t('expected one of {0}', names));
      }
      const scene = (await scenes.list()).find(({ id }) => id === layout.scene);
      // Layers that were added since stay where they are; those that were removed cannot move.
      const known = scene?.layers.map(({ id }) => id) ?? [];
      const places = Object.entries(layout.places).filter(([id]) => known.includes(id));
      await scenes.moveLayers(layout.scene, Object.fromEntries(places), {
        durationMs: durationMs(),
        easing: settings.get('easing'),
      });
      return l10n.t('The layers of {0} are where "{1}" has them.', layout.scene, String(name));
    }),
  );
}

function layoutOf({ id, layers }: Scene): Layout {
  const placeOf = (layer: LayerSettings) =>
    Object.fromEntries(KEPT.map((key) => [key, layer[key] ?? null])) as Place;
  return { scene: id, places: Object.fromEntries(layers.map((layer) => [layer.id, placeOf(layer)])) };
}
