import assert from 'node:assert/strict';
import { describePlugins } from '../../../../src/plugins/library/describe-plugins.js';
import { NoRunningPlugins } from '../../../../src/plugins/library/running-plugins.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import type { ExtensionHostStatus } from '../../../../src/protocol/status/extension-host-status.js';
import { installedPlugin } from '../installed-plugin.js';

describe('plugins that share a process', () => {
  const plugins = [installedPlugin('me.a'), installedPlugin('me.b'), installedPlugin('me.c')];
  const error = new BulkheadError(ErrorCodes.commandExists, 'the command "a.do" is taken').toData();

  const statesWith = (change: Partial<ExtensionHostStatus>) => {
    const status = {
      pid: 7,
      plugins: plugins.map(({ id }) => id),
      restarts: 0,
      state: 'running',
      isolated: true,
      ...change,
    } as const;
    const running = Object.assign(new NoRunningPlugins(), {
      plugins,
      find: (id: string) => plugins.find((plugin) => plugin.id === id),
      status: () => [status],
    });
    return describePlugins([], running).map(({ state, error: why }) => [state, why?.message]);
  };

  it('have a state each', () => {
    const failed = [{ plugin: 'me.b', error }];
    assert.deepEqual(statesWith({ waiting: ['me.c'], failed, error }), [
      ['running', undefined],
      ['failed', 'the command "a.do" is taken'],
      ['waiting', undefined],
    ]);
  });

  it('have the state of their process when that does not run', () => {
    const [a, b] = statesWith({
      state: 'quarantined',
      failed: [{ plugin: 'me.b', error }],
      error: { ...error, message: 'it crashed' },
    });
    assert.deepEqual(
      [a, b],
      [
        ['quarantined', 'it crashed'],
        ['quarantined', 'the command "a.do" is taken'],
      ],
    );
  });
});
