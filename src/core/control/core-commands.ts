import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { checkValue } from '../../base/check-value.js';
import { DisposableStore } from '../../base/disposable-store.js';
import { ReplaySecondsSchema } from '../../config/replay-schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { ReplayManagement } from '../../protocol/replay.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { CORE, type CommandHandler, CommandRegistry } from '../main-thread/command-registry.js';
import { MarkerLabel } from '../main-thread/plugin-text.js';
import { Replays } from '../replay/replays.js';
import { ProgressList } from '../streamer/progress-list.js';

/**
 * The core's own commands, for the streamer with `bulkhead run`; plugins use the API and its permissions
 * instead.
 */
@injectable()
export class CoreCommands implements Disposable {
  private readonly registered: DisposableStore;

  constructor(
    @inject(CommandRegistry) private readonly commands: CommandRegistry,
    @inject(BroadcastView) broadcast: Pick<BroadcastView, 'addMarker'>,
    @inject(Replays) replays: Pick<ReplayManagement, 'saveReplay'>,
    @inject(ProgressList) progress: Pick<ProgressList, 'cancel'>,
  ) {
    this.registered = new DisposableStore([
      this.register('bulkhead.addMarker', 'Mark this moment: LABEL', (text) => {
        const label = checkValue(MarkerLabel, text);
        if (label.success) return broadcast.addMarker(label.data);
        throw new BulkheadError(ErrorCodes.configInvalid, 'a marker needs a label', {
          remedy: 'For example: bulkhead run bulkhead.addMarker "the goal"',
        });
      }),
      this.register('bulkhead.saveReplay', 'Save what is in the replay buffer: SECONDS', (text) => {
        const seconds = checkValue(ReplaySecondsSchema.optional(), text === '' ? undefined : Number(text));
        if (seconds.success) return replays.saveReplay({ seconds: seconds.data });
        throw new BulkheadError(ErrorCodes.configInvalid, 'expected a number of seconds from 1 to 600', {
          remedy: 'For example: bulkhead run bulkhead.saveReplay 10',
        });
      }),
      this.register('bulkhead.cancelProgress', "Cancel a plugin's task: its NUMBER in the status", (text) => {
        progress.cancel(Number(text));
        return null;
      }),
    ]);
  }

  private register(command: string, title: string, handler: (text: string) => unknown): Disposable {
    const run: CommandHandler = (args, { caller }) => {
      if (caller === undefined) return handler(args.map(String).join(' '));
      throw new BulkheadError(
        ErrorCodes.permissionDenied,
        `the command "${command}" is the streamer's; the plugin "${caller}" may not run it`,
        { where: caller, remedy: 'Use the API: broadcast.addMarker, window.withProgress.' },
      );
    };
    return this.commands.register(command, CORE, run, title);
  }

  dispose(): void {
    this.registered.dispose();
  }
}
