import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { InProcessLauncher } from '../../../src/core/processes/in-process-launcher.js';
import { RelaySession } from '../../../src/core/publish/relay/relay-session.js';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';
import type { PartModule } from '../../../src/process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import {
  MAX_RELAY_SECRETS,
  parseRelaySecrets,
  RelayEndedNotification,
  RelayFinishNotification,
  RelayOpenedNotification,
  RelayProgressNotification,
  type RelaySecrets,
  type RelayStartParams,
  RelayStartRequest,
} from '../../../src/protocol/relay.js';
import { readLine } from '../../../src/rpc/read-line.js';
import type { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { readTags } from '../../support/live-flv-server.js';
import { eventually } from '../../support/wait.js';
import { startingPoint } from './tags.js';

/** A relay that keeps what it gets. */
class FakeRelay {
  secrets: RelaySecrets | undefined;
  params: RelayStartParams | undefined;
  finished = false;
  disposed = false;
  connection: RpcConnection | undefined;
  refusal: BulkheadError | undefined;
  private readonly chunks: Buffer[] = [];

  readonly part: PartModule = {
    role: 'relay',
    initializeResult: { capabilities: {} },
    activate: ({ connection, frames }) => {
      assert.ok(frames);
      this.connection = connection;
      connection.onRequest(RelayStartRequest.type, async (params) => {
        this.params = params;
        this.secrets = parseRelaySecrets((await readLine(frames, 1000, MAX_RELAY_SECRETS)) ?? '');
        if (this.refusal !== undefined) throw this.refusal;
        this.read(frames);
        return { ffmpegPid: 7 };
      });
      connection.onNotification(RelayFinishNotification.type, () => {
        this.finished = true;
      });
      return {
        dispose: () => {
          this.disposed = true;
        },
      };
    },
  };

  /** What it has been sent: `kind milliseconds`. */
  get tags(): string[] {
    return readTags(Buffer.concat(this.chunks)).map(({ kind, ms }) => `${kind} ${ms}`);
  }

  open(): void {
    this.connection?.sendNotification(RelayOpenedNotification.type, {});
  }

  private read(frames: Duplex): void {
    frames.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    frames.on('end', () => this.connection?.sendNotification(RelayEndedNotification.type, {}));
  }
}

describe('RelaySession', () => {
  let relay: FakeRelay;
  let session: RelaySession | undefined;
  const waiting = new AbortController();

  beforeEach(() => {
    relay = new FakeRelay();
  });

  afterEach(async () => {
    session?.dispose();
    session = undefined;
    await eventually('the relay has ended', () => relay.disposed || undefined);
  });

  const opening = (signal: AbortSignal = waiting.signal) =>
    RelaySession.open(
      {
        launcher: new InProcessLauncher(relay.part),
        logLevel: 'silent',
        log: () => {},
        target: { kind: 'udp', host: '127.0.0.1', port: 9 },
        secrets: { passphrase: 's3cret passphrase' },
        ffmpegPath: '/ffmpeg',
      },
      startingPoint(),
      signal,
    );

  async function open(): Promise<RelaySession> {
    const opened = opening();
    await eventually('the preamble is there', () => relay.tags.length >= 4 || undefined);
    relay.open();
    session = await opened;
    return session;
  }

  const send = (kind: StreamTagKind, ms: number, text: string = kind) =>
    session?.send(kind, ms, Buffer.from(text));

  it('sends secrets on the descriptor for media, and in no message', async () => {
    await open();
    assert.deepEqual(relay.secrets, { passphrase: 's3cret passphrase' });
    assert.doesNotMatch(JSON.stringify(relay.params), /s3cret/);
    assert.equal(relay.params?.ffmpegPath, '/ffmpeg');
  });

  it('is open when the relay has connected, for which it gets one frame of each track at the time 0', async () => {
    let isOpen = false;
    const opened = opening().then((made) => {
      isOpen = true;
      session = made;
    });
    await eventually('the preamble is there', () => relay.tags.length >= 4 || undefined);
    assert.ok(
      relay.tags.every((tag) => tag.endsWith(' 0')),
      String(relay.tags),
    );
    assert.equal(isOpen, false);
    relay.open();
    await opened;
  });

  it('sends the stream a second later than it is', async () => {
    await open();
    const before = relay.tags.length;
    const [, header] = startingPoint();
    session?.send('video-header', 40, header?.payload ?? Buffer.alloc(0));
    send('keyframe', 40);
    send('audio', 2 ** 32 - 1001);
    await eventually('it is there', () => relay.tags.length >= before + 3 || undefined);
    assert.deepEqual(relay.tags.slice(before), ['video 1040', 'video 1040', `audio ${2 ** 32 - 1}`]);
    assert.equal(session?.reconnectRequest, undefined);
  });

  it('asks for another relay when headers have changed, or timestamps begin anew', async () => {
    await open();
    send('video-header', 40, 'another one');
    assert.ok(session?.reconnectRequest);
    session?.dispose();
    relay = new FakeRelay();
    await open();
    send('interframe', 2 ** 32 - 1001);
    assert.equal(session?.reconnectRequest, undefined);
    send('interframe', 2 ** 32 - 1000);
    assert.ok(session?.reconnectRequest);
  });

  it('tells how long the relay has been silent about what it got', async () => {
    const { connection } = await open().then(() => relay);
    const made = session;
    assert.ok(made);
    assert.equal(made.silentMs(performance.now() + 5000), 0);
    send('keyframe', 40);
    await eventually('it is taken', () => made.silentMs(performance.now() + 5000) >= 5000 || undefined);
    assert.equal(made.acknowledged, false);
    connection?.sendNotification(RelayProgressNotification.type, { delivered: true });
    await eventually('it is known', () => made.acknowledged || undefined);
    assert.equal(made.silentMs(performance.now() + 5000), 0);
  });

  it('ends in order: the relay gets the request, and reads the end', async () => {
    const made = await open();
    await made.endStream(5000);
    assert.equal(relay.finished, true);
  });

  it('ends with the reason of the relay, which ends too', async () => {
    const made = await open();
    const error = new BulkheadError(ErrorCodes.outputUnreachable, 'nobody is there');
    relay.connection?.sendNotification(RelayEndedNotification.type, { error: error.toData() });
    assert.equal((await made.ended).message, 'nobody is there');
    await eventually('the relay has ended', () => relay.disposed || undefined);
  });

  it('is not opened by a relay that refuses, or when it is aborted', async () => {
    relay.refusal = new BulkheadError(ErrorCodes.portInUse, 'in use');
    await assert.rejects(opening(), { code: 'port.inUse' });
    await eventually('the relay has ended', () => relay.disposed || undefined);
    relay = new FakeRelay();
    const abort = new AbortController();
    const aborted = opening(abort.signal);
    await eventually('the preamble is there', () => relay.tags.length >= 4 || undefined);
    abort.abort(new Error('enough'));
    await assert.rejects(aborted, /enough/);
  });
});
