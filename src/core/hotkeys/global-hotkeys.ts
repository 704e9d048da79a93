import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import * as z from '../../base/zod.js';
import { isGlobalKey, MOST_KEY } from '../../keys/keystroke.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { HotkeyPressedNotification, SetHotkeysRequest } from '../../protocol/hotkeys.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { Keybindings } from '../main-thread/keybindings.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import { NoticeSink } from '../streamer/notice-sink.js';

const STOP_DEADLINE_MS = 1000;
/** Nobody presses keys faster. */
const PRESSES = { burst: 20, perSecond: 20 };
/** Notices of keys whose commands fail. */
const NOTICES = { burst: 5, perSecond: 0.2 };
const MOST_KEYS = 1000;

const Key = z.string().max(MOST_KEY);
const Pressed = z.object({ key: Key });
const Result = z.object({ failed: boundedList(Key, MOST_KEYS) });

/** Keys that run their commands whatever window has the keyboard: by a process that hears of them, where the streamer wants it and the system can. */
@injectable()
export class GlobalHotkeys implements Disposable {
  private readonly supervisor: PartSupervisor;
  private readonly watching: Disposable;
  private readonly presses = new RateLimiter(PRESSES);
  private readonly notes = new RateLimiter(NOTICES);
  private isEnabled = false;
  private failed = '';

  constructor(
    @inject(PartLaunchers) launchers: Pick<PartLaunchers, 'hotkeys'>,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @inject(Keybindings)
    private readonly keybindings: Pick<Keybindings, 'streamersKeys' | 'press' | 'onDidChange'>,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
  ) {
    this.supervisor = new PartSupervisor({
      launcher: launchers.hotkeys,
      logLevel,
      spare: false,
      configure: (connection) => this.listen(connection),
    });
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`hotkeys: ${message}`, { pid }));
    this.supervisor.onDidBecomeReady((part) => void this.set(part));
    this.supervisor.onDidEnd(({ reason }) => {
      if (reason !== undefined) log.warn(`hotkeys: ${reason.message}`);
    });
    this.watching = keybindings.onDidChange(() => {
      const { active } = this.supervisor;
      if (active !== undefined) void this.set(active);
    });
  }

  /** @param isEnabled as in the configuration */
  enable(isEnabled: boolean): void {
    if (isEnabled === this.isEnabled) return;
    this.isEnabled = isEnabled;
    if (isEnabled) this.supervisor.start();
    else void this.stop();
  }

  async stop(): Promise<void> {
    this.isEnabled = false;
    await this.supervisor.stop(STOP_DEADLINE_MS);
  }

  private listen(connection: RpcConnection): void {
    new CheckedChannel(connection, 'hotkeys').receive(HotkeyPressedNotification.type, Pressed, ({ key }) => {
      if (this.isEnabled && this.presses.take()) void this.press(key);
    });
  }

  private async press(key: string): Promise<void> {
    try {
      const { command } = await this.keybindings.press({ key });
      this.log.info(`hotkeys: ${key} has run ${command}`);
    } catch (error) {
      const { code, sentence } = BulkheadError.from(error);
      this.log.info(`hotkeys: ${key}: ${sentence}`);
      // A key that does nothing now is no mistake.
      if (code !== ErrorCodes.keyNotBound && this.notes.take()) this.warn(`${key}: ${sentence}`);
    }
  }

  private async set(part: ReadyPart): Promise<void> {
    // A key is taken from all other windows, so no plugin may choose it.
    const keys = [...new Set(this.keybindings.streamersKeys)].filter(isGlobalKey).slice(0, MOST_KEYS);
    try {
      const channel = new CheckedChannel(part.connection, 'hotkeys');
      const { failed } = await channel.ask(SetHotkeysRequest.type, { keys }, Result);
      const names = failed.join(', ');
      if (names !== '' && names !== this.failed)
        this.warn(
          `These global hotkeys do not work, since another program uses them or the keyboard lacks them: ${names}.`,
        );
      this.failed = names;
    } catch (error) {
      if (this.supervisor.active !== part) return;
      const failure = BulkheadError.from(error, ErrorCodes.processFailed);
      this.warn(`Global hotkeys do not work: ${failure.sentence}`);
      if (failure.code === ErrorCodes.platformUnsupported) this.supervisor.giveUp(failure);
      else this.supervisor.fail(failure);
    }
  }

  private warn(message: string): void {
    this.notices.notice({ severity: 'warning', source: 'keys', message });
    this.log.warn(`hotkeys: ${message}`);
  }

  dispose(): void {
    this.watching.dispose();
    this.supervisor.dispose();
  }
}
