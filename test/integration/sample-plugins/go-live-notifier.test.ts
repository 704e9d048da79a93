import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sinon from 'sinon';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import type { SettingValue } from '../../../src/protocol/plugin-configuration.js';
import { PluginBench, until } from '../../support/plugins.js';
import { eventually } from '../../support/wait.js';

const FOLDER = join(packageRoot(), 'sample-plugins/go-live-notifier');
const ID = 'bulkhead.go-live-notifier';
const TOKEN = 'a-token-nobody-may-see';

/** A webhook that gives the queued answers, then `204`. */
class Webhook {
  readonly received: { readonly event?: string; readonly embeds?: readonly { readonly title: string }[] }[] =
    [];
  readonly answers: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      this.received.push(JSON.parse(body));
      const { status, headers } = this.answers.shift() ?? { status: 204 };
      response.writeHead(status, headers).end();
    });
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${TOKEN}`;
  }

  events(): (string | undefined)[] {
    return this.received.map(({ event }) => event);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('the go-live-notifier sample, with a real webhook', () => {
  let webhook: Webhook;
  let bench: PluginBench;

  beforeEach(() => {
    webhook = new Webhook();
    bench = new PluginBench('in a process of its own');
  });

  afterEach(async () => {
    await bench.end();
    webhook.stop();
  });

  async function start(settings: Readonly<Record<string, SettingValue>> = {}) {
    const stub = bench.host([FOLDER], {
      settings: { [ID]: { format: 'json', settleSeconds: 0, ...settings } },
    });
    stub.start();
    await until(stub, 'running', ({ state }) => state === 'running');
    await bench.commands.execute('go-live-notifier.setUrl', [await webhook.start()]);
    return stub;
  }

  const announced = (count: number) =>
    eventually(`${count} announcements`, () => (webhook.received.length >= count ? true : undefined));

  it('announces the start, a break, the recovery and the end', async () => {
    await start();
    bench.broadcast.become('starting');
    bench.broadcast.become('live');
    await announced(1);
    bench.broadcast.become('reconnecting');
    await announced(2);
    bench.broadcast.become('live');
    await announced(3);
    bench.broadcast.become('stopping');
    bench.broadcast.become('idle');
    await announced(4);
    assert.deepEqual(webhook.events(), ['start', 'break', 'recover', 'end']);
  });

  it('announces neither short breaks nor events that the streamer has disabled', async () => {
    await start({ settleSeconds: 30, events: ['break', 'recover', 'end'] });
    for (const state of ['live', 'reconnecting', 'live', 'idle'] as const) bench.broadcast.become(state);
    await announced(1);
    assert.deepEqual(webhook.events(), ['end']);
  });

  it('uses Discord’s format', async () => {
    await start({ format: 'discord', streamUrl: 'https://example.org/live' });
    await bench.commands.execute('go-live-notifier.test', []);
    await announced(1);
    assert.deepEqual(
      { ...webhook.received[0], embeds: webhook.received[0]?.embeds?.map(({ title }) => title) },
      { allowed_mentions: { parse: [] }, embeds: ['This is a test of the go-live notifier.'] },
    );
  });

  it('retries failures after the requested delay, and keeps the order', async () => {
    await start();
    webhook.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0.05' } });
    bench.broadcast.become('live');
    bench.broadcast.become('idle');
    await announced(4);
    assert.deepEqual(webhook.events(), ['start', 'start', 'start', 'end']);
  });

  it('waits for the requested delay, in seconds or as a date', async () => {
    await start();
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
    webhook.answers.push({ status: 429, headers: { 'retry-after': date.toUTCString() } });
    await bench.commands.execute('go-live-notifier.test', []);
    await announced(2);
    assert.ok(Date.now() >= date.getTime(), 'it came too early');
  });

  it('reports that its address cannot be read, and continues', async () => {
    const stub = await start();
    const secrets = bench.store.secrets(ID);
    sinon.stub(secrets, 'get').rejects(new Error('the disk is gone'));
    sinon.stub(bench.store, 'secrets').returns(secrets);
    await bench.commands.execute('go-live-notifier.test', []);
    await until(
      stub,
      'announced',
      ({ statusItems }) =>
        statusItems?.[0]?.text.startsWith('not delivered: the address cannot be read') === true,
    );
    assert.deepEqual([stub.status().state, stub.status().restarts], ['running', 0]);
  });

  it('accepts only an address that cannot be read in transit', async () => {
    await start();
    await assert.rejects(
      bench.commands.execute('go-live-notifier.setUrl', ['http://example.org/hook']),
      /expected an https:\/\/ address/,
    );
  });

  it('reports dropped announcements when its queue is full', async () => {
    await start();
    webhook.answers.push({ status: 429, headers: { 'retry-after': '1000' } });
    for (let posted = 1; posted <= 25; posted++) await bench.commands.execute('go-live-notifier.test', []);
    await eventually('announced', () =>
      bench.notices.some(({ message }) => /too many wait/.test(message)) ? true : undefined,
    );
  });

  it('reports a refusal by the webhook, without its address', async () => {
    const stub = await start();
    webhook.answers.push({ status: 404 });
    await bench.commands.execute('go-live-notifier.test', []);
    await until(
      stub,
      'announced',
      ({ statusItems }) => statusItems?.[0]?.text.includes('refuses it (404)') === true,
    );
    assert.equal(webhook.received.length, 1);
    assert.match(bench.notices[0]?.message ?? '', /refuses it \(404\)/);
    assert.doesNotMatch(JSON.stringify([bench.notices, bench.lines, stub.status()]), new RegExp(TOKEN));
  });

  it('does not announce the start again after a crash on air', async () => {
    const stub = await start();
    bench.broadcast.become('live', { uptimeMs: 1000 });
    await announced(1);
    process.kill(stub.status().pid, 'SIGKILL');
    await until(stub, 'running again', ({ state, restarts }) => state === 'running' && restarts === 1);
    bench.broadcast.become('idle');
    await announced(2);
    assert.deepEqual(webhook.events(), ['start', 'end']);
  });
});
