import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { descendantsOf } from '../../support/children.js';
import { ENCODINGS, findSecret } from '../../support/encodings.js';
import { writePlugin } from '../../support/plugins.js';
import { type PeerCommand, type PeerConnection, RtmpPeer } from '../../support/rtmp-peer.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const KEY = 'Zq7fK2_Xw9bT4mP8vRjY';

/** Logs everything that a plugin can learn about the broadcast. */
const CURIOUS = `
  import { broadcast } from '@bulkhead/extension-api';
  export function activate({ log, subscriptions }) {
    const note = (stats) => log.info('seen ' + JSON.stringify([stats, broadcast.status, process.argv, process.env]));
    subscriptions.push(broadcast.onDidUpdateStats(note), broadcast.onDidChangeState(note));
  }`;

/** Connections that were accepted, with the key in one encoding in the text; each is to be ended by the test. */
const accepted: { readonly connection: PeerConnection; readonly echo: string }[] = [];

/** A server's answers on its n-th connection, with the key in one encoding in every text. */
const ANSWERS: readonly ((echo: string, connection: PeerConnection, command: PeerCommand) => boolean)[] = [
  (echo, connection, { name }) => {
    if (name !== 'publish') return false;
    connection.status('status', 'NetStream.Publish.Start', echo);
    accepted.push({ connection, echo });
    return true;
  },
  (echo, connection, command) => {
    if (command.name !== 'connect') return false;
    connection.refuseConnect(command, `NetConnection.Connect.${echo}`, `the key ${echo} has expired`);
    return true;
  },
  (echo, connection, { name }) => {
    if (name !== 'publish') return false;
    connection.status('error', 'NetStream.Publish.BadName', echo, {
      details: echo,
      tcUrl: `rtmp://${echo}/`,
    });
    return true;
  },
  (echo, connection, command) => {
    if (command.name !== 'createStream') return false;
    connection.refuseConnect(command, echo, echo);
    return true;
  },
  (echo, connection, { name }) => {
    if (name !== 'publish') return false;
    const host = echo.replace(/[^A-Za-z0-9]/g, '-');
    connection.status('status', 'NetStream.Publish.Start');
    setTimeout(() => {
      const tcUrl = `rtmp://${host}.invalid/${host}`;
      connection.status('status', 'NetConnection.Connect.ReconnectRequest', echo, { tcUrl });
    }, 400);
    return true;
  },
];

describe('a stream key that servers send back', function () {
  this.timeout(90_000);
  let folder: TempDir;
  let peers: RtmpPeer[];
  let core: Bulkhead | undefined;

  beforeEach(() => {
    peers = [];
    accepted.length = 0;
    core = undefined;
    folder = tempDir('keys');
  });

  afterEach(async () => {
    await core?.end();
    for (const peer of peers) await peer.stop();
    folder.dispose();
  });

  it('is never shown, in any encoding or in part', async () => {
    const echoes = Object.values(ENCODINGS).map((encode) => encode(KEY));
    const web: RtmpPeer[] = [];
    for (const echo of echoes) {
      peers.push(
        await RtmpPeer.start({
          onCommand: (connection, command) => {
            const turn = peer().connections.length - 1;
            return ANSWERS[turn % ANSWERS.length]?.(echo, connection, command) ?? false;
          },
        }),
      );
      const own = peers.length - 1;
      const peer = () => peers[own] as RtmpPeer;
    }
    // Not RTMP at all: a web server, which answers in plain text, even to TLS.
    for (const echo of [echoes[0], echoes[1]]) {
      web.push(
        await RtmpPeer.start({
          onConnection: ({ socket }) => {
            socket.end(`HTTP/1.1 403 ${echo}\r\nLocation: /${echo}\r\n\r\n${echo}`);
            return true;
          },
        }),
      );
    }
    peers.push(...web);

    const keyFile = join(folder.path, 'key');
    writeFileSync(keyFile, KEY);
    const outputs = peers.map((peer, index) => ({
      id: `out${index}`,
      url: index === peers.length - 1 ? peer.url().replace('rtmp:', 'rtmps:') : peer.url(),
      key: `file:${keyFile}`,
    }));
    const plugins = [writePlugin(folder.path, 'curious', { source: CURIOUS })];
    const config = writeConfig(folder.path, { outputs, plugins, liveServer: { enabled: false } });
    const state = join(folder.path, 'state');
    core = new Bulkhead(['live', config, '--log-level', 'trace', '--log-file', join(state, 'core.log')], {
      env: { XDG_STATE_HOME: state, XDG_DATA_HOME: state },
    });
    await core.until(
      'each server has accepted it',
      ({ outputs }) => outputs.filter(({ state }) => state === 'live').length >= echoes.length,
    );
    for (const { connection, echo } of accepted) {
      connection.status('error', 'NetStream.Publish.Denied', `${echo} was closed`);
    }
    let seen = '';
    const most = () => Math.max(...peers.map(({ connections }) => connections.length));
    for (let round = 0; round < 60 && (round < 12 || most() < ANSWERS.length + 1); round++) {
      const { stdout, stderr } = await runBulkhead(['status', ...(round % 2 === 0 ? ['--json'] : [])], {
        address: core.address,
      });
      seen += stdout + stderr;
      for (const { pid } of descendantsOf(core.pid)) seen += commandLine(pid);
    }
    assert.ok(most() > ANSWERS.length, `connections: ${peers.map(({ connections }) => connections.length)}`);
    assert.equal(await core.stop(), 0);
    seen += core.stdout + core.stderr + filesIn(state);

    assert.match(seen, /seen \[/, 'the plugin has looked');
    assert.match(seen, /broadcast: starting → live/, 'it has been on air');
    assert.match(seen, /was closed/, 'the ends are reported');
    assert.match(seen, /has refused the stream|in use/, 'refusals are reported');
    assert.deepEqual(findSecret(seen, KEY), [], excerpt(seen));
  });

  it("is not shown if nothing listens at an input's address", async () => {
    const input = ['--input', `rtmp://127.0.0.1:1/app/${KEY}`];
    const state = join(folder.path, 'state');
    const env = { XDG_STATE_HOME: state, XDG_DATA_HOME: state };
    core = new Bulkhead(['live', ...input, '--log-level', 'trace'], { env });
    const { stdout, stderr } = await runBulkhead(['doctor', ...input], { env });
    const seen = () => `${core?.stdout}${core?.stderr}${filesIn(state)}`;
    await eventually('it has said why', () =>
      /Nothing is listening at rtmp:\/\/127\.0\.0\.1:1\/app\/\*\*\*/.test(seen()) ? true : undefined,
    );
    for (const text of [seen(), stdout + stderr]) {
      assert.deepEqual(findSecret(text, KEY), [], excerpt(text));
    }
  });
});

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The text of all files below a folder: logs, crash files, plugins' stored data. */
function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

/** The lines that contain the key. */
function excerpt(text: string): string {
  return text
    .split('\n')
    .filter((line) => findSecret(line, KEY).length > 0)
    .slice(0, 5)
    .map((line) => line.slice(0, 400))
    .join('\n');
}
