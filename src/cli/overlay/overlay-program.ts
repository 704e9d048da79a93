import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, placeOption, saveOption } from '../options.js';
import type { EditOptions } from './change-overlays.js';

type Common = AddressOptions & JsonOptions;

const KEPT = `
What is changed is kept for this configuration and restored when it is started again; --save writes it into the file.
"bulkhead scene undo" takes it back.`;

const HELP: Readonly<Record<string, string>> = {
  add: `
The settings are those of "overlays" in the configuration. A path counts from this folder.
${KEPT}

Examples:
  bulkhead overlay add title '{ "x": 40, "y": 40, "elements": [{ "id": "text", "type": "text", "text": "Welcome", "size": 48 }] }'
  bulkhead overlay add title --element line '{ "type": "box", "y": 60, "width": 300, "height": 4 }' --save`,
  set: `
Only the settings that are given change, and null removes one.
${KEPT}

Examples:
  bulkhead overlay set title '{ "x": 900, "opacity": 0.8 }'
  bulkhead overlay set title --element text '{ "text": "Back in five minutes" }'`,
  remove: KEPT,
  show: KEPT,
  hide: KEPT,
};

const elementOption = () => new Option('--element <id>', 'an element of it');
const atOption = () => placeOption('its place, 0 for the lowest');

/** The commands below `bulkhead overlay`. */
export function addOverlayCommands(
  overlay: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(overlay, context, HELP);
  const changes = () => import('./change-overlays.js');
  const editOptions = () => [elementOption(), atOption(), saveOption()];

  command('list', 'show the overlays, and what they show').action(async (options: Common) => {
    done(await (await changes()).listOverlays(options, context));
  });
  command('add <id> <json>', 'add an overlay, or an element to one', editOptions()).action(
    async (id: string, json: string, options: EditOptions) => {
      done(await (await changes()).addToOverlays(id, json, options, context));
    },
  );
  command('set <id> [json]', 'change an overlay, or an element of it', editOptions()).action(
    async (id: string, json: string | undefined, options: EditOptions) => {
      done(await (await changes()).setInOverlays(id, json, options, context));
    },
  );
  command('remove <id>', 'remove an overlay, or an element of one', [elementOption(), saveOption()]).action(
    async (id: string, options: EditOptions) => {
      done(await (await changes()).removeFromOverlays(id, options, context));
    },
  );
  for (const [way, description] of [
    ['show', 'show an overlay'],
    ['hide', 'hide an overlay'],
  ] as const) {
    command(`${way} <id>`, description, [saveOption()]).action(async (id: string, options: EditOptions) => {
      done(await (await changes()).showOverlay(id, way === 'show', options, context));
    });
  }
}
