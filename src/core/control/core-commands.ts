import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { BroadcastView } from '../main-thread/broadcast-view.js';
import type { CommandRegistry } from '../main-thread/command-registry.js';
import { MarkerLabel } from '../main-thread/plugin-text.js';
import type { Dialogs } from '../streamer/dialogs.js';

/** Registers the core's own commands. They are the streamer's, by `bulkhead run`: a plugin has an API, and permissions. */
export function registerCoreCommands(
  commands: CommandRegistry,
  broadcast: Pick<BroadcastView, 'addMarker'>,
  { progress }: Pick<Dialogs, 'progress'>,
): void {
  const register = (command: string, handler: (text: string) => unknown) =>
    commands.register(command, 'core', (args, { caller }) => {
      if (caller === undefined) return handler(args.map(String).join(' '));
      throw new BulkheadError(
        ErrorCodes.permissionDenied,
        `the command "${command}" is the streamer's; the plugin "${caller}" may not run it`,
        { where: caller, remedy: 'Use the API: broadcast.addMarker, window.withProgress.' },
      );
    });

  register('bulkhead.addMarker', (text) => {
    const label = MarkerLabel.safeParse(text);
    if (label.success) return broadcast.addMarker(label.data);
    throw new BulkheadError(ErrorCodes.configInvalid, 'a marker needs a label', {
      remedy: 'For example: bulkhead run bulkhead.addMarker "the goal"',
    });
  });
  register('bulkhead.cancelProgress', (text) => {
    progress.cancel(Number(text));
    return null;
  });
}
