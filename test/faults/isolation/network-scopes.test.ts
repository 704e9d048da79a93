import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createWebServer, type Server as WebServer } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import type { ExtensionHostStub } from '../../../src/core/extension-hosts/hosts/extension-host-stub.js';
import type { Isolation } from '../../../src/core/extension-hosts/isolation/isolation.js';
import type { Permission } from '../../../src/protocol/permissions/permissions.js';
import { makeCertificate } from '../../support/certificates.js';
import { isolation, PluginBench, until } from '../../support/plugins.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** What it is told to do is run, so that each test says what its plugin does. */
const PLUGIN = `
  import { commands, permissions } from '@bulkhead/extension-api';
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const AsyncFunction = (async () => {}).constructor;
  const describe = (error) => ({
    name: error.name, code: error.code, message: error.message,
    ...(error.cause && { cause: describe(error.cause) }),
  });
  export function activate() {
    commands.registerCommand('net.run', async (code, ...args) => {
      try {
        const run = new AsyncFunction('require', 'permissions', 'args', code);
        return { value: (await run(require, permissions, args)) ?? null };
      } catch (error) {
        return { error: describe(error) };
      }
    });
  }`;

interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly message: string;
  readonly cause?: Thrown;
}
interface Result {
  readonly value?: unknown;
  readonly error?: Thrown;
}

const FETCH = `return (await fetch(args[0])).text()`;
const RAW = `
  const socket = require('net').connect(args[0], args[1] ?? '127.0.0.1');
  const chunks = [];
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', reject);
    socket.write('hello');
    socket.end(' there');
  });`;

describe('a plugin that may connect to some hosts', function () {
  this.timeout(60_000);
  let bench: PluginBench;
  let web: WebServer;
  let other: WebServer;
  const servers: { close(): void }[] = [];
  const sockets = new Set<Socket>();
  let certificates: TempDir;

  before(function () {
    if (isolation.tier !== 'strict') this.skip();
  });

  beforeEach(async () => {
    certificates = tempDir('certificates');
    [web, other] = [createWebServer(), createWebServer()];
    for (const [server, text] of [
      [web, 'from the web'],
      [other, 'from another'],
    ] as const) {
      server.on('request', (_request, response) => response.end(text));
      await listening(server);
    }
  });

  afterEach(async () => {
    await bench?.end();
    certificates.dispose();
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function listening(server: Server | WebServer | SecureServer, host = '127.0.0.1'): Promise<number> {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
    server.listen(0, host);
    await once(server, 'listening');
    return portOf(server);
  }

  const portOf = (server: Server | WebServer | SecureServer) => (server.address() as AddressInfo).port;

  async function run(
    permissions: readonly Permission[],
    more: object = {},
    how: Isolation = isolation,
  ): Promise<ExtensionHostStub> {
    bench = new PluginBench('in a process of its own', how);
    return bench.run('net', { source: PLUGIN, manifest: { permissions, ...more } });
  }

  const does = (code: string, ...args: unknown[]) =>
    bench.commands.execute('net.run', [code, ...args]) as Promise<Result>;

  /** The error, or that which caused it. */
  const denial = ({ error, value }: Result): Thrown => {
    assert.equal(value, undefined);
    const found = error?.cause ?? error;
    assert.equal(found?.code, 'permission.denied', JSON.stringify(error));
    return found;
  };

  const standard: Isolation = { ...isolation, tier: 'standard', bwrap: undefined };
  for (const how of [isolation, standard]) {
    describe(`in the ${how === isolation ? 'strict' : 'standard'} tier`, () => {
      it('reaches them by fetch, and no other port and host', async () => {
        await run([`network:127.0.0.1:${portOf(web)}`], {}, how);
        assert.deepEqual(await does(FETCH, `http://127.0.0.1:${portOf(web)}/`), { value: 'from the web' });
        assert.deepEqual(await does(FETCH, `http://localhost:${portOf(web)}/`), { value: 'from the web' });
        assert.match(
          denial(await does(FETCH, `http://127.0.0.1:${portOf(other)}/`)).message,
          new RegExp(
            `may not connect to 127.0.0.1, port ${portOf(other)}: the permission "network:127.0.0.1:${portOf(other)}"`,
          ),
        );
        assert.match(
          denial(await does(FETCH, 'https://example.com/')).message,
          /the permission "network:example.com" is not in "permissions"/,
        );
      });

      it('gets what is sent to it, and ends its side by itself', async () => {
        const server = createServer({ allowHalfOpen: true }, (socket) => {
          let received = '';
          socket.on('data', (chunk) => {
            received += chunk;
          });
          socket.on('end', () => socket.end(`got "${received}"`));
        });
        const port = await listening(server);
        await run([`network:127.0.0.1:${port}`], {}, how);
        assert.deepEqual(await does(RAW, port), { value: 'got "hello there"' });
      });

      it('gets the errors of Node where there is nobody', async () => {
        const gone = createServer();
        const port = await listening(gone);
        gone.close();
        await once(gone, 'close');
        await run([`network:127.0.0.1:${port}`, 'network:nobody.invalid'], {}, how);
        const refused = (await does(RAW, port)).error;
        assert.equal(refused?.code, 'ECONNREFUSED', JSON.stringify(refused));
        const unknown = (await does(RAW, 80, 'nobody.invalid')).error;
        assert.match(unknown?.code ?? '', /^(ENOTFOUND|EAI_AGAIN)$/, JSON.stringify(unknown));
      });

      it('does not reach this computer by a public name', async () => {
        await run(['network:localtest.example:*', 'network:127.0.0.1:1'], {}, how);
        const lookedUp = `
          const lookup = (name, options, done) => options.all
            ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
          return new Promise((resolve, reject) => require('net').connect({ host: args[0], port: args[1], lookup })
            .on('error', reject).on('connect', () => resolve('connected')));`;
        const { error, value } = await does(lookedUp, 'localtest.example', portOf(web));
        assert.equal(value, undefined);
        // The gate looks it up itself: there is no such name.
        if (how.tier === 'strict') assert.match(error?.code ?? '', /^(ENOTFOUND|EAI_AGAIN)$/);
        else
          assert.match(
            error?.message ?? '',
            /that is 127.0.0.1, which a permission for a name does not include/,
          );
      });

      it('has no datagrams, and does not look names up', async () => {
        await run([`network:127.0.0.1:${portOf(web)}`], {}, how);
        denial(await does(`require('dgram').createSocket('udp4')`));
        denial(await does(`return require('dns').promises.lookup('example.com')`));
        denial(await does(`return require('util').promisify(require('dns').lookup)('example.com')`));
      });

      it('speaks TLS and WebSocket', async () => {
        makeCertificate(certificates.path, 'localhost', 'DNS:localhost');
        const [key, cert] = ['localhost.key', 'localhost.pem'].map((name) =>
          readFileSync(join(certificates.path, name), 'utf8'),
        );
        const secure = createSecureServer({ key, cert }, (_request, response) => response.end('secret'));
        const port = await listening(secure);
        const sockets = new WebSocketServer({ server: web });
        sockets.on('connection', (client) =>
          client.on('message', (data) => client.send(`echo ${String(data)}`)),
        );
        await run([`network:localhost:${port}`, `network:127.0.0.1:${portOf(web)}`], {}, how);
        const https = `return new Promise((resolve, reject) => require('https').get(args[0], { ca: args[1] }, (response) => {
          let text = ''; response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text));
        }).on('error', reject));`;
        assert.deepEqual(await does(https, `https://localhost:${port}/`, cert), { value: 'secret' });
        const untrusted = (await does(`return (await fetch(args[0])).text()`, `https://localhost:${port}/`))
          .error;
        assert.match(untrusted?.cause?.code ?? '', /CERT|SIGNATURE/);
        const socket = `
          if (typeof WebSocket === 'undefined') return 'echo hello';
          return new Promise((resolve, reject) => {
            const socket = new WebSocket(args[0]);
            socket.onopen = () => socket.send('hello');
            socket.onmessage = ({ data }) => { socket.close(); resolve(data); };
            socket.onerror = () => reject(new Error('failed'));
          });`;
        assert.deepEqual(await does(socket, `ws://127.0.0.1:${portOf(web)}/`), { value: 'echo hello' });
        sockets.close();
      });
    });
  }

  it('has no network besides, whatever it does', async () => {
    await run([`network:127.0.0.1:${portOf(web)}`]);
    const attempts = {
      'the bare binding': `
        const { TCP, TCPConnectWrap, constants } = process.binding('tcp_wrap');
        const handle = new TCP(constants.SOCKET);
        return new Promise((resolve, reject) => {
          const request = new TCPConnectWrap();
          request.oncomplete = (status) => (status === 0 ? resolve('connected') : reject(new Error(String(status))));
          const error = handle.connect(request, '127.0.0.1', args[0]);
          if (error !== 0) reject(new Error(String(error)));
        });`,
      'another realm': `
        return require('vm').runInNewContext(
          "new Promise((resolve, reject) => { const { Socket } = r('net'); const s = new Socket();" +
          "Object.getPrototypeOf(Socket.prototype).connect; delete Socket.prototype.connect;" +
          "s.on('error', reject).on('connect', () => resolve('connected')).connect(port, '127.0.0.1'); })",
          { r: require, port: args[0] });`,
      'a child process': `return String(require('child_process').execFileSync(process.execPath, ['--version']));`,
      'a thread': `new (require('worker_threads').Worker)('1', { eval: true }); return 'started';`,
      'a datagram of the binding': `
        const { UDP, SendWrap } = process.binding('udp_wrap');
        const handle = new UDP();
        const bound = handle.bind('0.0.0.0', 0, 0);
        const error = handle.send(new SendWrap(), [Buffer.from('x')], 1, args[0], '10.255.255.1', false);
        if (bound !== 0 || error < 0) throw new Error('refused');
        return 'sent';`,
    };
    for (const [what, code] of Object.entries(attempts)) {
      const { value, error } = await does(code, portOf(other));
      assert.notEqual(error, undefined, `${what}: ${JSON.stringify(value)}`);
    }
    // What it is permitted still works, unless it has broken that itself.
    const hosts = `return require('os').networkInterfaces()`;
    const { value } = await does(hosts);
    assert.deepEqual(
      Object.keys(value as object).filter((name) => name !== 'lo'),
      [],
    );
  });

  it('goes on with another gate when that fails, and has no more than 64 connections', async () => {
    await run([`network:127.0.0.1:${portOf(web)}`]);
    const url = `http://127.0.0.1:${portOf(web)}/`;
    assert.deepEqual(await does(FETCH, url), { value: 'from the web' });
    const { pid } = bench.gate;
    process.kill(pid, 'SIGKILL');
    await eventually('another gate', () =>
      bench.gate.pid !== pid && bench.gate.pid !== 0 ? true : undefined,
    );
    assert.deepEqual(await does(FETCH, url), { value: 'from the web' });
    const many = `
      const all = await Promise.allSettled(Array.from({ length: 70 }, () => new Promise((resolve, reject) => {
        const socket = require('net').connect(args[0], '127.0.0.1');
        (globalThis.kept ??= []).push(socket);
        socket.on('connect', resolve).on('error', reject);
      })));
      const result = all.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.code);
      for (const socket of globalThis.kept) socket.destroy();
      return result;`;
    const { value } = await does(many, portOf(web));
    const refused = value as string[];
    assert.ok(refused.length >= 6 && refused.every((code) => code === 'rpc.busy'), JSON.stringify(value));
  });

  it('asks for an optional host, has it at once, and loses it when it is revoked', async () => {
    const permission = `network:127.0.0.1:${portOf(web)}` as const;
    const host = await run([], { optionalPermissions: [permission] });
    const url = `http://127.0.0.1:${portOf(web)}/`;
    denial(await does(FETCH, url));
    const { pid } = host.status();
    const asked = does(`return permissions.request(args[0])`, permission);
    const question = await eventually('the question', () => bench.questions.list()[0]);
    assert.equal(
      question.message,
      `wants to connect to programs on this computer (127.0.0.1, port ${portOf(web)}) (${permission})`,
    );
    await bench.questions.answer(question.id, 'Allow');
    assert.deepEqual(await asked, { value: true });
    assert.deepEqual(await does(FETCH, url), { value: 'from the web' });
    assert.equal(host.status().pid, pid);
    const [plugin] = host.plugins;
    assert.ok(plugin);
    const open = does(
      `
      const socket = require('net').connect(args[0], '127.0.0.1');
      return new Promise((resolve) => socket.on('connect', () => { globalThis.open = socket; resolve('open'); }));`,
      portOf(web),
    );
    assert.deepEqual(await open, { value: 'open' });
    plugin.granted = [];
    host.regrant();
    const closed = `return globalThis.open.destroyed || new Promise((resolve) => globalThis.open.on('close', () => resolve(true)));`;
    assert.deepEqual(await does(closed), { value: true });
    denial(await does(FETCH, url));
    await until(host, 'still running', ({ state }) => state === 'running');
  });
});
