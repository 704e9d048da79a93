import semver from 'semver';
import * as z from '../base/zod.js';
import { MOST_PLUGIN_ID, PLUGIN_ID } from '../config/ids.js';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { bounded, text } from '../protocol/bounded.js';
import { API_VERSION } from '../protocol/extension-host.js';
import {
  isPermission,
  MOST_PERMISSION,
  PERMISSION_FAMILIES,
  PERMISSIONS,
  type Permission,
  permissionProblem,
} from '../protocol/permissions/permissions.js';
import { Contributes } from './contributions.js';
import { eventPermission } from './event-permission.js';
import { NPM_NAME } from './npm/package-name.js';
import { isOwnCommand, ownCommandExpectation, ownName, pluginId, publisherOf } from './plugin-name.js';

/** Default limit of a plugin's folder, MB; a manifest may ask for more, which the streamer has to allow. */
export const STORAGE_MB = 512;
const MAX_STORAGE_MB = 1024 * 1024;

/** Events without a name. */
export const EVENTS = ['onStartupFinished', 'onBroadcastStart', 'onBroadcastStop'] as const;
/** Events with the name of a command, a setting or another plugin's event. */
const NAMED_EVENT = /^on(Command|Configuration|Event):\S+$/;

const ActivationEvent = text(300)
  .refine(
    (event) => EVENTS.some((known) => known === event) || NAMED_EVENT.test(event),
    'expected "onStartupFinished", "onBroadcastStart", "onBroadcastStop", "onCommand:NAME", "onConfiguration:SETTING" or "onEvent:EVENT"',
  )
  .meta({ anyOf: [{ enum: EVENTS }, { pattern: NAMED_EVENT.source }] });

const PermissionName = text(MOST_PERMISSION)
  .superRefine((permission, context) => {
    const message = permissionProblem(permission);
    if (message !== undefined) context.addIssue({ code: 'custom', input: permission, message });
  })
  .meta({
    anyOf: [
      { enum: Object.keys(PERMISSIONS) },
      ...Object.keys(PERMISSION_FAMILIES).map((family) => ({ pattern: `^${family}:.+` })),
    ],
  })
  .describe(
    [
      ...Object.entries(PERMISSIONS).map(([name, what]) => `${name}: ${what}`),
      ...Object.values(PERMISSION_FAMILIES).map(({ example }) => `such as ${example}`),
    ].join('; '),
  );
/** At most this many in one list. */
const MOST_PERMISSIONS = 50;
const PermissionList = bounded(
  z
    .array(PermissionName)
    .max(MOST_PERMISSIONS)
    .transform((names): Permission[] => names.filter(isPermission)),
  MOST_PERMISSIONS,
);

const PluginId = text(MOST_PLUGIN_ID).regex(
  PLUGIN_ID,
  'expected a plugin\'s id: publisher and name, such as "someone.chat"',
);

/**
 * The parts of a plugin's `package.json` that Bulkhead reads. Other keys are for npm and other tools, and are not
 * checked.
 */
export const ManifestSchema = z
  .looseObject({
    name: text(214).regex(
      /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
      'expected a package name: lower case letters, digits, "-", "." and "_"',
    ),
    publisher: text(100)
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, 'expected letters, digits and "-"')
      .optional(),
    version: text(100).refine(
      (version) => semver.valid(version) !== null,
      'expected a version such as "1.0.0"',
    ),
    displayName: text(100).min(1, 'expected text').optional(),
    main: text(200)
      .min(1, 'expected a path')
      .describe('The module that exports activate, as a path in the folder, such as "dist/extension.js".'),
    engines: z.looseObject({
      // The result of parsing a semver range grows with the square of its length.
      bulkhead: text(64)
        .superRefine((range, context) => {
          const message = engineProblem(range);
          if (message !== undefined) context.addIssue({ code: 'custom', message });
        })
        .describe('The versions of extension-api that the plugin works with, such as "^1.0.0".'),
    }),
    activationEvents: bounded(z.array(ActivationEvent).max(200), 200)
      .optional()
      .describe(
        'What the plugin is activated by, besides its own commands; without this key, by the start of Bulkhead.',
      ),
    contributes: Contributes.prefault({}).describe(
      'What the plugin adds, known before any of its code runs.',
    ),
    permissions: PermissionList.default([]).describe(
      'What the plugin may do beyond what every plugin can. The streamer grants it all, or does not install the plugin.',
    ),
    optionalPermissions: PermissionList.default([]).describe(
      'What the plugin may ask the streamer for while it runs, by permissions.request().',
    ),
    storageMb: z
      .int('expected a whole number of MB')
      .min(1, 'expected at least 1 MB')
      .max(MAX_STORAGE_MB, `expected at most ${MAX_STORAGE_MB} MB`)
      .default(STORAGE_MB)
      .describe(
        `Most that the plugin keeps in its folder, MB; for more than ${STORAGE_MB} the streamer has to agree. A plugin over it is ended.`,
      ),
    extensionDependencies: bounded(z.array(PluginId).max(50), 50)
      .default([])
      .describe(
        'Ids of plugins that are activated before this one, which may use what they export. Packages of npm belong in "dependencies".',
      ),
    optionalExtensionDependencies: bounded(z.array(PluginId).max(50), 50)
      .default([])
      .describe('Ids of plugins whose exports this one may use where they are there.'),
    extensionPackages: z
      .record(
        PluginId,
        text(300).regex(NPM_NAME, 'expected the name of a package of npm, such as "@someone/chat"'),
      )
      .default({})
      .describe(
        'The packages of npm that hold the plugins in extensionDependencies, by their ids; without an entry, that of "someone.chat" is "@someone/chat".',
      ),
    hostGroup: text(100)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, "-", "." and "_"')
      .optional()
      .describe('Plugins of one publisher that name the same group share a process.'),
    l10n: text(200)
      .min(1, 'expected a path')
      .optional()
      .describe('The folder of the texts of its code in other languages, such as "./l10n".'),
    enabledApiProposals: bounded(z.array(z.enum(API_PROPOSAL_NAMES)).max(50), 50)
      .default([])
      .describe(
        'Proposed APIs that the plugin uses: they work in development, and where the streamer allows them.',
      ),
  })
  .superRefine(({ activationEvents = ['onStartupFinished'], contributes, hostGroup, ...named }, context) => {
    if (hostGroup !== undefined && publisherOf(named) === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['hostGroup'],
        input: hostGroup,
        message: 'expected a "publisher" as well, since only plugins of one publisher share a process',
      });
    }
    const plugin = { id: pluginId(named), name: ownName(named) };
    const message = ownCommandExpectation(plugin);
    for (const [index, { command }] of contributes.commands.entries()) {
      if (isOwnCommand(plugin, command)) continue;
      const path = ['contributes', 'commands', index, 'command'];
      context.addIssue({ code: 'custom', path, input: command, message });
    }
    for (const [index, { event }] of contributes.events.entries()) {
      if (isOwnCommand(plugin, event)) continue;
      const path = ['contributes', 'events', index, 'event'];
      context.addIssue({
        code: 'custom',
        path,
        input: event,
        message: ownCommandExpectation(plugin, 'raid'),
      });
    }
    if (activationEvents.length === 0 && contributes.commands.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['activationEvents'],
        input: activationEvents,
        message: `expected one of ${EVENTS.map((event) => `"${event}"`).join(', ')}, since the plugin has no command that could activate it`,
      });
    }
    // Without an index: those that are unknown here have been left out.
    const path = ['activationEvents'];
    for (const event of activationEvents) {
      const [, command] = /^onCommand:(.*)$/.exec(event) ?? [];
      if (command !== undefined && !isOwnCommand(plugin, command)) {
        context.addIssue({ code: 'custom', path, input: command, message });
      }
      const [, setting] = /^onConfiguration:(.*)$/.exec(event) ?? [];
      if (setting !== undefined && !Object.hasOwn(contributes.configuration.properties, setting)) {
        context.addIssue({
          code: 'custom',
          path,
          message: `expected a setting of contributes.configuration.properties, got "${setting}"`,
        });
      }
      const [, heard] = /^onEvent:(.*)$/.exec(event) ?? [];
      const asked = [...named.permissions, ...named.optionalPermissions];
      if (heard !== undefined && !asked.includes(eventPermission(heard))) {
        const message = `expected "events:${heard}" in "permissions" as well, got "${event}" alone`;
        context.addIssue({ code: 'custom', path, message });
      }
    }
  });

/** The lowest version in a range; null if it contains none, or is not a range. */
function lowestOf(range: string): semver.SemVer | null {
  if (range.trim() === '') return null;
  try {
    return semver.minVersion(range);
  } catch {
    return null;
  }
}

export type Manifest = z.output<typeof ManifestSchema>;

/**
 * The schema of a plugin's `package.json` as JSON Schema 2020-12, for editors; stored in
 * `schemas/plugin-manifest.schema.json`.
 */
export function manifestJsonSchema(): z.core.JSONSchema.JSONSchema {
  return {
    ...z.toJSONSchema(ManifestSchema, { io: 'input' }),
    title: 'package.json of a Bulkhead plugin',
  };
}

/**
 * Every event that activates the plugin: those in its manifest, and `onCommand` for each command that it contributes.
 */
export function activationEventsOf({ activationEvents, contributes }: Manifest): string[] {
  const own = contributes.commands.map(({ command }) => `onCommand:${command}`);
  return [...new Set([...(activationEvents ?? ['onStartupFinished']), ...own])];
}

/**
 * Why a plugin with this `engines.bulkhead` cannot run here; undefined if it can. A range must stay within one major
 * version, since the next one may be incompatible.
 *
 * @param apiVersion The version of the API to run on; a pre-release counts as the release that it precedes.
 */
export function engineProblem(range: string, apiVersion: string = API_VERSION): string | undefined {
  const { major, minor, patch } = new semver.SemVer(apiVersion);
  const release = `${major}.${minor}.${patch}`;
  const example = `such as "^${major}.0.0", got "${range}"`;
  const lowest = lowestOf(range);
  if (lowest === null) return `expected a range of versions, ${example}`;
  if (semver.intersects(range, `>=${lowest.major + 1}.0.0`)) {
    return `expected a range within one major version, ${example}`;
  }
  if (semver.satisfies(release, range)) return undefined;
  return semver.gtr(release, range)
    ? `expected a range that holds ${release}, ${example}; the plugin is made for an older Bulkhead`
    : `expected a range that holds ${release}, ${example}; the plugin needs a newer Bulkhead`;
}
