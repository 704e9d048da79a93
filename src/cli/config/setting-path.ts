import { suggestion } from '../../config/nearest.js';
import { secretCommand } from '../../plugins/declared-settings.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { PluginSetting } from '../../protocol/settings.js';

const GROUP = 'pluginSettings';

/** What changes the other settings of the configuration on air. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  outputs: 'bulkhead output',
  scenes: 'bulkhead scene',
  sources: 'bulkhead source',
  mixer: 'bulkhead audio',
  overlays: 'bulkhead overlay',
  video: 'bulkhead encoder set',
  audio: 'bulkhead encoder set',
  ffmpeg: 'bulkhead encoder set',
};

/**
 * The setting that a path means: `pluginSettings.someone.plugin.size`, or `pluginSettings["someone.plugin"].size` as in messages. Ids and names
 * may have dots in them.
 *
 * @throws BulkheadError `config.invalid` with what would be right
 */
export function settingAt(path: string, settings: readonly PluginSetting[]): PluginSetting {
  const plain = path.replace(/^pluginSettings\["([^"]*)"\]/, `${GROUP}.$1`);
  const found = settings.find((setting) => plain === pathOf(setting));
  if (found !== undefined) return found;
  const [group = ''] = plain.split('.');
  if (group !== GROUP) throw notOfPlugins(path, group);
  if (settings.length === 0)
    throw invalid(`no plugin that has settings runs`, path, 'See "bulkhead plugin list".');
  const plugins = [...new Set(settings.map(({ plugin }) => plugin))];
  const plugin = plugins.find((id) => plain.startsWith(`${GROUP}.${id}.`));
  if (plugin === undefined) {
    const given = plain.slice(GROUP.length + 1);
    const message = `no plugin that runs is meant by "${given}"; ${suggestion(given, plugins)}`;
    throw invalid(message, path, `Write ${GROUP}.PLUGIN.SETTING; "bulkhead config list" has all of them.`);
  }
  const key = plain.slice(`${GROUP}.${plugin}.`.length);
  const keys = settings.filter((setting) => setting.plugin === plugin).map((setting) => setting.key);
  throw invalid(`the plugin "${plugin}" has no setting "${key}"; ${suggestion(key, keys)}`, path);
}

export function pathOf({ plugin, key }: Pick<PluginSetting, 'plugin' | 'key'>): string {
  return `${GROUP}.${plugin}.${key}`;
}

/**
 * The value that a text on the command line means. Whether it is one of those allowed is for the core to say.
 *
 * @throws BulkheadError `config.invalid`
 */
export function settingValue(text: string, setting: PluginSetting): PluginSetting['value'] {
  const { type, plugin, key } = setting;
  if (type === 'secret') {
    throw invalid(
      `"${key}" is a secret, which is no argument, since other users can read those`,
      pathOf(setting),
      `Run: ${secretCommand(plugin, key)}`,
    );
  }
  if (text === 'null') return null;
  if (type === 'string') return text;
  const value = parsed(text);
  const isRight =
    type === 'array'
      ? Array.isArray(value)
      : typeof value === (type === 'integer' ? 'number' : type) && !Array.isArray(value);
  if (isRight) return value as PluginSetting['value'];
  throw invalid(`expected ${EXPECTED[type]}, got "${text}"`, pathOf(setting));
}

const EXPECTED: Readonly<Record<Exclude<PluginSetting['type'], 'secret'>, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list, such as \'["a", "b"]\'',
  object: 'an object, such as \'{ "a": 1 }\'',
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notOfPlugins(path: string, group: string): BulkheadError {
  const command = Object.hasOwn(ELSEWHERE, group) ? ELSEWHERE[group] : undefined;
  const remedy =
    command === undefined
      ? 'Edit the configuration file: what can be changed on air is applied when it is saved.'
      : `Use "${command}", or edit the configuration file, which is applied when it is saved.`;
  return invalid(`this command changes settings of plugins, ${GROUP}.PLUGIN.SETTING`, path, remedy);
}

function invalid(message: string, where: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, {
    where,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
