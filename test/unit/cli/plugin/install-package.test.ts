import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { CliContext } from '../../../../src/cli/cli-context.js';
import { type InstallOptions, installAll } from '../../../../src/cli/plugin/install-package.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';
import type { StagedPackage } from '../../../../src/plugins/library/stage-package.js';
import type {
  InstallParams,
  KeptData,
  PackageOrigin,
  PluginManagement,
} from '../../../../src/protocol/plugin-management.js';
import { installedPlugin } from '../../plugins/installed-plugin.js';

describe('the installation of a plugin and what it depends on', () => {
  let installed: InstallParams[];
  let questions: string[];

  beforeEach(() => {
    installed = [];
    questions = [];
  });

  const printer = new Printer({ write: () => {} }, {});
  const context: CliContext = {
    stdout: printer,
    stderr: printer,
    cwd: '/',
    env: {},
    platform: 'linux',
    signals: new EventEmitter(),
    endSignals: [],
    corePath: '',
  };
  const answering = (answer: string): CliContext => ({
    ...context,
    ask: async (question) => {
      questions.push(question);
      return answer;
    },
  });
  const origin = (name: string, publisher: string): PackageOrigin => ({
    package: name,
    registry: 'https://registry.example',
    integrity: 'sha512-a',
    publisher,
    maintainers: [publisher],
  });
  const staged = (id: string, spec: string): StagedPackage => ({
    plugin: installedPlugin(id),
    staged: id,
    spec,
    origin: origin(spec, 'eve'),
  });
  /** The plugin "eve.chat", which depends on "victim.alerts". */
  const install = (
    dependency: string,
    kept: readonly KeptData[],
    options: Partial<InstallOptions>,
    how = context,
  ) => {
    const plugins: Pick<PluginManagement, 'install'> = {
      install: async (params) => {
        installed.push(params);
        const { staged: id } = params;
        const { version, path } = installedPlugin(id);
        const plugin = { id, version, path, state: 'running', source: 'library', storageMb: 1 } as const;
        return { plugin: { ...plugin, asked: [], optional: [], granted: [] } };
      },
    };
    const list = { plugins: [], isolation: '', enforcesScopes: true, library: '/library', kept };
    const packages = [staged('victim.alerts', dependency), staged('eve.chat', 'chat')];
    return installAll(packages, list, plugins, { yes: true, onDependency: () => {}, ...options }, how);
  };
  const alerts = { id: 'victim.alerts', spec: '@victim/alerts' };
  const decisions = () => installed.map(({ data, acceptChangedSource }) => [data, acceptChangedSource]);

  it('takes --data for the plugin that was named, and not for a dependency from elsewhere', async () => {
    await assert.rejects(install('evil', [alerts], { data: 'keep' }), {
      code: 'plugin.otherSource',
      message: /"victim\.alerts" was installed from @victim\/alerts before; this one is from evil/,
      where: 'victim.alerts',
      remedy: 'If it is meant, install it by itself first: bulkhead plugin install evil',
    });
    assert.deepEqual(installed, []);
    const chat = { id: 'eve.chat', spec: '/old.tgz' };
    await install('@victim/alerts', [chat], { data: 'keep' });
    assert.deepEqual(decisions(), [
      [undefined, undefined],
      ['keep', undefined],
    ]);
  });

  it('asks about the stored data of a dependency, whatever --data and --yes say', async () => {
    await install('evil', [alerts], { data: 'keep' }, answering('delete'));
    assert.equal(questions.length, 1);
    assert.deepEqual(decisions(), [
      ['fresh', undefined],
      [undefined, undefined],
    ]);
  });

  it('takes --accept-changed-source for the plugin that was named alone', async () => {
    const of = (id: string, spec: string) => ({ id, spec, origin: origin(spec, 'ann') });
    await assert.rejects(
      install('@victim/alerts', [of('victim.alerts', '@victim/alerts')], { acceptChangedSource: true }),
      {
        code: 'plugin.changedSource',
        message: /was published by "eve", not by "ann"/,
        remedy: 'If it is meant, install it by itself first: bulkhead plugin install @victim/alerts',
      },
    );
    assert.deepEqual(installed, []);
    await install('@victim/alerts', [of('eve.chat', 'chat')], { acceptChangedSource: true });
    assert.deepEqual(decisions(), [
      [undefined, undefined],
      [undefined, true],
    ]);
  });
});
