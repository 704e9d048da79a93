import { declaredSetting } from '../../plugins/declared-settings.js';
import { isOwnCommand, ownCommandExpectation } from '../../plugins/plugin-name.js';
import type { Finding, FindingDetails, Rule } from '../finding.js';
import type { Subject } from '../subject.js';

/**
 * Checks that the manifest's contributions and the code agree.
 */
export function checkContributions(subject: Subject): Finding[] {
  return [...checkSettings(subject), ...checkUses(subject)];
}

const warning = (rule: Rule, details: FindingDetails): Finding => ({ severity: 'warning', rule, ...details });

function checkSettings({ plugin }: Subject): Finding[] {
  return Object.entries(plugin.contributes.configuration.properties)
    .filter(
      ([, { description, markdownDescription = '' }]) => (description ?? markdownDescription).trim() === '',
    )
    .map(([key]) =>
      warning('settings', {
        file: 'package.json',
        message: `contributes.configuration.properties.${key}: expected a "description", which streamers read`,
      }),
    );
}

/** Only string literals can be compared. */
function checkUses({ plugin, source }: Subject): Finding[] {
  const { commands, statusItems } = plugin.contributes;
  const uses = (path: string) => source.apiUses.filter((use) => use.path === path);
  const registrations = uses('commands.registerCommand');
  const unregistered = registrations.every(({ text }) => text !== undefined)
    ? commands.filter(({ command }) => !registrations.some(({ text }) => text === command))
    : [];
  const foreign = registrations.filter(({ text }) => text !== undefined && !isOwnCommand(plugin, text));
  return [
    ...foreign.map(({ text, file, line }): Finding => {
      const message = `commands.registerCommand: ${ownCommandExpectation(plugin)}, got "${text}"`;
      return { severity: 'error', rule: 'commands', file, line, message };
    }),
    ...unregistered.map(({ command }) =>
      warning('commands', {
        file: 'package.json',
        message: `contributes.commands: "${command}" is never registered in the code`,
      }),
    ),
    ...uses('configuration.get').flatMap(({ text, file, line }) => {
      const problem = text === undefined ? undefined : settingProblem(plugin, text);
      return problem === undefined ? [] : [warning('settings', { file, line, message: problem })];
    }),
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

function settingProblem(plugin: Subject['plugin'], key: string): string | undefined {
  const setting = declaredSetting(plugin, key);
  if (setting === undefined)
    return `"${key}" is no setting of contributes.configuration.properties: configuration.get will throw`;
  return setting.type === 'secret'
    ? `"${key}" is a secret: configuration.get will throw; read it by context.secrets.get`
    : undefined;
}
