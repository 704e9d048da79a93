import { type Command, Option } from 'commander';
import { defaultAddress } from '../../config/address.js';
import type { CliContext } from '../cli-context.js';
import { type AddressOptions, addressOption, type JsonOptions, jsonOption, wholeNumber } from '../options.js';
import type { InstallFlags } from './commands/install.js';
import { managementHelp } from './management-help.js';

/** Most plugins that a search finds. */
const MAX_FOUND = 100;

type Common = AddressOptions & JsonOptions;

const dataOption = () =>
  new Option(
    '--data <what>',
    'where the plugin came from elsewhere before: keep what that one has stored, or start fresh',
  ).choices(['keep', 'fresh']);

const channelOption = () =>
  new Option('--channel <tag>', "follow this tag of the package from now on, such as its pre-releases' next");

const changedSourceOption = () =>
  new Option(
    '--accept-changed-source',
    'also when another account or repository has published it than the version before',
  );

/**
 * Adds the streamer's commands for plugins, which also work on air: install, list, update, remove
 * and so on.
 */
export function addManagementCommands(
  plugin: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const address = defaultAddress(context.env);
  const command = (usage: string, description: string) => {
    const [name = ''] = usage.split(' ');
    return plugin
      .command(usage)
      .description(description)
      .addOption(addressOption(address))
      .addOption(jsonOption())
      .addHelpText('after', managementHelp[name] ?? '');
  };

  command('list', 'show all plugins: what they do, and what they may do').action(async (options: Common) => {
    const { list } = await import('./commands/list.js');
    done(await list(options, context));
  });

  command('info <id>', 'show everything about one plugin').action(async (id: string, options: Common) => {
    const { info } = await import('./commands/info.js');
    done(await info(id, options, context));
  });

  command('install <spec>', 'install a plugin from a folder, a .tgz or npm')
    .option('-y, --yes', 'grant what it asks for, without asking')
    .addOption(channelOption())
    .addOption(dataOption())
    .addOption(changedSourceOption())
    .action(async (spec: string, options: InstallFlags) => {
      const { install } = await import('./commands/install.js');
      done(await install(spec, options, context));
    });

  command('update [id-or-spec]', 'update one plugin, or all of them')
    .option('-y, --yes', 'grant what a new version asks for, without asking')
    .option('--all', 'all of them, as without an id; one that fails does not keep the others')
    .addOption(channelOption())
    .addOption(dataOption())
    .addOption(changedSourceOption())
    .action(async (idOrSpec: string | undefined, options: InstallFlags & { readonly all?: boolean }) => {
      const { update } = await import('./commands/update.js');
      done(await update(idOrSpec, options, context));
    });

  command('rollback <id>', 'go back to the version before an update').action(
    async (id: string, options: Common) => {
      const { rollback } = await import('./commands/rollback.js');
      done(await rollback(id, options, context));
    },
  );

  command('outdated', 'show which plugins from npm have another version').action(async (options: Common) => {
    const { outdated } = await import('./commands/outdated.js');
    done(await outdated(options, context));
  });

  plugin
    .command('search [words...]')
    .description('find plugins in the registry of npm')
    .addOption(
      new Option('--limit <number>', 'most that are shown').default(20).argParser(wholeNumber(MAX_FOUND)),
    )
    .addOption(jsonOption())
    .addHelpText('after', managementHelp['search'] ?? '')
    .action(async (words: readonly string[], options: JsonOptions & { readonly limit: number }) => {
      const { search } = await import('./commands/search.js');
      done(await search(words, options, context));
    });

  command('remove <id>', 'remove an installed plugin')
    .option('--purge', 'delete what it has stored, too')
    .option('--no-purge', 'keep what it has stored, without asking')
    .option('--force', 'also when other plugins need it')
    .action(async (id: string, options: Common & { purge?: boolean; force?: boolean }) => {
      const { remove } = await import('./commands/remove.js');
      done(await remove(id, options, context));
    });

  for (const enabled of [true, false]) {
    const [name, description] = enabled
      ? ['enable', 'enable an installed plugin']
      : ['disable', 'disable an installed plugin'];
    command(`${name} <id>`, description)
      .option('--force', enabled ? 'also when what it needs is missing' : 'also when other plugins need it')
      .action(async (id: string, options: Common & { force?: boolean }) => {
        const { setEnabled } = await import('./commands/set-enabled.js');
        done(await setEnabled(id, enabled, options, context));
      });
  }

  command('restart <id>', "restart a plugin's process, even one that was given up").action(
    async (id: string, options: Common) => {
      const { restart } = await import('./commands/restart.js');
      done(await restart(id, options, context));
    },
  );

  for (const granted of [true, false]) {
    const [name, description] = granted
      ? ['allow', 'grant a permission to a plugin']
      : ['revoke', 'revoke a permission from a plugin, at once'];
    command(`${name} <id> <permission>`, description).action(
      async (id: string, permission: string, options: Common) => {
        const { setPermission } = await import('./commands/set-permission.js');
        done(await setPermission(id, permission, granted, options, context));
      },
    );
  }
}
