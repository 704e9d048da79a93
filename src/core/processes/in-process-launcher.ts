import { type Duplex, PassThrough, type Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { PartModule } from '../../process-host/part-module.js';
import { servePart } from '../../process-host/serve-part.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { PartRole } from '../../protocol/lifecycle.js';
import { createInMemoryPair } from '../../rpc/in-memory-pair.js';
import type { PartExit, PartInstance, PartLauncher } from './part-launcher.js';

/** Launches a part inside the core (`hybrid` mode): the same module, served over a channel in memory. */
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
  readonly media: Readable | undefined;
  private readonly exitEmitter = new Emitter<PartExit>();
  private readonly logEmitter = new Emitter<string>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  readonly onDidLog: Event<string> = this.logEmitter.event;
  private readonly farControl: Duplex;
  private readonly mediaEntry: PassThrough | undefined;
  private part: Disposable | undefined;
  private ended = false;

  constructor(module: PartModule) {
    [this.control, this.farControl] = createInMemoryPair();
    this.mediaEntry = module.role === 'encoder' ? new PassThrough() : undefined;
    this.media = this.mediaEntry;
    // As with a process: a channel that breaks is told by its close.
    for (const stream of [this.control, this.farControl, this.mediaEntry]) stream?.on('error', () => {});
    try {
      this.part = servePart(module, {
        control: this.farControl,
        media: this.mediaEntry && { kind: 'stream', stream: this.mediaEntry },
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
    this.media?.destroy();
  }

  private end(exit: PartExit): void {
    if (this.ended) return;
    this.ended = true;
    // A process' exit is not seen before the next turn either.
    setImmediate(() => {
      this.part?.dispose();
      this.farControl.destroy();
      this.control.destroy();
      this.mediaEntry?.end();
      if (this.mediaEntry?.readableFlowing === null) this.mediaEntry.destroy();
      this.exitEmitter.fire(exit);
      this.exitEmitter.dispose();
      this.logEmitter.dispose();
    });
  }
}
