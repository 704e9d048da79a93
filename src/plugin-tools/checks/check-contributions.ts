import type { Finding, FindingDetails, Rule } from '../finding.js';
import type { Subject } from '../subject.js';

/**
 * Checks that the manifest's contributions and the code agree, and that names follow the conventions.
 */
export function checkContributions(subject: Subject): Finding[] {
  return [...checkNames(subject), ...checkSettings(subject), ...checkUses(subject)];
}

const warning = (rule: Rule, details: FindingDetails): Finding => ({ severity: 'warning', rule, ...details });

function checkNames({ plugin, packageJson }: Subject): Finding[] {
  const name = String(packageJson['name']).replace(/^@[^/]*\//, '');
  const prefixes = [`${name}.`, `${plugin.id}.`];
  return plugin.contributes.commands
    .filter(({ command }) => !prefixes.some((prefix) => command.startsWith(prefix)))
    .map(({ command }) =>
      warning('commands', {
        file: 'package.json',
        message: `contributes.commands: expected a name that begins with "${name}.", got "${command}"`,
        remedy: 'Another plugin may have a command of that name; then only one of the two runs.',
      }),
    );
}

function checkSettings({ plugin }: Subject): Finding[] {
  return Object.entries(plugin.contributes.configuration.properties)
    .filter(([, { description }]) => description === undefined || description.trim() === '')
    .map(([key]) =>
      warning('settings', {
        file: 'package.json',
        message: `contributes.configuration.properties.${key}: expected a "description", which streamers read`,
      }),
    );
}

/** Only string literals can be compared. */
function checkUses({ plugin, source }: Subject): Finding[] {
  const { commands, configuration, statusItems } = plugin.contributes;
  const uses = (path: string) => source.apiUses.filter((use) => use.path === path);
  const registrations = uses('commands.registerCommand');
  const settings = Object.keys(configuration.properties);
  const unregistered = registrations.every(({ text }) => text !== undefined)
    ? commands.filter(({ command }) => !registrations.some(({ text }) => text === command))
    : [];
  return [
    ...unregistered.map(({ command }) =>
      warning('commands', {
        file: 'package.json',
        message: `contributes.commands: "${command}" is never registered in the code`,
      }),
    ),
    ...uses('configuration.get')
      .filter(({ text }) => text !== undefined && !settings.includes(text))
      .map(({ text, file, line }) =>
        warning('settings', {
          file,
          line,
          message: `"${text}" is no setting of contributes.configuration.properties: configuration.get will throw`,
        }),
      ),
    ...uses('window.createStatusItem')
      .filter(({ text }) => text !== undefined && !statusItems.some(({ id }) => id === text))
      .map(({ text, file, line }) =>
        warning('status-items', {
          file,
          line,
          message: `"${text}" is no item of contributes.statusItems: window.createStatusItem will throw`,
        }),
      ),
  ];
}
