import { eventPermission, eventsOf } from '../../plugins/event-permission.js';
import { isOwnCommand, ownCommandExpectation } from '../../plugins/plugin-name.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Checks that the manifest and the code agree on what the plugin has to do with others: events, and what they export. */
export function checkDealings(subject: Subject): Finding[] {
  return [...checkFired(subject), ...checkHeard(subject), ...checkExtensions(subject)];
}

/** Calls of a function; `all` is whether each names what it is about by a string literal, which alone can be compared. */
function callsOf({ source }: Subject, path: string) {
  const uses = source.apiUses.filter((use) => use.path === path);
  const named = uses.flatMap(({ text, file, line }) => (text === undefined ? [] : [{ text, file, line }]));
  return { named, all: named.length === uses.length };
}

function checkFired(subject: Subject): Finding[] {
  const { plugin } = subject;
  const { named, all } = callsOf(subject, 'events.fire');
  const declared = plugin.contributes.events.map(({ event }) => event);
  const never = declared.filter((event) => all && !named.some(({ text }) => text === event));
  return [
    ...named
      .filter(({ text }) => !declared.includes(text))
      .map(({ text, file, line }): Finding => {
        const message = isOwnCommand(plugin, text)
          ? `"${text}" is no event of contributes.events: events.fire will fail`
          : `events.fire: ${ownCommandExpectation(plugin, 'raid')}, got "${text}"`;
        return { severity: 'error', rule: 'events', file, line, message };
      }),
    ...never.map((event): Finding => {
      const message = `contributes.events: "${event}" is never fired in the code`;
      return { severity: 'warning', rule: 'events', file: 'package.json', message };
    }),
  ];
}

function checkHeard(subject: Subject): Finding[] {
  const { plugin } = subject;
  const { named, all } = callsOf(subject, 'events.on');
  const asked = eventsOf([...plugin.permissions, ...plugin.optionalPermissions]);
  const unheard = asked.filter((event) => all && !named.some(({ text }) => text === event));
  return [
    ...named
      .filter(({ text }) => !asked.includes(text))
      .map(({ text, file, line }): Finding => {
        const permission = eventPermission(text);
        const message = `events.on needs the permission "${permission}", which package.json does not request`;
        const remedy = `Add "${permission}" to "permissions".`;
        return { severity: 'error', rule: 'events', file, line, message, remedy };
      }),
    ...unheard.map((event): Finding => {
      const message = `"${eventPermission(event)}" is requested, but nothing in the code listens to the event`;
      return { severity: 'warning', rule: 'events', file: 'package.json', message };
    }),
  ];
}

function checkExtensions(subject: Subject): Finding[] {
  const { id, extensionDependencies, optionalExtensionDependencies } = subject.plugin;
  const { named, all } = callsOf(subject, 'extensions.getExtension');
  const seen = [id, ...extensionDependencies, ...optionalExtensionDependencies];
  const unused = optionalExtensionDependencies.filter((other) => !named.some(({ text }) => text === other));
  const usesAll = subject.source.apiUses.some(({ path }) => path === 'extensions.all');
  return [
    ...named
      .filter(({ text }) => !seen.includes(text))
      .map(({ text, file, line }): Finding => {
        const message = `extensions.getExtension: package.json does not name the plugin "${text}"`;
        const remedy = 'Add it to "extensionDependencies" or "optionalExtensionDependencies".';
        return { severity: 'error', rule: 'extensions', file, line, message, remedy };
      }),
    ...(all && !usesAll ? unused : []).map((other): Finding => {
      const message = `optionalExtensionDependencies: nothing in the code uses "${other}"`;
      return { severity: 'warning', rule: 'extensions', file: 'package.json', message };
    }),
  ];
}
