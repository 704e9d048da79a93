import { write, writeSync } from 'node:fs';

/** What may wait for a slow disk, bytes; lines beyond it are lost. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** A full pipe is tried again after this time, ms. */
const RETRY_MS = 100;

/**
 * Writes lines to a descriptor, in order and without ever holding up its caller. What cannot be written is lost: neither
 * a full disk nor a reader that has gone may cost more than lines, now or at the end of the process.
 */
export class LogWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private writing = false;
  private losing = false;

  /** @param onLoss Told the first time that lines are lost, and again when that follows a write that went well. */
  constructor(
    private readonly fd: number,
    private readonly onLoss: (error: NodeJS.ErrnoException) => void,
  ) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) return;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (!this.writing) this.writeNext();
  }

  /** Writes what still waits, as far as that goes at once. For the end of the process. */
  flushSync(): void {
    try {
      writeSync(this.fd, Buffer.concat(this.take()));
    } catch {
      // There is nobody left to tell.
    }
  }

  private take(): Buffer[] {
    const taken = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    return taken;
  }

  private writeNext(): void {
    this.writing = true;
    this.writeAll(Buffer.concat(this.take()));
  }

  private writeAll(bytes: Buffer): void {
    write(this.fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.writeAll(bytes), RETRY_MS).unref();
        return;
      }
      if (error !== null && !this.losing) this.onLoss(error);
      this.losing = error !== null;
      if (error === null && written < bytes.length) this.writeAll(bytes.subarray(written));
      else if (this.waiting.length > 0) this.writeNext();
      else this.writing = false;
    });
  }
}
