import { inject, injectable } from 'inversify';
import { RateLimiter } from '../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { describePermission, type Permission } from '../../protocol/permissions/permissions.js';
import type { Log } from '../log/log.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { type Question, Questions } from '../streamer/questions.js';

/** How often one plugin may ask: more would tire the streamer into agreeing. */
const QUESTIONS = { burst: 5, perSecond: 1 / 120 };
const ALLOW = 'Allow';
const REFUSE = "Don't allow";

interface OpenRequest {
  readonly permission: Permission;
  readonly question: Question<string>;
  readonly granted: Promise<boolean>;
}

/** Grants a permission to a plugin, and remembers that; the plugin has it when this resolves. */
export type GrantPermission = (plugin: InstalledPlugin, permission: Permission) => Promise<void>;

/** Plugins' questions to the streamer for their optional permissions. */
@injectable()
export class PermissionRequests {
  private readonly open = new Map<string, OpenRequest>();
  /** What the streamer has refused, by plugin; until the core ends. */
  private readonly refused = new Map<string, Set<Permission>>();
  private readonly limiters = new Map<string, RateLimiter>();
  /** Set by who keeps what is granted. */
  grant: GrantPermission = async () => {
    throw new Error('nobody grants permissions here');
  };

  constructor(
    @inject(Questions) private readonly questions: Questions,
    @inject(NoticeSink) private readonly notices: NoticeSink,
  ) {}

  /**
   * Asks the streamer, unless the answer is known; resolves with whether the permission has been granted.
   *
   * @throws `rpc.busy`
   */
  async ask(plugin: InstalledPlugin, permission: Permission, log: Pick<Log, 'info'>): Promise<boolean> {
    const { id } = plugin;
    if (this.refused.get(id)?.has(permission) === true) return false;
    const open = this.open.get(id);
    if (open?.permission === permission) return open.granted;
    if (open !== undefined) throw busy(id, 'a question of it for a permission is open');
    const limiter = this.limiters.get(id) ?? new RateLimiter(QUESTIONS);
    this.limiters.set(id, limiter);
    if (!limiter.take()) throw busy(id, 'it has asked for permissions too often');
    const question = this.begin(id, permission);
    const granted = this.settle(plugin, permission, question).finally(() => this.open.delete(id));
    this.open.set(id, { permission, question, granted });
    const isGranted = await granted;
    log.info(`asked to ${describePermission(permission)} (${permission}): ${isGranted ? 'yes' : 'no'}`, {
      plugin: id,
    });
    return isGranted;
  }

  /** The plugin's host has ended. */
  withdraw(id: string): void {
    this.open.get(id)?.question.dispose();
  }

  private begin(id: string, permission: Permission): Question<string> {
    const message = `wants to ${describePermission(permission)} (${permission})`;
    const actions = [ALLOW, REFUSE];
    const question = this.questions.ask({ plugin: id, severity: 'info', message, actions });
    this.notices.notice({ severity: 'info', source: id, message, question: { id: question.id, actions } });
    return question;
  }

  private async settle(
    plugin: InstalledPlugin,
    permission: Permission,
    question: Question<string>,
  ): Promise<boolean> {
    const answer = await question.answer;
    if (answer === ALLOW) await this.grant(plugin, permission);
    if (answer === REFUSE) {
      const refused = this.refused.get(plugin.id) ?? new Set();
      this.refused.set(plugin.id, refused.add(permission));
    }
    return answer === ALLOW;
  }
}

function busy(id: string, why: string): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcBusy, `the plugin "${id}" cannot ask for a permission now: ${why}`, {
    where: id,
    remedy: 'Ask later.',
  });
}
