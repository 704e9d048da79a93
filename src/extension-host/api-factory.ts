import type {
  ExtensionApi,
  InspectedSetting,
  SettingValue,
  TypedConfiguration,
} from '@bulkhead/extension-api';
import type { ProposedApi } from '@bulkhead/extension-api/proposed';
import { BulkheadError } from '../protocol/errors.js';
import { API_VERSION } from '../protocol/extension-host.js';
import { MessageType } from '../protocol/plugin-window.js';
import { version } from '../version.js';
import { createApiClasses } from './api-classes.js';
import type { ApiTarget } from './plugin-services.js';
import { createAudioApi, createScenesApi, createSourcesApi } from './show-apis.js';

/**
 * One plugin's API. It looks up its target at each call: a module that was loaded once keeps the API object, even if the
 * plugin is activated again in the same process.
 */
export function createApi(target: () => ApiTarget): ProposedApi {
  const showMessage =
    (type: MessageType) =>
    <T extends string>(message: string, ...args: unknown[]): Promise<T | undefined> => {
      const { scope, services } = target();
      return services.window.showMessage<T>(scope, type, message, args);
    };
  const status = () => target().services.broadcast.status;
  const configuration: ExtensionApi['configuration'] = Object.freeze<ExtensionApi['configuration']>({
    // That the types are those that the manifest declares is up to the plugin.
    get: ((key: string, defaultValue?: SettingValue) => {
      const { scope, services } = target();
      return services.configuration.get(scope, key, defaultValue);
    }) as ExtensionApi['configuration']['get'],
    inspect: <T extends SettingValue>(key: string) => {
      const { scope, services } = target();
      return services.configuration.inspect(scope, key) as InspectedSetting<T>;
    },
    update: async (key, value) => {
      const { scope, services } = target();
      await services.configuration.update(scope, key, value);
    },
    // As with `get`, the types are up to the plugin.
    typed: <S extends object>() => configuration as unknown as TypedConfiguration<S>,
    onDidChange: (...args) => {
      const { scope, services } = target();
      return scope.event('configuration.onDidChange', services.configuration.onDidChange(scope))(...args);
    },
  });
  const api: Omit<ProposedApi, 'audio' | 'overlays' | 'scenes' | 'sources'> = {
    commands: Object.freeze<ExtensionApi['commands']>({
      registerCommand: (command, handler) => {
        const { scope, services } = target();
        return services.commands.registerCommand(scope, command, handler as (...args: never[]) => unknown);
      },
      executeCommand: async <T>(command: string, ...args: unknown[]) => {
        const { scope, services } = target();
        return (await services.commands.executeCommand(scope, command, args)) as T;
      },
      getCommands: async () => {
        const { scope, services } = target();
        return services.commands.getCommands(scope);
      },
    }),
    broadcast: Object.freeze<ProposedApi['broadcast']>({
      get state() {
        return status().state;
      },
      get stats() {
        return status().stats;
      },
      get status() {
        return status();
      },
      start: async () => {
        const { scope, services } = target();
        await services.broadcast.start(scope);
      },
      stop: async () => {
        const { scope, services } = target();
        await services.broadcast.stop(scope);
      },
      get markers() {
        return target().services.broadcast.markers;
      },
      addMarker: async (label) => {
        const { scope, services } = target();
        return services.broadcast.addMarker(scope, label);
      },
      onDidAddMarker: (...args) => {
        const { scope, services } = target();
        return scope.event('broadcast.onDidAddMarker', services.broadcast.onDidAddMarker)(...args);
      },
      onDidSplice: (...args) => {
        const { scope, services } = target();
        scope.checkProposal('broadcastSplices');
        return scope.event('broadcast.onDidSplice', services.broadcast.onDidSplice)(...args);
      },
      onDidChangeState: (...args) => {
        const { scope, services } = target();
        return scope.event('broadcast.onDidChangeState', services.broadcast.onDidChangeState)(...args);
      },
      onDidStart: (...args) => {
        const { scope, services } = target();
        return scope.event('broadcast.onDidStart', services.broadcast.onDidStart)(...args);
      },
      onDidStop: (...args) => {
        const { scope, services } = target();
        return scope.event('broadcast.onDidStop', services.broadcast.onDidStop)(...args);
      },
      onDidUpdateStats: (...args) => {
        const { scope, services } = target();
        return scope.event('broadcast.onDidUpdateStats', services.broadcast.onDidUpdateStats)(...args);
      },
    }),
    window: Object.freeze<ExtensionApi['window']>({
      showInformationMessage: showMessage(MessageType.Info),
      showWarningMessage: showMessage(MessageType.Warning),
      showErrorMessage: showMessage(MessageType.Error),
      withProgress: async (options, task) => {
        const { scope, services } = target();
        return services.progress.withProgress(scope, options, task);
      },
      createStatusItem: (id) => {
        const { scope, services } = target();
        return services.statusItems.createStatusItem(scope, id);
      },
      createOutputChannel: (name) => {
        const { scope, services } = target();
        return services.window.createOutputChannel(scope, name);
      },
    }),
    env: Object.freeze<ExtensionApi['env']>({
      apiVersion: API_VERSION,
      appVersion: version,
      platform: process.platform,
      get isolationTier() {
        return target().scope.plugin.tier;
      },
      get isDevelopment() {
        return target().scope.plugin.development;
      },
      get profile() {
        return target().services.profile.current;
      },
      onDidChangeProfile: (...args) => {
        const { scope, services } = target();
        return scope.event('env.onDidChangeProfile', services.profile.onDidChange)(...args);
      },
    }),
    configuration,
    BulkheadError: Object.freeze(BulkheadError) as unknown as ExtensionApi['BulkheadError'],
    ...createApiClasses((error) => target().scope.report('a listener of an EventEmitter', error)),
  };
  const overlays = Object.freeze<ProposedApi['overlays']>({
    create: async (id, settings = {}, options = {}) => {
      const { scope, services } = target();
      return services.overlays.create(scope, id, settings, options);
    },
  });
  // Found by name alone: they are no part of the API yet.
  const proposed = {
    ...{ audio: createAudioApi(target), overlays },
    ...{ scenes: createScenesApi(target), sources: createSourcesApi(target) },
  };
  for (const [name, value] of Object.entries(proposed)) Object.defineProperty(api, name, { value });
  return Object.freeze(api as ProposedApi);
}
