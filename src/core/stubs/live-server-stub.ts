import { createHash, randomBytes } from 'node:crypto';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { isLoopbackAddress } from '../../base/loopback.js';
import type { MediaAddress } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  IngestEndNotification,
  type IngestOpenParams,
  IngestOpenRequest,
  IngestRefusedNotification,
  type IngestRefusedParams,
} from '../../protocol/ingest.js';
import {
  type IngestSettings,
  type KeyHash,
  type LiveServerPorts,
  LiveServerStartRequest,
  type LiveServerStartResult,
} from '../../protocol/live-server.js';
import type { Status } from '../../protocol/status/status.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import { IngestOpenSchema, IngestRefusedSchema, LiveServerStartedSchema } from './part-messages.js';

/** From `start` to the live server listening, ms; includes a process restart on a busy machine. */
const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 1000;

/** Accepts publishers from the live server in the core. */
export interface IngestHandler {
  readonly settings: readonly IngestSettings[];
  /** @returns where to send the publisher's FLV. Rejects with the reason for a refusal, which is sent to the publisher. */
  open(publisher: IngestOpenParams): Promise<MediaAddress>;
  /** The live server has refused a publisher or disconnected it. */
  refused(refusal: IngestRefusedParams): void;
}

export interface LiveServerOptions extends LiveServerPorts {
  readonly ingest?: IngestHandler | undefined;
}

/**
 * The embedded live server as seen by the core: started once, available until it is stopped. When its process crashes another
 * one is started on the same ports, so that the page's address stays the same. Only the core can publish to it.
 */
@injectable()
export class LiveServerStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private readonly changeEmitter = new Emitter<void>();
  /** `status` has changed: a new process, possibly with other addresses if a port was taken meanwhile. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly moveEmitter = new Emitter<string>();
  /** A new process is running: where to publish from now on. */
  readonly onDidMove: Event<string> = this.moveEmitter.event;
  private readonly lossEmitter = new Emitter<BulkheadError>();
  /** A port or an address that it had is no longer available; it is retried. Fires once until it succeeds. */
  readonly onDidLoseAddress: Event<BulkheadError> = this.lossEmitter.event;
  private hasLostAddress = false;
  private addresses: LiveServerStartResult | undefined;
  private startUp: StartUp | undefined;

  constructor(
    @inject(PartLaunchers) launchers: Pick<PartLaunchers, 'live-server'>,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @inject(Log) private readonly log: Log,
  ) {
    this.supervisor = new PartSupervisor({
      launcher: launchers['live-server'],
      logLevel,
      spare: false,
      configure: (connection) => this.serveIngest(connection),
    });
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`live-server: ${message}`, { pid }));
    this.supervisor.onDidBecomeReady((part) => void this.configure(part));
    this.supervisor.onDidEnd(({ reason }) => {
      if (reason !== undefined) log.warn(`live-server: ${reason.message}`);
    });
    this.supervisor.onDidChangeState((state) => {
      if (state === 'failed' || state === 'quarantined')
        this.startUp?.reject(this.supervisor.error ?? failure('failed'));
      this.changeEmitter.fire();
    });
  }

  /** Undefined until it has been started. `pid` is 0 while no process is running. */
  get status(): Status['liveServer'] {
    if (this.addresses === undefined) return undefined;
    const { pageUrl, playUrl } = this.addresses;
    return { pid: this.supervisor.pid, pageUrl, playUrl };
  }

  /** Where to publish to an ingest, without the key; undefined until it has been started. */
  get ingestUrl(): string | undefined {
    return this.addresses?.ingestUrl;
  }

  /**
   * Resolves once it accepts publishers; if it is already running, with its current ports.
   *
   * @throws `port.inUse`, or `process.failed` if it does not start
   */
  start(ports: LiveServerOptions): Promise<LiveServerStartResult> {
    if (this.startUp === undefined) {
      this.startUp = new StartUp(ports, START_DEADLINE_MS, () =>
        this.supervisor.giveUp(
          failure(
            `did not come up within ${START_DEADLINE_MS / 1000} s`,
            'Its log says why; a broadcast to another output does not need it.',
          ),
        ),
      );
      this.supervisor.start();
    }
    return this.startUp.result;
  }

  /** Ends a publisher; the reason is sent to it. */
  endPublisher(session: number, reason: BulkheadError): void {
    this.supervisor.active?.connection.sendNotification(IngestEndNotification.type, {
      session,
      error: reason.toData(),
    });
  }

  /** Resolves once its process has exited. */
  async stop(): Promise<void> {
    this.startUp?.reject(failure('was stopped'));
    this.startUp = undefined;
    this.addresses = undefined;
    await this.supervisor.stop(STOP_DEADLINE_MS);
  }

  dispose(): void {
    this.startUp?.reject(failure('was stopped'));
    this.supervisor.dispose();
    this.changeEmitter.dispose();
    this.moveEmitter.dispose();
    this.lossEmitter.dispose();
  }

  private serveIngest(connection: RpcConnection): void {
    const channel = new CheckedChannel(connection, 'live-server');
    channel.serve(IngestOpenRequest.type, IngestOpenSchema, (publisher) => {
      const handler = this.startUp?.ports.ingest;
      if (handler !== undefined) return handler.open(publisher);
      throw failure('takes no publishers');
    });
    channel.receive(IngestRefusedNotification.type, IngestRefusedSchema, (refusal) =>
      this.startUp?.ports.ingest?.refused(refusal),
    );
  }

  /** Sends a new process its ports. If it crashes while doing so it is replaced, and the next one is configured. */
  private async configure(part: ReadyPart): Promise<void> {
    const { startUp } = this;
    if (startUp === undefined) return;
    const { host, rtmpHost } = startUp.ports;
    const { rtmpPort, httpPort } = this.addresses ?? startUp.ports;
    const { viewToken } = startUp;
    // A new one for each process: another program may have listened on the port in between and received the last one.
    const key = randomBytes(32).toString('base64url');
    try {
      const started = await new CheckedChannel(part.connection, 'live-server').ask(
        LiveServerStartRequest.type,
        {
          rtmpPort,
          httpPort,
          ...(host === undefined ? {} : { host }),
          ...(rtmpHost === undefined ? {} : { rtmpHost }),
          publishKey: hashKey(key),
          ...(viewToken === undefined ? {} : { viewToken: hashKey(viewToken) }),
          ingests: startUp.ports.ingest?.settings ?? [],
        },
        LiveServerStartedSchema,
      );
      if (this.startUp !== startUp) return;
      const addresses = {
        ...started,
        publishUrl: `${started.publishUrl}?key=${key}`,
        pageUrl: withToken(started.pageUrl, viewToken),
        playUrl: withToken(started.playUrl, viewToken),
      };
      if (addresses.pageUrl !== this.addresses?.pageUrl)
        this.log.info(`live-server: serves ${started.pageUrl}`);
      const isFirst = this.addresses === undefined;
      this.addresses = addresses;
      this.hasLostAddress = false;
      startUp.resolve(addresses);
      this.changeEmitter.fire();
      if (!isFirst) this.moveEmitter.fire(addresses.publishUrl);
    } catch (error) {
      if (this.supervisor.active !== part) return;
      const reason = BulkheadError.from(error, ErrorCodes.processFailed);
      const isOfSettings = reason.code === ErrorCodes.portInUse || reason.code === ErrorCodes.configInvalid;
      // Settings that have worked before may work again.
      if (isOfSettings && this.addresses === undefined) {
        this.supervisor.giveUp(reason);
        return;
      }
      this.supervisor.fail(reason);
      if (!isOfSettings || this.hasLostAddress) return;
      this.hasLostAddress = true;
      this.lossEmitter.fire(reason);
    }
  }
}

/** The parameters and the result of `start`. */
class StartUp {
  readonly result: Promise<LiveServerStartResult>;
  /**
   * Token in viewers' links, if other machines can watch: stays the same until the server is stopped, across restarts of its
   * process.
   */
  readonly viewToken: string | undefined;
  private settle:
    | { resolve(addresses: LiveServerStartResult): void; reject(error: BulkheadError): void }
    | undefined;
  private readonly deadline: NodeJS.Timeout;

  constructor(
    readonly ports: LiveServerOptions,
    deadlineMs: number,
    onDeadline: () => void,
  ) {
    const { host = '127.0.0.1' } = ports;
    this.viewToken = isLoopbackAddress(host) ? undefined : randomBytes(16).toString('base64url');
    this.result = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.deadline = setTimeout(onDeadline, deadlineMs);
  }

  resolve(addresses: LiveServerStartResult): void {
    clearTimeout(this.deadline);
    this.settle?.resolve(addresses);
  }

  reject(error: BulkheadError): void {
    clearTimeout(this.deadline);
    this.settle?.reject(error);
  }
}

/** The hash by which the live server checks a key: the key itself stays in the core. */
export function hashKey(key: string): KeyHash {
  const salt = randomBytes(16).toString('hex');
  return { salt, hash: createHash('sha256').update(salt).update(key).digest('hex') };
}

function withToken(url: string, token: string | undefined): string {
  return token === undefined ? url : `${url}?token=${token}`;
}

function failure(what: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.processFailed, `The embedded live server ${what}`, {
    where: 'live-server',
    remedy,
  });
}
