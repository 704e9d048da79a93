import assert from 'node:assert/strict';
import type { Disposable } from 'vscode-jsonrpc';
import type { HostLauncher } from '../../../src/core/extension-hosts/isolation/host-launchers.js';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import type { PartInstance } from '../../../src/core/processes/part-launcher.js';
import type { PartContext, PartModule } from '../../../src/process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import {
  type ActivatePluginParams,
  ActivatePluginRequest,
  DeactivatePluginRequest,
  PluginErrorNotification,
  type PluginErrorParams,
  PrepareHostNotification,
} from '../../../src/protocol/extension-host.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';

export interface HostBehaviour {
  /** Plugins whose activation fails, with their errors. */
  readonly failing?: Readonly<Record<string, string>>;
  /** Plugins whose activation never completes. */
  readonly hanging?: readonly string[];
  /** What plugins leave behind when they are deactivated. */
  readonly left?: readonly string[];
}

/** The process of one extension host, simulated by the test. */
export class FakeHost implements Disposable {
  /** The descriptions of plugins to activate. */
  readonly activations: ActivatePluginParams[] = [];

  constructor(
    private readonly context: PartContext,
    behaviour: HostBehaviour,
    readonly name: string,
    note: (what: string) => void,
  ) {
    const { failing = {}, hanging = [], left = [] } = behaviour;
    context.connection.onRequest(ActivatePluginRequest.type, (params) => {
      const { id } = params.plugin;
      this.activations.push(params);
      note(`${name} activate ${id}`);
      if (hanging.includes(id)) return new Promise<never>(() => {});
      const failure = failing[id];
      if (failure === undefined) return {};
      throw new BulkheadError(ErrorCodes.pluginFailed, failure, { where: id });
    });
    context.connection.onNotification(PrepareHostNotification.type, ({ guarded }) =>
      note(`${name} prepares${guarded ? ' with a network guard' : ''}`),
    );
    context.connection.onRequest(DeactivatePluginRequest.type, ({ id }) => {
      note(`${name} deactivate ${id}`);
      return { left };
    });
  }

  get connection(): RpcConnection {
    return this.context.connection;
  }

  /** Reports a failure of a plugin in it. */
  report(plugin: string, message: string, fatal: boolean, more: Partial<PluginErrorParams> = {}): void {
    this.connection.sendNotification(PluginErrorNotification.type, { plugin, message, fatal, ...more });
  }

  crash(): void {
    this.context.exit(ExitCodes.crash);
  }

  dispose(): void {}
}

/** Launches simulated hosts inside this process. */
export class FakeHosts implements PartModule, HostLauncher {
  readonly role = 'extension-host';
  readonly isolated = true;
  readonly initializeResult = { capabilities: {} };
  readonly all: FakeHost[] = [];
  /** The requests to them, in order: `host 1 activate ID`. */
  readonly asked: string[] = [];
  /** Of hosts launched from now on. */
  behaviour: HostBehaviour = {};
  private readonly launcher = new InProcessLauncher(this);

  activate(context: PartContext): Disposable {
    const host = new FakeHost(context, this.behaviour, `host ${this.all.length + 1}`, (what) =>
      this.asked.push(what),
    );
    this.all.push(host);
    this.asked.push(`${host.name} starts`);
    return host;
  }

  launch(): PartInstance {
    return this.launcher.launch();
  }

  async prepare(): Promise<void> {
    this.asked.push('prepare');
  }

  async release(): Promise<void> {
    this.asked.push('release');
  }

  /** The newest. */
  get last(): FakeHost {
    const host = this.all.at(-1);
    assert.ok(host, 'a host was launched');
    return host;
  }
}
