import type {
  Configuration,
  InspectedSetting,
  SettingValue,
  TypedConfiguration,
} from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';
import { apiEvent } from './api-event.js';

/** The namespace `configuration` of one plugin. */
export function createConfigurationApi(target: () => ApiTarget): Configuration {
  const configuration: Configuration = Object.freeze<Configuration>({
    // That the types are those that the manifest declares is up to the plugin.
    get: ((key: string, defaultValue?: SettingValue) => {
      const { scope, services } = target();
      return services.configuration.get(scope, key, defaultValue);
    }) as Configuration['get'],
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
    onDidChange: apiEvent(target, 'configuration.onDidChange', ({ scope, services }) =>
      services.configuration.onDidChange(scope),
    ),
  });
  return configuration;
}
