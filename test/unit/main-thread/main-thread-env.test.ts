import assert from 'node:assert/strict';
import { MainThreadEnv } from '../../../src/core/main-thread/main-thread-env.js';
import { Questions } from '../../../src/core/streamer/questions.js';
import {
  CallbackNotification,
  CloseCallbackNotification,
  CreateCallbackRequest,
  OpenExternalRequest,
} from '../../../src/protocol/plugin-env.js';
import { eventually } from '../../support/wait.js';
import { installedPlugin } from '../plugins/installed-plugin.js';
import { FakeHost } from './fake-host.js';

describe("the streamer's browser", () => {
  const browser = { isAvailable: true, opens: true, opened: [] as string[] };
  let host: FakeHost;
  let env: MainThreadEnv;
  let questions: Questions;
  let notices: string[];
  /** Ends of callback addresses, which do not listen here. */
  let ends: ((query: string | null) => void)[];
  let received: { callback: number; query: string | null }[];

  beforeEach(() => {
    Object.assign(browser, { isAvailable: true, opens: true, opened: [] });
    questions = new Questions();
    notices = [];
    ends = [];
    received = [];
    env = new MainThreadEnv(
      { notice: ({ message }) => notices.push(message) },
      questions,
      {
        get isAvailable() {
          return browser.isAvailable;
        },
        open: async (url) => {
          browser.opened.push(url);
          return browser.opens;
        },
      },
      {
        open: async (timeoutMs) => {
          let end: (query: string | null) => void = () => {};
          const query = new Promise<string | null>((resolve) => {
            end = resolve;
          });
          ends.push(end);
          return { url: `http://127.0.0.1:${ends.length}/${timeoutMs}`, query, dispose: () => end(null) };
        },
      },
    );
    host = new FakeHost(env, [installedPlugin('p'), installedPlugin('q')], (connection) =>
      connection.onNotification(CallbackNotification.type, (ended) => received.push(ended)),
    );
  });

  afterEach(() => {
    questions.dispose();
    host.dispose();
  });

  const open = (url: unknown, plugin = 'p') => host.request(OpenExternalRequest.method, { plugin, url });
  const answer = async (action: string | null) => {
    const [question] = await eventually('the question', () => {
      const list = questions.list();
      return list.length > 0 ? list : undefined;
    });
    await questions.answer(question?.id ?? 0, action);
    return question;
  };

  it('opens an address once the streamer agrees, from then on all of that site', async () => {
    const opened = open('https://Example.com/a b?q=ü');
    const question = await answer('Open it');
    assert.equal(
      question?.message,
      'wants to open https://example.com in your browser:\nhttps://example.com/a%20b?q=%C3%BC',
    );
    assert.equal(await opened, true);
    assert.equal(await open('https://example.com/other'), true);
    assert.deepEqual(browser.opened, ['https://example.com/a%20b?q=%C3%BC', 'https://example.com/other']);
  });

  it('asks again for another site, another port, another plugin, and after the plugin has gone', async () => {
    for (const [url, plugin] of [
      ['https://example.com/', 'p'],
      ['http://example.com/', 'p'],
      ['https://example.com:444/', 'p'],
      ['https://example.com/', 'q'],
    ] as const) {
      const opened = open(url, plugin);
      await answer('Open it');
      assert.equal(await opened, true);
    }
    env.release('p');
    const again = open('https://example.com/');
    await answer(null);
    assert.equal(await again, false);
  });

  it('opens nothing that the streamer does not want', async () => {
    for (const action of ["Don't open it", null]) {
      const opened = open('https://example.com/');
      await answer(action);
      assert.equal(await opened, false);
    }
    assert.deepEqual([browser.opened, notices.length], [[], 2]);
  });

  it('shows the address where there is none, or it fails', async () => {
    browser.isAvailable = false;
    assert.equal(await open('https://example.com/1'), true);
    Object.assign(browser, { isAvailable: true, opens: false });
    const opened = open('https://example.com/2');
    await answer('Open it');
    assert.equal(await opened, true);
    assert.deepEqual(
      notices.filter((notice) => notice.startsWith('Open this')),
      [
        'Open this in your browser: https://example.com/1',
        'Open this in your browser: https://example.com/2',
      ],
    );
  });

  it('is not flooded', async () => {
    browser.isAvailable = false;
    for (let count = 0; count < 5; count += 1) assert.equal(await open(`http://a/${count}`), true);
    await assert.rejects(open('http://a/5'), { code: 'rpc.busy' });
    assert.equal(notices.length, 5);
  });

  for (const url of [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'vscode://x',
    'example.com',
    '--help',
    '',
    'https://twitch.tv@evil.example/',
    'https://:x@evil.example/',
    `https://a/${'x'.repeat(4100)}`,
    `https://a/${'ü'.repeat(1000)}`,
    5,
    null,
  ]) {
    it(`does not open ${JSON.stringify(url)?.slice(0, 50)}`, async () => {
      await assert.rejects(open(url), ({ code }: { code: string }) =>
        ['config.invalid', 'plugin.failed'].includes(code),
      );
      assert.deepEqual([browser.opened, questions.list(), notices], [[], [], []]);
    });
  }

  describe('and what comes back', () => {
    const create = (more: object = {}, plugin = 'p') =>
      host.request(CreateCallbackRequest.method, { plugin, ...more }) as Promise<{
        callback: number;
        url: string;
      }>;
    const told = (count: number) => eventually('the end', () => received.length === count || undefined);

    it('is given to the host, with nothing but the query', async () => {
      assert.deepEqual(await create(), { callback: 1, url: 'http://127.0.0.1:1/300000' });
      assert.deepEqual(await create({ timeoutMs: 5 }), { callback: 2, url: 'http://127.0.0.1:2/5' });
      ends[1]?.('code=1');
      ends[0]?.(null);
      await told(2);
      assert.deepEqual(received, [
        { callback: 2, query: 'code=1' },
        { callback: 1, query: null },
      ]);
    });

    it('is waited for three times at once, and five times before it gets slower', async () => {
      await Promise.all([create(), create(), create()]);
      await assert.rejects(create(), { code: 'rpc.busy' });
      for (const end of ends) end(null);
      await told(3);
      await Promise.all([create(), create()]);
      await assert.rejects(create(), { code: 'rpc.busy' });
    });

    it('is waited for until the plugin closes it, or ends', async () => {
      const { callback } = await create();
      host.notify(CloseCallbackNotification.method, { plugin: 'q', callback });
      await create();
      assert.equal(received.length, 0);
      host.notify(CloseCallbackNotification.method, { plugin: 'p', callback });
      await told(1);
      assert.equal(received[0]?.callback, callback);
      host.served.dispose();
      await told(2);
    });

    for (const params of [
      { timeoutMs: 0 },
      { timeoutMs: 600_001 },
      { timeoutMs: 'long' },
      { plugin: 'other' },
    ]) {
      it(`is refused as ${JSON.stringify(params)}`, async () => {
        await assert.rejects(create(params));
        assert.deepEqual(ends, []);
      });
    }
  });
});
