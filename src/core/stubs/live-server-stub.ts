import { createHash, randomBytes } from 'node:crypto';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { Status } from '../../protocol/control.js';
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
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import { IngestOpenSchema, IngestRefusedSchema, LiveServerStartedSchema } from './part-messages.js';

/** From `start` to the live server listening, ms; a process that starts anew on a busy machine included. */
const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 1000;

/** Takes publishers in the core, whom the live server lets in. */
export interface IngestHandler {
  readonly settings: readonly IngestSettings[];
  /** @returns where the publisher's FLV goes. Rejects with why it is not taken, which the publisher is told. */
  open(publisher: IngestOpenParams): Promise<MediaAddress>;
  /** The live server has let a publisher in no further, or has cut it off. */
  refused(refusal: IngestRefusedParams): void;
}

export interface LiveServerOptions extends LiveServerPorts {
  readonly ingest?: IngestHandler | undefined;
}

/**
 * The embedded live server as the core sees it: started once, it is there until it is stopped. When its process dies
 * another one takes its place on the same ports, so that the page's address stays. Only the core can publish to it.
 */
@injectable()
export class LiveServerStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private readonly changeEmitter = new Emitter<void>();
  /** `status` has changed: another process, or, if a port was taken while none ran, other addresses. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly moveEmitter = new Emitter<string>();
  /** Another process runs: where to publish from now on. */
  readonly onDidMove: Event<string> = this.moveEmitter.event;
  private readonly lossEmitter = new Emitter<BulkheadError>();
  /** A port or an address that it had cannot be had again: that is tried on. Fires once until it is. */
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

  /** Undefined until it has been started. `pid` is 0 while no process runs. */
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
   * Resolves once it takes a publisher; when it already runs, with the ports it was first started with.
   *
   * @throws `port.inUse`, or `process.failed` when it does not come up
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

  /** Ends a publisher, which is told why. */
  endPublisher(session: number, reason: BulkheadError): void {
    this.supervisor.active?.connection.sendNotification(IngestEndNotification.type, {
      session,
      error: reason.toData(),
    });
  }

  /** Resolves once its process is gone. */
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

  /** Tells a new process which ports to take. One that dies over it is replaced, and the next one is told. */
  private async configure(part: ReadyPart): Promise<void> {
    const { startUp } = this;
    if (startUp === undefined) return;
    const { host } = startUp.ports;
    const { rtmpPort, httpPort } = this.addresses ?? startUp.ports;
    const { viewToken } = startUp;
    // A new one for each process: another program may have listened on the port in between, and been given the last one.
    const key = randomBytes(32).toString('base64url');
    try {
      const started = await new CheckedChannel(part.connection, 'live-server').ask(
        LiveServerStartRequest.type,
        {
          rtmpPort,
          httpPort,
          ...(host === undefined ? {} : { host }),
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
      // Settings that have worked may work again.
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

/** What `start` was asked for, and its answer. */
class StartUp {
  readonly result: Promise<LiveServerStartResult>;
  /** What viewers' links hold where others than this machine can watch: as long as the server is wanted, whatever its process. */
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
    this.viewToken = isLoopback(ports.host) ? undefined : randomBytes(16).toString('base64url');
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

/** What the live server is given to check a key by: the key itself stays in the core. */
export function hashKey(key: string): KeyHash {
  const salt = randomBytes(16).toString('hex');
  return { salt, hash: createHash('sha256').update(salt).update(key).digest('hex') };
}

function isLoopback(host: string | undefined): boolean {
  return host === undefined || host === '::1' || host.startsWith('127.');
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
