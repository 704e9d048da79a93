import type { UpgradeData, UpgradeScript } from '@bulkhead/extension-api';
import { BulkheadError } from '../protocol/errors.js';
import {
  BeginUpgradeRequest,
  CommitUpgradeRequest,
  ReadUpgradedStateRequest,
  UpgradeDueNotification,
  type UpgradedConfiguration,
  type UpgradeRun,
  UpgradeScriptNotification,
} from '../protocol/plugin-upgrades.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';
import { NO_DATA, runUpgrades } from './run-upgrades.js';
import { writeState } from './write-state.js';

/** Values of the upgraded state that are on their way to the core at a time. */
const WRITES_AT_ONCE = 50;

type State = Readonly<Record<string, unknown>>;

/** Runs the upgrade scripts of this host's plugins. Its pair in the core is `MainThreadUpgrades`. */
export class ExtHostUpgrades {
  private readonly scripts = new Map<PluginScope, readonly UpgradeScript[]>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(UpgradeDueNotification.type, ({ plugin }) => {
      for (const [scope, scripts] of this.scripts) if (scope.id === plugin) void this.again(scope, scripts);
    });
  }

  /**
   * Brings what is stored for the plugin up to date.
   *
   * @throws `plugin.failed` that names the script; then nothing has changed
   */
  async upgrade(scope: PluginScope, scripts: readonly UpgradeScript[]): Promise<void> {
    this.scripts.set(scope, scripts);
    scope.hold({ dispose: () => this.scripts.delete(scope) });
    await this.inTurn(() => this.run(scope, scripts));
  }

  private async again(scope: PluginScope, scripts: readonly UpgradeScript[]): Promise<void> {
    try {
      await this.inTurn(() => this.run(scope, scripts));
    } catch (error) {
      scope.reportFailure(BulkheadError.from(error));
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  private async run(scope: PluginScope, scripts: readonly UpgradeScript[]): Promise<void> {
    const { connection } = this;
    const plugin = scope.id;
    const { runs } = await connection.sendRequest(BeginUpgradeRequest.type, {
      plugin,
      scripts: scripts.length,
    });
    if (runs.length === 0) return;
    const results: UpgradedConfiguration[] = [];
    try {
      for (const run of runs) results.push(await this.apply(scope, scripts, run));
    } finally {
      this.connection.sendNotification(UpgradeScriptNotification.type, { plugin, script: 0 });
    }
    try {
      await connection.sendRequest(CommitUpgradeRequest.type, { plugin, results });
    } catch (error) {
      throw scope.failure('its upgrade', error);
    }
  }

  private async apply(
    scope: PluginScope,
    scripts: readonly UpgradeScript[],
    { applied, settings, commands, profiles }: UpgradeRun,
  ): Promise<UpgradedConfiguration> {
    const stored = profiles === undefined ? {} : await this.readState(scope, profiles);
    const after = await runUpgrades({
      scripts,
      applied,
      before: { ...NO_DATA, settings, commands, ...stored },
      willRun: async (script) => {
        this.connection.sendNotification(UpgradeScriptNotification.type, { plugin: scope.id, script });
        // So that the core knows which one it is, should it never return.
        await new Promise(setImmediate);
      },
      failure: (script, error) => scope.failure(`upgrade script ${script} of ${scripts.length}`, error),
    });
    if (profiles !== undefined) await this.writeState(scope, after);
    return { settings: after.settings, commands: after.commands };
  }

  private async readState(
    scope: PluginScope,
    profiles: readonly string[],
  ): Promise<Pick<UpgradeData, 'globalState' | 'profileState'>> {
    const read = async (profile?: string) => {
      const params = { plugin: scope.id, ...(profile === undefined ? {} : { profile }) };
      return valuesOf(await this.connection.sendRequest(ReadUpgradedStateRequest.type, params));
    };
    const profileState: Record<string, State> = {};
    for (const profile of profiles) profileState[profile] = await read(profile);
    return { globalState: await read(), profileState };
  }

  private async writeState(scope: PluginScope, { globalState, profileState }: UpgradeData): Promise<void> {
    const plugin = scope.id;
    const of = (state: State, profile: { readonly profile?: string } = {}) =>
      Object.entries(state).map(([key, value]) => ({
        plugin,
        key,
        value: JSON.stringify(value),
        ...profile,
      }));
    const writes = [
      ...of(globalState),
      ...Object.entries(profileState).flatMap(([profile, state]) => of(state, { profile })),
    ];
    try {
      for (let at = 0; at < writes.length; at += WRITES_AT_ONCE) {
        const some = writes.slice(at, at + WRITES_AT_ONCE);
        await Promise.all(some.map((write) => writeState(this.connection, { ...write, upgraded: true })));
      }
    } catch (error) {
      throw scope.failure('storing what its upgrade scripts returned', BulkheadError.from(error));
    }
  }
}

function valuesOf(texts: Readonly<Record<string, string>>): State {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, JSON.parse(text) as unknown]));
}
