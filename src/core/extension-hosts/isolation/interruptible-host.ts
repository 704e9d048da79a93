import type { Duplex } from 'node:stream';
import { Emitter, type Event } from '../../../base/event.js';
import type { PartExit, PartInstance } from '../../processes/part-launcher.js';
import type { HostProfile } from './host-profile.js';
import { InterruptedStack } from './interrupted-stack.js';

/**
 * Time from the first line of the stack until the process is killed, ms; in a sandbox it does not exit by itself.
 */
const STACK_MS = 50;

/** Is notified of a host that hangs and has to be ended. */
export interface HangListener {
  /** It is being ended. */
  hangs(): void;
  /** It has exited, and its CPU profile has been written to this path. */
  profiled(path: string): void;
  /** There is no profile because of this error. */
  notProfiled(error: unknown): void;
}

/** A host that reports where in the plugin it was when it had to be ended: its exit includes the stack. */
export class InterruptibleHost implements PartInstance {
  readonly onDidLog: Event<string>;
  private readonly exitEmitter = new Emitter<PartExit>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  private readonly stack = new InterruptedStack();
  private hung = false;
  /** Why it was ended, if its profile log became too large. */
  private excess: string | undefined;
  private ending: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: PartInstance,
    private readonly profile: HostProfile | undefined,
    private readonly listener: HangListener,
  ) {
    this.onDidLog = host.onDidLog;
    void profile?.full().then((why) => {
      this.excess = why;
      if (why !== undefined) host.kill('SIGKILL');
    });
    host.onDidLog((line) => this.read(line));
    host.onDidExit((exit) => {
      clearTimeout(this.ending);
      const { text } = this.stack;
      this.exitEmitter.fire({
        ...exit,
        ...(text === undefined ? {} : { stack: text }),
        ...(this.excess === undefined ? {} : { why: this.excess }),
      });
      this.exitEmitter.dispose();
      void this.conclude();
    });
  }

  get pid(): number {
    return this.host.pid;
  }

  get control(): Duplex {
    return this.host.control;
  }

  get frames(): Duplex | undefined {
    return this.host.frames;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (signal === 'SIGTERM' && !this.hung) {
      this.hung = true;
      this.listener.hangs();
    }
    this.host.kill(signal);
  }

  dispose(): void {
    clearTimeout(this.ending);
    this.host.dispose();
  }

  private read(line: string): void {
    if (!this.hung) return;
    this.stack.read(line);
    if (this.stack.begun) this.ending ??= setTimeout(() => this.host.kill('SIGKILL'), STACK_MS);
  }

  private async conclude(): Promise<void> {
    const { profile, hung, listener } = this;
    if (profile === undefined) return;
    try {
      if (hung) listener.profiled(await profile.write());
    } catch (error) {
      listener.notProfiled(error);
    } finally {
      profile.dispose();
    }
  }
}
