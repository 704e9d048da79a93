import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { RtmpOutput } from '../../../src/core/publish/rtmp/rtmp-output.js';
import { startFlvSource } from '../../support/flv-source.js';
import { watchLive } from '../../support/live-viewer.js';
import { freePort } from '../../support/ports.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Runs in a process of its own: it keeps global state, and ends its process when it likes to. */
const SERVER = `
  const NodeMediaServer = require('node-media-server');
  const [port, path] = process.argv.slice(1);
  new NodeMediaServer({
    bind: '127.0.0.1',
    rtmp: { port: Number(port) },
    record: { auto: false },
    store: { path },
    webadmin: { enable: false },
  }).run();
`;

describe('RtmpOutput and node-media-server', () => {
  let server: ChildProcess;
  let port: number;
  let dir: TempDir;
  const cleanUp: (() => unknown)[] = [];

  async function startServer(): Promise<void> {
    server = spawn(process.execPath, ['-e', SERVER, String(port), dir.path], { stdio: 'ignore' });
    await eventually('node-media-server listens', async () => {
      const socket = connect(port, '127.0.0.1');
      const up = await Promise.race([
        once(socket, 'connect').then(
          () => true,
          () => undefined,
        ),
      ]);
      socket.destroy();
      return up;
    });
  }

  async function killServer(): Promise<void> {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  beforeEach(async () => {
    dir = tempDir('nms');
    port = await freePort();
    await startServer();
  });

  afterEach(async () => {
    for (const undo of cleanUp.splice(0).reverse()) await undo();
    await killServer();
    dir.dispose();
  });

  function goLive(id: string): RtmpOutput {
    const source = startFlvSource((tag) => output.push(tag));
    const output: RtmpOutput = new RtmpOutput(
      { id, url: `rtmp://127.0.0.1:${port}/live`, key: 'key' },
      source.snapshot,
    );
    output.start();
    cleanUp.push(
      () => output.dispose(),
      () => source.stop(),
    );
    return output;
  }

  const live = (output: RtmpOutput, sessions: number) =>
    eventually(`session ${sessions}`, () => {
      const status = output.status();
      return status.state === 'live' && status.sessions === sessions ? status : undefined;
    });

  async function assertViewed(): Promise<void> {
    const viewer = watchLive(`rtmp://127.0.0.1:${port}/live/key`);
    cleanUp.push(() => viewer.stop());
    await viewer.next(({ stream }) => stream === 'audio');
    await eventually('frames', () => (viewer.report().videoPackets >= 30 ? true : undefined));
    assert.equal(viewer.report().backwards, 0);
  }

  it('is received by a viewer, even after the server was killed and restarted', async () => {
    const output = goLive('main');
    await live(output, 1);
    await assertViewed();
    await killServer();
    await startServer();
    await live(output, 2);
    await assertViewed();
  });

  it('does not rely on Publish.Start for a key that is in use', async () => {
    const first = goLive('first');
    await live(first, 1);
    const second = goLive('second');
    const states: string[] = [];
    second.onDidChange(() => states.push(second.status().state));
    const error = await eventually('error', () => second.status().error);
    assert.equal(error.code, 'output.closed');
    assert.match(error.remedy ?? '', /another program streams with this key/);
    await assertViewed();
    assert.ok(!states.includes('live'));
    assert.equal(second.status().sessions, 0);
    assert.deepEqual([first.status().state, first.status().sessions], ['live', 1]);
  });
});
