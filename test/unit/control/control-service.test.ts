import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { type BroadcastConfig, BroadcastConfigSchema } from '../../../src/config/schema.js';
import { ControlService } from '../../../src/core/control/control-service.js';
import { Notices } from '../../../src/core/streamer/notices.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import { NoticeNotification, type NoticeParams } from '../../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import type { ChangedPlugin, PluginManagement } from '../../../src/protocol/plugin-management.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fakeKeys } from '../../support/fake-keys.js';
import { fakeOutputs } from '../../support/fake-outputs.js';
import { noRecording } from '../../support/fake-recordings.js';
import { fakeRecords } from '../../support/fake-records.js';
import { noReplay } from '../../support/fake-replays.js';
import { fakeAudio, fakeOverlays, fakeScenes, fakeSources } from '../../support/fake-scenes.js';
import { fakeSettings } from '../../support/fake-settings.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

const statusOf = (state: BroadcastState): Status => ({ ...IDLE_STATUS, state });

/** A client that calls methods by their names, with whatever params. */
class Client {
  readonly connection: RpcConnection;
  readonly notices: NoticeParams[] = [];

  constructor(readonly stream: Duplex) {
    this.connection = new RpcConnection(stream, { peer: 'core', deadlineMs: 3_600_000 });
    this.connection.onNotification(NoticeNotification.type, (notice) => this.notices.push(notice));
    this.connection.listen();
  }

  /** The answer, or `CODE: MESSAGE` of the error. */
  call(method: string, params: unknown = {}): Promise<unknown> {
    return this.connection
      .sendRequest(new RequestType<unknown, unknown, void>(method), params)
      .catch((error: unknown) => {
        assert.ok(error instanceof BulkheadError);
        return `${error.code}: ${error.message}`;
      });
  }
}

describe('ControlService', () => {
  let clock: FakeClock;
  let service: ControlService;
  let notices: Notices;
  let questions: Questions;
  let warnings: string[];
  /** What was asked of the core behind the service, in order. */
  let asked: unknown[];
  /** How often the meters are wanted by each subscription that is open. */
  let subscriptions: number[];
  let clients: Client[];
  /** What the core still holds for clients that develop plugins. */
  let developing: number;
  let stopBroadcast: () => Promise<Status>;

  beforeEach(() => {
    clock = new FakeClock();
    notices = new Notices();
    questions = new Questions();
    warnings = [];
    asked = [];
    subscriptions = [];
    clients = [];
    developing = 0;
    stopBroadcast = async () => statusOf('idle');
    const ignore = () => {};
    const log = {
      trace: ignore,
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (text: string) => warnings.push(text),
    };
    const note =
      <R>(what: string, answer: R) =>
      async (params?: unknown): Promise<R> => {
        asked.push([what, params]);
        return answer;
      };
    const changed: ChangedPlugin = {
      plugin: {
        ...{ id: 'a.b', version: '1.0.0', state: 'running', source: 'library', path: '/a.b' },
        ...{ asked: [], optional: [], granted: [], storageMb: 1 },
      },
    };
    const plugins: PluginManagement = {
      list: note('list', {
        ...{ plugins: [], isolation: 'none', enforcesScopes: false, library: '/plugins', kept: [] },
      }),
      install: note('install', changed),
      setEnabled: note('setEnabled', changed),
      setPermission: note('setPermission', changed),
      remove: note('remove', changed),
      restart: note('restart', changed),
      rollback: note('rollback', changed),
    };
    service = new ControlService(
      {
        status: () => statusOf('live'),
        start: async (config: BroadcastConfig) => {
          asked.push(['start', config.video.fps]);
          return statusOf('starting');
        },
        stop: () => {
          asked.push(['stop']);
          return stopBroadcast();
        },
        reconfigure: note('reconfigure', { applied: [], needsRestart: [] }),
        setEncoder: note('setEncoder', BroadcastConfigSchema.parse({})),
        report: note('report', null),
      },
      {
        subscribe: (_client, metersIntervalMs) => {
          subscriptions.push(metersIntervalMs);
          const dispose = () => void subscriptions.splice(subscriptions.indexOf(metersIntervalMs), 1);
          return { status: statusOf('live'), subscription: { dispose } };
        },
      },
      {
        execute: async (command, args) => {
          asked.push(['execute', command, args]);
          return 'done';
        },
        describe: () => [{ command: 'a.b', title: 'Do it', plugin: 'a', isEnabled: true }],
      },
      plugins,
      fakeRecords((what, params) => asked.push([what, params])),
      fakeOutputs((what, params) => asked.push([what, params])),
      noRecording(),
      noReplay(),
      fakeScenes((what, params) => asked.push([what, params])),
      fakeSources((what, params) => asked.push([what, params])),
      fakeAudio((what, params) => asked.push([what, params])),
      fakeOverlays((what, params) => asked.push([what, params])),
      fakeSettings((what, params) => asked.push([what, params])),
      fakeKeys((what, params) => asked.push([what, params])),
      { follow: () => ({ dispose: () => {} }) },
      {
        serve: () => {
          developing += 1;
          return {
            dispose: () => {
              developing -= 1;
            },
          };
        },
      },
      notices,
      questions,
      log,
    );
  });

  afterEach(async () => {
    service.dispose();
    for (const { connection } of clients) connection.dispose();
    questions.dispose();
    await clock.pass(1100);
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function connect(name = 'a client'): Client {
    const [near, far] = createInMemoryPair();
    service.serve(near, name);
    const client = new Client(far);
    clients.push(client);
    return client;
  }

  it('passes on what a client asks for, and the answer', async () => {
    const client = connect();
    assert.equal(((await client.call('core/status')) as Status).state, 'live');
    const config = { config: { video: { fps: 25 } } };
    assert.equal(((await client.call('broadcast/start', config)) as Status).state, 'starting');
    assert.equal(((await client.call('broadcast/stop')) as Status).state, 'idle');
    assert.equal(await client.call('core/runCommand', { command: 'a.b', arguments: [1, 'x'] }), 'done');
    assert.equal(await client.call('core/runCommand', { command: 'a.b' }), 'done');
    assert.deepEqual(asked, [['start', 25], ['stop'], ['execute', 'a.b', [1, 'x']], ['execute', 'a.b', []]]);
    assert.deepEqual(await client.call('core/listCommands'), [
      { command: 'a.b', title: 'Do it', plugin: 'a', isEnabled: true },
    ]);
    // Without the defaults of what is absent.
    const change = { video: { preset: 'fast' }, audio: {} };
    await client.call('encoder/set', change);
    assert.deepEqual(asked.at(-1), ['setEncoder', change]);
    const layer = { scene: 'main', id: 'cam', change: { x: 5, crop: null }, at: 1 };
    assert.deepEqual(await client.call('scene/setLayer', layer), { scenes: [] });
    assert.deepEqual(asked.at(-1), ['scene/setLayer', layer]);
    const source = { id: 'cam', change: { type: 'colour' } };
    assert.deepEqual(await client.call('source/set', source), { sources: [] });
    assert.deepEqual(asked.at(-1), ['source/set', source]);
  });

  const wrong: [method: string, params: unknown][] = [
    ['core/status', null],
    ['core/status', 'x'],
    ['core/status', []],
    ['broadcast/start', {}],
    ['broadcast/start', { config: null }],
    ['broadcast/start', { config: { video: { fps: 'fast' } } }],
    ['broadcast/start', { config: { unknown: 1 } }],
    ['broadcast/stop', 7],
    ['core/runCommand', null],
    ['core/runCommand', {}],
    ['core/runCommand', { command: '' }],
    ['core/runCommand', { command: 'x'.repeat(201) }],
    ['core/runCommand', { command: 'a', arguments: 'b' }],
    ['core/runCommand', { command: 'a', arguments: Array(1001).fill(0) }],
    ['core/answerQuestion', null],
    ['core/answerQuestion', { id: 1.5, answer: null }],
    ['core/answerQuestion', { id: 1, answer: {} }],
    ['core/subscribe', null],
    ['core/subscribe', { metersIntervalMs: 'often' }],
    ['core/shutdown', null],
    ['encoder/set', { video: { fps: 50 } }],
    ['encoder/set', { video: { bitrateKbps: 'much' } }],
    ['encoder/set', { preset: 'fast' }],
    ['plugins/remove', null],
  ];
  for (const [method, params] of wrong) {
    it(`refuses ${method} with ${JSON.stringify(params).slice(0, 40)}, and goes on`, async () => {
      const client = connect('the panel');
      const answer = await client.call(method, params);
      assert.match(String(answer), /^(config\.invalid|rpc\.\w+): /);
      assert.doesNotMatch(String(answer), /TypeError|Cannot read/);
      assert.deepEqual(asked, []);
      // JSON-RPC's params are an object; who sends anything else loses its connection, and nobody else does.
      const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
      const next = isObject ? client : connect();
      assert.equal(((await next.call('core/status')) as Status).state, 'live');
    });
  }

  it('passes on what a client wants done to plugins, and nothing that is not valid', async () => {
    const client = connect();
    const right: Readonly<Record<string, Record<string, unknown>>> = {
      list: {},
      install: { staged: 's', spec: './a', granted: ['network'], storageMb: 5, data: 'fresh' },
      setEnabled: { id: 'a.b', enabled: true, force: false },
      setPermission: { id: 'a.b', permission: 'network', granted: true },
      remove: { id: 'a.b', purge: false, force: true },
      restart: { id: 'a.b' },
      rollback: { id: 'a.b' },
      details: { id: 'a.b' },
      setSecret: { id: 'a.b', key: 'apiKey', value: 'x' },
    };
    for (const [what, params] of Object.entries(right)) {
      assert.doesNotMatch(String(await client.call(`plugins/${what}`, params)), /invalid/);
      for (const name of Object.keys(params).filter((name) => name !== 'data')) {
        const { [name]: _, ...rest } = params;
        assert.match(
          String(await client.call(`plugins/${what}`, rest)),
          /^config\.invalid/,
          `${what} without ${name}`,
        );
        const other = { ...params, [name]: { not: 'this' } };
        assert.match(
          String(await client.call(`plugins/${what}`, other)),
          /^config\.invalid/,
          `${what}, ${name}`,
        );
      }
    }
    assert.deepEqual(
      asked,
      Object.entries(right).map(([what, params]) => [what, what === 'list' ? undefined : params]),
    );
  });

  it('passes on what a client wants done to outputs, and nothing that is not valid', async () => {
    const client = connect();
    const output = { id: 'second', type: 'rtmp', url: 'rtmp://live.example/app', key: 'file:/key' };
    const valid: readonly (readonly [string, object])[] = [
      ['add', { output, secrets: { key: 'k' } }],
      ['set', { id: 'second', change: { url: 'rtmp://other.example/app', key: null }, secrets: {} }],
      ...(['remove', 'stop', 'start'] as const).map((what) => [what, { id: 'second' }] as const),
    ];
    for (const [what, params] of valid) await client.call(`output/${what}`, params);
    assert.deepEqual(asked, valid);
    const invalid: readonly (readonly [string, object])[] = [
      ['add', {}],
      ['add', { output: { ...output, url: 'http://live.example' } }],
      ['add', { output: { ...output, id: 'with a space' } }],
      ['add', { output, secrets: { key: 'x'.repeat(5000) } }],
      ['add', { output, secrets: { token: 'x' } }],
      ['set', { id: 'second' }],
      ['set', { id: 'second', change: { id: 'third' } }],
      ['set', { id: 'second', change: { url: null } }],
      ['set', { id: 'second', change: { key: 5 } }],
      ['remove', { id: 'x'.repeat(65) }],
      ['stop', {}],
      ['start', { id: 7 }],
    ];
    for (const [what, params] of invalid) {
      const answer = String(await client.call(`output/${what}`, params));
      assert.match(answer, /^config\.invalid: /, `${what} ${JSON.stringify(params).slice(0, 80)}`);
    }
    assert.equal(asked.length, valid.length);
  });

  for (const [asks, intervalMs] of [
    [undefined, Infinity],
    [0, 100],
    [-5, 100],
    [250, 250],
    [1e300, 3_600_000],
  ] as const) {
    it(`sends the meters every ${intervalMs} ms where ${asks} ms are asked for`, async () => {
      const client = connect();
      const snapshot = await client.call(
        'core/subscribe',
        asks === undefined ? {} : { metersIntervalMs: asks },
      );
      assert.equal((snapshot as Status).state, 'live');
      assert.deepEqual(subscriptions, [intervalMs]);
    });
  }

  it('holds one subscription for a client, however often it asks, and none for one that has gone', async () => {
    const client = connect();
    for (let n = 0; n < 200; n++) await client.call('core/subscribe', { metersIntervalMs: 100 + n });
    assert.deepEqual([subscriptions, developing], [[299], 1]);
    client.stream.destroy();
    await clock.settle();
    assert.deepEqual([subscriptions, developing], [[], 0]);
  });

  it('sends a subscriber the notices of before, and those that follow, and lets only open questions be answered', async () => {
    const question = questions.ask({
      plugin: 'p',
      severity: 'info',
      message: 'Now?',
      actions: ['Yes'],
    });
    const closed = questions.ask({
      plugin: 'p',
      severity: 'info',
      message: 'Then?',
      actions: ['Yes'],
    });
    for (const { id } of [question, closed]) {
      notices.notice({
        severity: 'info',
        source: 'p',
        message: `question ${id}`,
        question: { id, actions: ['Yes'] },
      });
    }
    closed.dispose();
    const client = connect();
    await client.call('core/subscribe');
    notices.notice({ severity: 'error', source: 'q', message: 'later' });
    await clock.settle();
    assert.deepEqual(
      client.notices.map(({ message, question: open }) => [message, open?.id]),
      [
        ['question 1', 1],
        ['question 2', undefined],
        ['later', undefined],
      ],
    );
    assert.equal(await client.call('core/answerQuestion', { id: 1, answer: 'Yes' }), null);
    assert.equal(await question.answer, 'Yes');
    assert.match(
      String(await client.call('core/answerQuestion', { id: 1, answer: 'Yes' })),
      /^question\.notFound/,
    );
  });

  it('disconnects only a client that sends an invalid message', async () => {
    const [bad, good] = [connect('the bad one'), connect('the good one')];
    bad.stream.write(Buffer.alloc(1000, 0xff));
    await clock.pass(1100);
    assert.equal(bad.connection.closed, true);
    assert.match(warnings.join(), /^the bad one was disconnected: /);
    assert.equal(((await good.call('core/status')) as Status).state, 'live');
  });

  it('ends the core after its answer has left, with the broadcast stopped before', async () => {
    let ends = 0;
    service.onDidRequestShutdown(() => {
      ends += 1;
      service.dispose();
    });
    let finish: (() => void) | undefined;
    stopBroadcast = () =>
      new Promise((resolve) => {
        finish = () => resolve(statusOf('idle'));
      });
    const client = connect();
    const answer = client.call('core/shutdown');
    await clock.settle();
    assert.deepEqual([asked, ends], [[['stop']], 0]);
    finish?.();
    assert.equal(await answer, null);
    await clock.settle();
    assert.equal(ends, 1);
  });

  it('answers unknown requests with an error, and drops unknown notifications', async () => {
    const client = connect();
    assert.match(String(await client.call('core/explode')), /core\/explode/);
    client.connection.sendNotification(new NotificationType<unknown>('core/status'), {});
    assert.equal(((await client.call('core/status')) as Status).state, 'live');
  });

  it('refuses what a broadcast refuses, with its code', async () => {
    stopBroadcast = () => Promise.reject(new BulkheadError(ErrorCodes.broadcastState, 'not now'));
    const client = connect();
    assert.match(String(await client.call('broadcast/stop')), /^broadcast\.state: not now/);
    assert.match(String(await client.call('core/shutdown')), /^broadcast\.state: not now/);
  });

  it('disconnects all clients when it is disposed of', async () => {
    const all = [connect(), connect()];
    service.dispose();
    await clock.settle();
    assert.ok(all.every(({ connection }) => connection.closed));
    assert.equal(developing, 0);
  });
});
