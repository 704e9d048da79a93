import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { ROLES_WITH_FRAMES } from '../../process-host/descriptors.js';
import type { PartModule } from '../../process-host/part-module.js';
import { servePart } from '../../process-host/serve-part.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { PartRole } from '../../protocol/lifecycle.js';
import { createInMemoryPair } from '../../rpc/in-memory-pair.js';
import type { PartExit, PartInstance, PartLauncher } from './part-launcher.js';

/** Runs a part inside the core (`hybrid` mode): the same module, served over an in-memory channel. */
export class InProcessLauncher implements PartLauncher {
  readonly isolated = false;

  constructor(private readonly module: PartModule) {}

  get role(): PartRole {
    return this.module.role;
  }

  launch(): PartInstance {
    return new InProcessInstance(this.module);
  }
}

class InProcessInstance implements PartInstance {
  readonly pid = process.pid;
  readonly control: Duplex;
  readonly frames: Duplex | undefined;
  private readonly exitEmitter = new Emitter<PartExit>();
  private readonly logEmitter = new Emitter<string>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  readonly onDidLog: Event<string> = this.logEmitter.event;
  /** All ends of its channels. */
  private readonly streams: readonly Duplex[];
  private part: Disposable | undefined;
  private ended = false;

  constructor(module: PartModule) {
    const [control, farControl] = createInMemoryPair();
    const [frames, farFrames] = ROLES_WITH_FRAMES.has(module.role) ? createInMemoryPair() : [];
    this.control = control;
    this.frames = frames;
    this.streams = [farControl, control, farFrames, frames].filter((stream) => stream !== undefined);
    // As with a process, a broken channel is reported by its close.
    for (const stream of this.streams) stream.on('error', () => {});
    try {
      this.part = servePart(module, {
        control: farControl,
        frames: farFrames,
        pid: process.pid,
        exit: (code) => this.end({ code, signal: null }),
      });
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.nextTick(() => this.logEmitter.fire(why));
      this.end({ code: ExitCodes.crash, signal: null });
    }
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.end({ code: null, signal });
  }

  dispose(): void {
    this.kill('SIGKILL');
  }

  private end(exit: PartExit): void {
    if (this.ended) return;
    this.ended = true;
    // Asynchronous, like the exit of a process.
    setImmediate(() => {
      this.part?.dispose();
      for (const stream of this.streams) stream.destroy();
      this.exitEmitter.fire(exit);
      this.exitEmitter.dispose();
      this.logEmitter.dispose();
    });
  }
}
