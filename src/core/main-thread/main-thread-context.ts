import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import { findContextKeyProblem, isReservedKey, MOST_CONTEXT_KEY } from '../../keys/context-keys.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { isOwnCommand } from '../../plugins/plugin-name.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { SetContextRequest } from '../../protocol/plugin-context.js';
import { CallRates } from './call-rates.js';
import { ContextKeys } from './context-keys.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginDirectory } from './plugin-directory.js';
import { oneLine } from './plugin-text.js';

/** Most characters of a text. */
const MOST_TEXT = 200;
/** Most entries of a list. */
const MOST_ENTRIES = 100;

const Single = z.union([oneLine(MOST_TEXT), z.number()]);
const SetContext = FromPluginSchema.extend({
  key: z.string().min(1).max(MOST_CONTEXT_KEY),
  value: z.union([Single, z.boolean(), boundedList(Single, MOST_ENTRIES), z.null()]),
});

/** Lets plugins set context keys of their own. Its pair in the host is `ExtHostContext`. */
@injectable()
export class MainThreadContext implements MainThreadNamespace {
  constructor(
    @inject(ContextKeys) private readonly context: Pick<ContextKeys, 'set' | 'clear'>,
    @inject(PluginDirectory) private readonly directory: Pick<PluginDirectory, 'all'>,
  ) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const rates = new CallRates();
    channel.serve(SetContextRequest.type, SetContext, ({ plugin, key, value }) => {
      rates.change(plugin);
      checkName(
        plugins.find(({ id }) => id === plugin),
        key,
      );
      this.checkOwner(plugin, key);
      this.context.set(plugin, key, value ?? undefined);
      return null;
    });
    return {
      dispose: () => {
        for (const { id } of plugins) this.context.clear(id);
      },
    };
  }

  /**
   * As for commands, the plugin that was installed first has a name that several may have; whether it has set the key yet does
   * not matter, or another one could steer its keybindings until then.
   *
   * @throws `plugin.invalid` if the key is another plugin's
   */
  private checkOwner(plugin: string, key: string): void {
    const owner = this.directory.all.find((candidate) => isOwnCommand(candidate, key));
    if (owner === undefined || owner.id === plugin) return;
    throw new BulkheadError(
      ErrorCodes.pluginInvalid,
      `the context key "${key}" is of the plugin "${owner.id}"`,
      { where: plugin, remedy: `Begin its name with the plugin's id, as in ${plugin}.mode.` },
    );
  }
}

/** @throws `plugin.invalid` for a name that the plugin's keys cannot have */
function checkName(plugin: InstalledPlugin | undefined, key: string): void {
  if (plugin === undefined) return;
  const { id, name } = plugin;
  const prefix = isReservedKey(name) ? id : name;
  const problem =
    isOwnCommand(plugin, key) && !isReservedKey(key)
      ? findContextKeyProblem(key)
      : `expected a name that begins with the plugin's own, such as "${prefix}.mode"`;
  if (problem === undefined) return;
  throw new BulkheadError(ErrorCodes.pluginInvalid, `the context key "${key}": ${problem}`, { where: id });
}
