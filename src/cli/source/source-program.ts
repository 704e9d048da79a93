import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, saveOption } from '../options.js';
import type { EditOptions } from './change-sources.js';

type Common = AddressOptions & JsonOptions;

const KEPT = `
What is changed is kept for this configuration and restored when it is started again; --save writes it into the file.
"bulkhead scene undo" takes it back.`;

const HELP: Readonly<Record<string, string>> = {
  add: `
The settings are those of "sources" in the configuration. A path counts from this folder. Layers show it: see "bulkhead scene set".
${KEPT}

Examples:
  bulkhead source add cam2 '{ "type": "camera", "device": "/dev/video2" }'
  bulkhead source add talk '{ "type": "file", "path": "talk.mp4", "loop": false }' --save`,
  set: `
Only the settings that are given change, and null removes one. With another "type" the others go. What is on air of it stays until it
delivers with its new settings.
${KEPT}

Example:
  bulkhead source set talk '{ "path": "other.mp4" }'`,
  remove: `
It must not be in a scene, and no other's fallback.
${KEPT}`,
  restart: `
A file plays from its beginning; a device or an address is opened again.`,
  snapshot: `
The image is 640 pixels wide at most. Without a file it is written to ID.jpg in this folder.`,
};

/** The commands below `bulkhead source`. */
export function addSourceCommands(
  source: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(source, context, HELP);
  const changes = () => import('./change-sources.js');

  command('list', 'show the sources, and the scenes that have them').action(async (options: Common) => {
    done(await (await changes()).listSources(options, context));
  });
  command('add <id> <json>', 'add a source for scenes', [saveOption()]).action(
    async (id: string, json: string, options: EditOptions) => {
      done(await (await changes()).addSource(id, json, options, context));
    },
  );
  command('set <id> <json>', 'change the settings of a source', [saveOption()]).action(
    async (id: string, json: string, options: EditOptions) => {
      done(await (await changes()).setSource(id, json, options, context));
    },
  );
  command('remove <id>', 'remove a source that nothing shows', [saveOption()]).action(
    async (id: string, options: EditOptions) => {
      done(await (await changes()).removeSource(id, options, context));
    },
  );
  command('restart <id>', 'open a source anew').action(async (id: string, options: Common) => {
    done(await (await changes()).restartSource(id, options, context));
  });
  command('play <id>', 'play a file once, heard whatever is on air').action(
    async (id: string, options: Common) => {
      done(await (await changes()).playSource(id, options, context));
    },
  );
  command('snapshot <id> [file]', 'write what a source shows into a file, as a JPEG image').action(
    async (id: string, file: string | undefined, options: Common) => {
      done(await (await changes()).snapshotSource(id, file, options, context));
    },
  );
}
