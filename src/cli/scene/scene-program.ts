import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, placeOption, saveOption, wholeNumber } from '../options.js';
import type { CanvasOptions, EditOptions, TransitionOptions } from './change-scenes.js';

type Common = AddressOptions & JsonOptions;

/** A transition takes no longer, as in the configuration. */
const MOST_MS = 10_000;

const KEPT = `
What is changed is kept for this configuration and restored when it is started again; --save writes it into the file.`;

const HELP: Readonly<Record<string, string>> = {
  switch: `
The scene on air stays until the next one has something to show. Without options the transition is that of the configuration.

Examples:
  bulkhead scene switch break
  bulkhead scene switch game --transition fade --ms 500
  bulkhead scene switch game --canvas vertical
  bulkhead scene switch game --transition stinger --source wipe --ms 1200 --cut-ms 500`,
  preview: `
What the scene shows is opened, so that "bulkhead scene take" puts it on air at once. Without an id no scene is previewed any more.`,
  take: `
The scene that was on air is previewed then: a second "bulkhead scene take" goes back.`,
  add: `
Without JSON the scene is empty; else it has these layers, the first one lowest, as in the configuration.
${KEPT}

Examples:
  bulkhead scene add interview '[{ "id": "cam", "source": "cam" }, { "id": "logo", "source": "logo", "width": 200 }]'
  bulkhead scene add interview --layer guest '{ "source": "call", "x": 640, "width": 640 }' --save`,
  set: `
With --layer only the settings that are given change, and null removes one; else the scene gets other layers.
${KEPT}

Examples:
  bulkhead scene set main --layer cam '{ "x": 900, "width": 320, "opacity": 0.8 }'
  bulkhead scene set main --layer cam --at 0
  bulkhead scene set talk --canvas vertical --layer cam '{ "height": 900 }'
  bulkhead scene set main '[{ "id": "cam", "source": "cam" }]' --save`,
  remove: KEPT,
  undo: `
What was changed in this broadcast can be undone: scenes, layers, sources, sound and overlays, 100 changes at most.`,
  redo: '',
  reset: `
It can be undone.`,
};

const transitionOptions = () => [
  new Option('--transition <type>', 'how it replaces the one on air').choices([
    ...['cut', 'fade', 'slide', 'move', 'stinger'],
  ]),
  new Option('--ms <number>', 'how long it takes, ms').argParser(wholeNumber(MOST_MS)),
  new Option('--direction <where>', 'where to the scenes move in a slide').choices([
    ...['left', 'right', 'up', 'down'],
  ]),
  new Option('--source <id>', 'the source of a stinger: a video, transparent where scenes are seen'),
  new Option('--cut-ms <number>', 'when a stinger hides the change, ms').argParser(wholeNumber(MOST_MS)),
];
const layerOption = () => new Option('--layer <id>', 'a layer of it');
const canvasOption = () => new Option('--canvas <id>', 'one of "canvases"; the main canvas without it');
const atOption = () => placeOption("the layer's place, 0 for the lowest");

/** The commands below `bulkhead scene`. */
export function addSceneCommands(
  scene: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(scene, context, HELP);
  const changes = () => import('./change-scenes.js');

  command('list', 'show the scenes, and which one is on air', [canvasOption()]).action(
    async (options: CanvasOptions) => {
      done(await (await changes()).listScenes(options, context));
    },
  );
  command('switch <id>', 'put another scene on air', [...transitionOptions(), canvasOption()]).action(
    async (id: string, options: TransitionOptions) => {
      done(await (await changes()).switchScene(id, options, context));
    },
  );
  command('preview [id]', 'make a scene ready to be put on air').action(
    async (id: string | undefined, options: Common) => {
      done(await (await changes()).previewScene(id, options, context));
    },
  );
  command('take', 'put the previewed scene on air', transitionOptions()).action(
    async (options: TransitionOptions) => {
      done(await (await changes()).takeScene(options, context));
    },
  );
  command('add <id> [json]', 'add a scene, or a layer to one', [
    ...[layerOption(), atOption(), canvasOption(), saveOption()],
  ]).action(async (id: string, json: string | undefined, options: EditOptions) => {
    done(await (await changes()).addToScenes(id, json, options, context));
  });
  command('set <id> [json]', 'change a scene, or a layer of it', [
    ...[layerOption(), atOption(), canvasOption(), saveOption()],
  ]).action(async (id: string, json: string | undefined, options: EditOptions) => {
    done(await (await changes()).setInScenes(id, json, options, context));
  });
  command('remove <id>', 'remove a scene that is not on air, or a layer of one', [
    ...[layerOption(), canvasOption(), saveOption()],
  ]).action(async (id: string, options: EditOptions) => {
    done(await (await changes()).removeFromScenes(id, options, context));
  });
  for (const [way, description] of [
    ['undo', 'take the last change back'],
    ['redo', 'make a change again that was taken back'],
  ] as const) {
    command(way, description).action(async (options: Common) => {
      done(await (await changes()).stepScenes(way, options, context));
    });
  }
  command('reset', 'go back to the scenes, sources, sounds and overlays of the configuration').action(
    async (options: Common) => {
      done(await (await changes()).resetScenes(options, context));
    },
  );
}
