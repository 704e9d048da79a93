import type { Duplex } from 'node:stream';
import { inject, injectable } from 'inversify';
import { type Disposable, Emitter, type Event } from 'vscode-jsonrpc/node';
import * as z from 'zod';
import type { BroadcastConfig } from '../../config/schema.js';
import { BroadcastConfigSchema } from '../../config/schema.js';
import { PluginManager } from '../../plugins/library/plugin-manager.js';
import {
  type AnswerQuestionParams,
  AnswerQuestionRequest,
  NoticeNotification,
  type NoticeParams,
  RunCommandRequest,
  ShutdownCoreRequest,
  StartBroadcastRequest,
  StatusNotification,
  StatusRequest,
  StopBroadcastRequest,
  WatchStatusRequest,
} from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { RpcConnection } from '../../rpc/rpc-connection.js';
import { Broadcast } from '../broadcast/broadcast.js';
import { Log } from '../log/log.js';
import { CommandRegistry } from '../main-thread/command-registry.js';
import { Dialogs } from './dialogs.js';
import { Notices } from './notices.js';
import { PluginDevelopment } from './plugin-development.js';
import { servePlugins } from './serve-plugins.js';

/** The shortest time between two status notifications that no change of state asked for, ms. */
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 3_600_000;

const Answer = z.object({ id: z.int(), action: z.string().nullable() });

/** Serves the control API to each client: the parent's pipe and every connection to the control socket. */
@injectable()
export class ControlService implements Disposable {
  private readonly clients = new Set<RpcConnection>();
  private readonly shutdownEmitter = new Emitter<void>();
  /** A client has asked for the core's end. */
  readonly onDidRequestShutdown: Event<void> = this.shutdownEmitter.event;

  constructor(
    @inject(Broadcast) private readonly broadcast: Broadcast,
    @inject(CommandRegistry) private readonly commands: CommandRegistry,
    @inject(PluginManager) private readonly plugins: PluginManager,
    @inject(PluginDevelopment) private readonly development: PluginDevelopment,
    @inject(Notices) private readonly notices: Notices,
    @inject(Dialogs) private readonly dialogs: Dialogs,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Serves one client until it goes. A client that sends anything but the protocol loses only its own connection. */
  serve(stream: Duplex, name: string): RpcConnection {
    const client = new RpcConnection(stream, { peer: name });
    const held: Disposable[] = [];
    this.clients.add(client);
    client.onDidClose(({ error }) => {
      for (const item of held) item.dispose();
      this.clients.delete(client);
      if (error !== undefined) this.log.warn(`${name} was disconnected: ${error.message}`);
    });
    client.onRequest(StatusRequest.type, () => this.broadcast.status());
    client.onRequest(StartBroadcastRequest.type, ({ config }) => this.broadcast.start(checked(config)));
    client.onRequest(StopBroadcastRequest.type, () => this.broadcast.stop());
    client.onRequest(RunCommandRequest.type, (params) =>
      this.commands.execute(params.command, params.arguments ?? []),
    );
    servePlugins(client, this.plugins);
    held.push(this.development.serve(client));
    client.onRequest(AnswerQuestionRequest.type, (params) => {
      const { id, action } = checkedAnswer(params);
      this.dialogs.questions.answer(id, action);
      return null;
    });
    client.onRequest(ShutdownCoreRequest.type, async () => {
      await this.broadcast.stop();
      // After the answer has left.
      setImmediate(() => this.shutdownEmitter.fire());
      return null;
    });
    client.onRequest(WatchStatusRequest.type, ({ intervalMs }) => {
      held.push(this.watch(client, intervalMs));
      return this.broadcast.status();
    });
    client.listen();
    return client;
  }

  private watch(client: RpcConnection, intervalMs: number): Disposable {
    const send = () => client.sendNotification(StatusNotification.type, this.broadcast.status());
    const timer = setInterval(send, checkedInterval(intervalMs));
    for (const notice of this.notices.recent()) {
      client.sendNotification(NoticeNotification.type, this.withoutClosedQuestion(notice));
    }
    const subscriptions = [
      this.broadcast.onDidChangeState(send),
      this.notices.onNotice((notice) => client.sendNotification(NoticeNotification.type, notice)),
    ];
    return {
      dispose: () => {
        clearInterval(timer);
        for (const subscription of subscriptions) subscription.dispose();
      },
    };
  }

  /** A question that has been answered is news still, but cannot be answered any more. */
  private withoutClosedQuestion({ question, ...notice }: NoticeParams): NoticeParams {
    const isOpen = question !== undefined && this.dialogs.questions.isOpen(question.id);
    return isOpen ? { ...notice, question } : notice;
  }

  dispose(): void {
    for (const client of this.clients) client.dispose();
    this.shutdownEmitter.dispose();
  }
}

/** A timer with anything else would fire a thousand times a second. */
function checkedInterval(intervalMs: unknown): number {
  if (typeof intervalMs === 'number' && Number.isFinite(intervalMs))
    return Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, intervalMs));
  throw new BulkheadError(ErrorCodes.configInvalid, '"intervalMs" is not a number');
}

function checkedAnswer(params: unknown): AnswerQuestionParams {
  const result = Answer.safeParse(params);
  if (result.success) return result.data;
  throw new BulkheadError(ErrorCodes.configInvalid, `not an answer: ${z.prettifyError(result.error)}`, {
    remedy: 'It has an "id", and an "action" which is text or null.',
  });
}

/** What comes over the socket is checked again: the client may be any program of this user's. */
function checked(config: unknown): BroadcastConfig {
  const result = BroadcastConfigSchema.safeParse(config);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a configuration'}`,
    { remedy: 'See schemas/bulkhead.schema.json.' },
  );
}
