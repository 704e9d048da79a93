import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { Emitter } from '../../../src/base/event.js';
import type { PartExit, PartInstance, PartLauncher } from '../../../src/core/processes/part-launcher.js';
import {
  ExitNotification,
  HeartbeatRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  PartLogNotification,
  PROTOCOL_VERSION,
  ShutdownRequest,
} from '../../../src/protocol/lifecycle.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';

export interface FakeBehaviour {
  readonly initialize?: 'answer' | 'never' | 'refuse' | 'nonsense' | 'incomparable' | 'newer';
  readonly shutdown?: 'obey' | 'never';
  /** Whether signals end it; SIGKILL always does unless `immortal`. */
  readonly sigterm?: 'obey' | 'ignore';
  readonly immortal?: boolean;
}

const never = new Promise<never>(() => {});

/** A part simulated by the test: real RPC over an in-memory channel, but no process. */
export class FakePart implements PartInstance, Disposable {
  readonly control: Duplex;
  readonly signals: string[] = [];
  readonly received: string[] = [];
  readonly connection: RpcConnection;
  /** Set to make it stop answering heartbeats. */
  hung = false;
  gone = false;
  disposed = false;
  private heldHeartbeats: (() => void)[] = [];
  private readonly far: Duplex;
  private readonly emitters = new DisposableStore();
  private readonly exitEmitter = this.emitters.add(new Emitter<PartExit>());
  private readonly logEmitter = this.emitters.add(new Emitter<string>());
  readonly onDidExit = this.exitEmitter.event;
  readonly onDidLog = this.logEmitter.event;

  constructor(
    readonly pid: number,
    private readonly behaviour: FakeBehaviour,
  ) {
    [this.control, this.far] = createInMemoryPair();
    this.connection = new RpcConnection(this.far, { peer: 'core' });
    this.connection.onRequest(InitializeRequest.type, () => this.initialize());
    this.connection.onNotification(InitializedNotification.type, () => this.received.push('initialized'));
    this.connection.onRequest(HeartbeatRequest.type, () => {
      this.received.push('heartbeat');
      return this.hung ? new Promise<null>((resolve) => this.heldHeartbeats.push(() => resolve(null))) : null;
    });
    this.connection.onRequest(ShutdownRequest.type, () => {
      this.received.push('shutdown');
      if (behaviour.shutdown === 'never') return never;
    });
    this.connection.onNotification(ExitNotification.type, () => {
      this.received.push('exit');
      this.exit({ code: 0, signal: null });
    });
    this.connection.listen();
  }

  /** Sends the answers held back while it hung. */
  answerHeartbeats(): void {
    for (const answer of this.heldHeartbeats.splice(0)) answer();
  }

  log(line: string): void {
    this.logEmitter.fire(line);
  }

  logByRpc(params: unknown): void {
    this.connection.sendNotification(PartLogNotification.type, params as never);
  }

  /** Sends bytes that are not RPC. */
  babble(): void {
    this.far.write('nonsense\r\n\r\nnonsense\r\n\r\n'.repeat(100));
  }

  closeChannel(): void {
    this.far.destroy();
  }

  exit(exit: PartExit): void {
    if (this.gone) return;
    this.gone = true;
    this.connection.dispose();
    this.exitEmitter.fire(exit);
    this.emitters.dispose();
  }

  crash(): void {
    this.exit({ code: null, signal: 'SIGSEGV' });
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    const { immortal = false, sigterm } = this.behaviour;
    if (immortal || (signal === 'SIGTERM' && sigterm === 'ignore')) return;
    setImmediate(() => this.exit({ code: null, signal }));
  }

  dispose(): void {
    this.disposed = true;
    this.kill('SIGKILL');
    if (this.behaviour.immortal === true) this.emitters.dispose();
  }

  private initialize(): InitializeResult | Promise<never> {
    switch (this.behaviour.initialize) {
      case 'never':
        return never;
      case 'refuse':
        throw new Error('out of order');
      case 'nonsense':
        return { hello: 'world' } as never;
      case 'incomparable':
        return {
          protocolVersion: PROTOCOL_VERSION,
          pid: this.pid,
          apiVersion: { length: { toString: 0 } },
          capabilities: {},
        } as unknown as InitializeResult;
      case 'newer':
        return { protocolVersion: PROTOCOL_VERSION + 1, pid: this.pid, capabilities: {} };
      default:
        return { protocolVersion: PROTOCOL_VERSION, pid: this.pid, capabilities: {} };
    }
  }
}

export class FakeLauncher implements PartLauncher {
  readonly isolated = true;
  readonly parts: FakePart[] = [];
  /** Of parts launched from now on. */
  behaviour: FakeBehaviour = {};
  /** Set to make launches fail. */
  obstacle: Error | undefined;

  constructor(readonly role: PartLauncher['role'] = 'extension-host') {}

  launch(): FakePart {
    if (this.obstacle !== undefined) throw this.obstacle;
    const part = new FakePart(1000 + this.parts.length, this.behaviour);
    this.parts.push(part);
    return part;
  }

  /** The newest part. */
  get last(): FakePart {
    const part = this.parts.at(-1);
    if (part === undefined) throw new Error('nothing was launched');
    return part;
  }
}
