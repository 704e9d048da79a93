import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import * as z from '../../base/zod.js';
import { type InstalledPlugin, seenBy } from '../../plugins/installed-plugin.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { exportName } from '../../protocol/plugin-exports.js';
import {
  ActivateExtensionRequest,
  CallExportRequest,
  ExtensionChangedNotification,
  RunExportRequest,
} from '../../protocol/plugin-extensions.js';
import { Questions } from '../streamer/questions.js';
import { FromPluginSchema } from './host-channel.js';
import type { ActivatedPlugin, MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginCalls } from './plugin-calls.js';
import { deadlineFor, PluginDeadlines } from './plugin-deadlines.js';
import { type ActivePlugin, PluginDirectory } from './plugin-directory.js';
import { ExportPath } from './plugin-exports.js';

const MAX_ARGUMENTS = 1000;

const Activation = FromPluginSchema.extend({ id: z.string().max(400) });
const Call = Activation.extend({
  path: ExportPath,
  arguments: boundedList(z.unknown(), MAX_ARGUMENTS),
  cancellable: z.boolean().optional(),
});

/** Tells plugins of those that they name in their manifests, and calls what these export. Its pair in the host is `ExtHostExtensions`. */
@injectable()
export class MainThreadExtensions implements MainThreadNamespace {
  constructor(
    @inject(PluginDirectory) private readonly directory: PluginDirectory,
    @inject(PluginDeadlines) private readonly deadlines: Pick<PluginDeadlines, 'commandMs'>,
    @inject(Questions) private readonly questions: Pick<Questions, 'lastOpenMs'>,
  ) {}

  serve({ channel, plugins, log, lifecycle }: ServedHost): Disposable {
    const { directory } = this;
    const seen = new Set(plugins.flatMap(seenBy));
    const send = (id: string) =>
      channel.sendNotification(ExtensionChangedNotification.type, { id, extension: directory.describe(id) });
    for (const id of seen) send(id);
    const calls = new PluginCalls(
      channel,
      deadlineFor(plugins, this.deadlines.commandMs),
      log,
      this.questions,
    );
    const active = new ActivePlugins(directory, calls);
    channel.serve(ActivateExtensionRequest.type, Activation, async ({ plugin, id }) => {
      checkSeen(plugins, plugin, id);
      await directory.activate(id);
      return null;
    });
    channel.serve(CallExportRequest.type, Call, ({ plugin, id, ...call }, token) => {
      checkSeen(plugins, plugin, id);
      return directory.call(id, call, { token, caller: plugin });
    });
    return new DisposableStore([
      directory.onDidChange((id) => {
        if (seen.has(id)) send(id);
      }),
      lifecycle.onDidActivate((plugin) => active.add(plugin)),
      lifecycle.onWillDeactivate((id) => active.remove(id)),
      active,
    ]);
  }
}

/** Those plugins of one host that are active. */
class ActivePlugins implements Disposable {
  private readonly marks = new Map<string, Disposable>();

  constructor(
    private readonly directory: PluginDirectory,
    private readonly calls: PluginCalls,
  ) {}

  add({ id, exports }: ActivatedPlugin): void {
    const run: ActivePlugin['call'] = (call, by) => {
      const name = exportName(call.path);
      const called = { plugin: id, what: name, details: { export: name } };
      return this.calls.run(called, RunExportRequest.type, { plugin: id, ...call }, by);
    };
    this.marks.set(id, this.directory.markActive(id, { exports, call: run }));
  }

  remove(id: string): void {
    this.marks.get(id)?.dispose();
    this.marks.delete(id);
  }

  dispose(): void {
    for (const id of [...this.marks.keys()]) this.remove(id);
  }
}

/** @throws `permission.denied` if its manifest does not name the other */
function checkSeen(plugins: readonly InstalledPlugin[], id: string, other: string): void {
  const plugin = plugins.find((candidate) => candidate.id === id);
  if (plugin !== undefined && seenBy(plugin).includes(other)) return;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `the plugin "${id}" may not use what the plugin "${other}" exports`,
    { where: id, remedy: NAME_IT },
  );
}

const NAME_IT = 'Name it in "extensionDependencies" or "optionalExtensionDependencies" of package.json.';
