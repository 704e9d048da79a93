import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { BroadcastConfig } from '../../../src/config/schema.js';
import type { Reconfiguration } from '../../../src/core/show/reconfiguration.js';
import { Show } from '../../../src/core/show/show.js';
import { ProgressList } from '../../../src/core/streamer/progress-list.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import { userLanguage } from '../../../src/plugins/localization/user-language.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { ExtensionHostStatus } from '../../../src/protocol/status/extension-host-status.js';
import { tempDir } from '../../support/temp.js';
import { BroadcastStage, configOf } from '../broadcast/broadcast-stage.js';

const HOST: ExtensionHostStatus = {
  ...{ pid: 4711, plugins: ['p'], restarts: 0, state: 'running', isolated: true, tier: 'strict' },
};

describe('a show', () => {
  let stage: BroadcastStage;
  let questions: Questions;
  let show: Show;
  const setPlugins = sinon.stub();
  const startInstalled = sinon.stub();
  const configure = sinon.stub();
  const enable = sinon.stub();
  const follow = sinon.stub<Parameters<Reconfiguration['follow']>, ReturnType<Reconfiguration['follow']>>();

  beforeEach(() => {
    stage = new BroadcastStage();
    questions = new Questions();
    setPlugins.reset();
    startInstalled.reset();
    configure.reset();
    enable.reset();
    follow.reset();
    show = new Show(
      { address: '/run/core.sock', mode: 'attach', version: '1.2.3', logFile: undefined },
      stage.broadcast,
      { setPlugins, status: () => [HOST] },
      { start: startInstalled },
      { configure },
      { enable },
      questions,
      new ProgressList(),
      { follow },
      { last: async () => null },
    );
  });

  afterEach(async () => {
    await show.stop();
    questions.dispose();
    stage.dispose();
  });

  it('starts the broadcast with the plugins that its configuration names', async () => {
    const change = {
      pluginSettings: { p: { volume: 2 } },
      allowApiProposals: { p: ['broadcastSplices'] },
      profile: 'gaming',
    };
    const status = await show.start(configOf(['main'], change));
    assert.equal(status.state, 'starting');
    sinon.assert.calledOnceWithExactly(
      setPlugins,
      [],
      change.pluginSettings,
      change.allowApiProposals,
      change.profile,
      { show: 'default', kept: [], upgrades: [] },
    );
    sinon.assert.callOrder(setPlugins, stage.encoder.start);
    assert.equal((await show.stop()).state, 'idle');
  });

  it('has the keys of its configuration, and reads installed plugins again for another language', async () => {
    const keybindings = [{ key: 'f5', command: 'a.b' }];
    await show.start(configOf(['main'], { keybindings, language: 'zh_TW', globalHotkeys: true }));
    sinon.assert.calledOnceWithExactly(configure, keybindings);
    sinon.assert.calledOnceWithExactly(enable, true);
    sinon.assert.callOrder(setPlugins, startInstalled);
    assert.equal(userLanguage.current, 'zh-tw');
    await show.stop();
    await show.start(configOf(['main'], { language: 'zh-tw' }));
    sinon.assert.calledOnce(startInstalled);
    await show.stop();
    await show.start(configOf(['main']));
    sinon.assert.calledTwice(startInstalled);
    assert.notEqual(userLanguage.current, 'zh-tw');
  });

  it('starts nothing if a plugin is invalid', async () => {
    setPlugins.onFirstCall().throws(new BulkheadError(ErrorCodes.pluginInvalid, 'there is no plugin'));
    await assert.rejects(show.start(configOf(['main'])), { code: 'plugin.invalid' });
    sinon.assert.notCalled(stage.encoder.start);
    assert.equal(show.status().state, 'idle');
    await show.start(configOf(['main']));
  });

  it('sets no plugins if the broadcast cannot start', async () => {
    const config = configOf([], {
      outputs: [{ id: 'main', url: 'rtmp://live.example/app', key: 'file:/nowhere/at/all' }],
    });
    await assert.rejects(show.start(config), { code: 'config.secretNotFound' });
    await show.start(configOf(['main']));
    await assert.rejects(show.start(configOf(['main'])), { code: 'broadcast.state' });
    sinon.assert.calledOnce(setPlugins);
  });

  it('restarts failed plugins when one of them starts it again', async () => {
    const folder = tempDir('show');
    try {
      await show.start(configOf(['main'], { plugins: [folder.path] }));
      await show.stop();
      await stage.broadcast.startAgain();
      assert.deepEqual(
        setPlugins.args.map(([folders]) => folders),
        [[folder.path], [folder.path]],
      );
    } finally {
      folder.dispose();
    }
  });

  it('follows its configuration, one edit after the other, and starts again with it', async () => {
    const [first, second, third] = [1000, 2000, 3000].map((bitrateKbps) =>
      configOf(['main'], { video: { bitrateKbps } }),
    ) as [BroadcastConfig, BroadcastConfig, BroadcastConfig];
    await assert.rejects(show.reconfigure(first), {
      code: 'broadcast.state',
      message: 'no broadcast is on air that could follow its configuration',
    });
    const done = { applied: ['video.bitrateKbps'], needsRestart: [] };
    follow.callsFake(async (_, config) => ({ ...done, followed: { config, started: config } }));
    await show.start(first);
    const results = await Promise.all([show.reconfigure(second), show.reconfigure(third)]);
    assert.deepEqual(results, [done, done]);
    assert.deepEqual(
      follow.args.map(([{ config }, next]) => [config, next]),
      [
        [first, second],
        [second, third],
      ],
    );
    follow.rejects(new BulkheadError(ErrorCodes.configInvalid, 'wrong'));
    await assert.rejects(show.reconfigure(first), { code: 'config.invalid' });
    await show.stop();
    await stage.broadcast.startAgain();
    assert.equal(stage.encoder.start.lastCall.args[0].settings.video.bitrateKbps, 3000);
  });

  it('has the state of the broadcast, its plugins and their questions', async () => {
    await show.start(configOf(['main']));
    const question = questions.ask({ plugin: 'p', severity: 'info', message: 'Go?', actions: ['Yes'] });
    const status = show.status();
    assert.deepEqual(Object.keys(status), [
      ...[
        'revision',
        'state',
        'mode',
        'address',
        'uptimeMs',
        'core',
        'encoder',
        'sources',
        'canvases',
        'ingests',
        'extensionHosts',
        'outputs',
      ],
      ...['timeline', 'markers', 'questions', 'progress'],
    ]);
    const { mode, address, core, extensionHosts, outputs } = status;
    assert.deepEqual(
      [mode, address, core.version, core.pid],
      ['attach', '/run/core.sock', '1.2.3', process.pid],
    );
    assert.ok(core.rssBytes > 0);
    assert.deepEqual(extensionHosts, [HOST]);
    assert.deepEqual(
      outputs.map(({ id }) => id),
      ['main'],
    );
    assert.deepEqual(
      status.questions.map(({ message }) => message),
      ['Go?'],
    );
    question.dispose();
  });

  it('reports the last known memory use if it cannot be read', () => {
    const { rssBytes } = show.status().core;
    const reading = sinon.stub(process.memoryUsage, 'rss').throws(new Error('EMFILE'));
    try {
      assert.equal(show.status().core.rssBytes, rssBytes);
    } finally {
      reading.restore();
    }
  });
});
