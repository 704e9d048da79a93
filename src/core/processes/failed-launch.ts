import { Duplex } from 'node:stream';
import { Emitter, type Event } from '../../base/event.js';
import type { PartExit, PartInstance, PartLauncher } from './part-launcher.js';

/**
 * Launches a part; every launch goes through here. An error thrown by the launcher becomes a part that failed to start.
 */
export function launch(launcher: PartLauncher): PartInstance {
  try {
    return launcher.launch();
  } catch (error) {
    return new FailedLaunch(() => messageOf(error));
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A part that could not be started: its log and its exit give the reason. */
export class FailedLaunch implements PartInstance {
  readonly pid = 0;
  readonly control: Duplex = new Duplex({
    read() {
      this.push(null);
    },
    write(_chunk, _encoding, callback) {
      callback();
    },
  });
  private readonly exitEmitter = new Emitter<PartExit>();
  private readonly logEmitter = new Emitter<string>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  readonly onDidLog: Event<string> = this.logEmitter.event;

  /** @param why called on the next tick, since a process that was not spawned reports its error only then */
  constructor(why: () => string, code: number | null = null) {
    process.nextTick(() => {
      const reason = why();
      this.logEmitter.fire(reason);
      this.control.destroy();
      this.exitEmitter.fire({ code, signal: null, why: `could not be started: ${reason}`, notStarted: true });
      this.exitEmitter.dispose();
      this.logEmitter.dispose();
    });
  }

  kill(): void {}

  dispose(): void {
    this.control.destroy();
  }
}
