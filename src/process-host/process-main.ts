import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { inspect } from 'node:util';
import { refuseInspector } from '../base/process-signals.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { CONTROL_FD, FRAMES_FD, ROLES_WITH_FRAMES } from './descriptors.js';
import type { PartModule } from './part-module.js';
import { processFaults } from './process-faults.js';
import { servePart } from './serve-part.js';

/** The main program of a part's process. */
export function runPartProcess(module: PartModule): void {
  refuseInspector();
  // The log is best effort: the part must not end because the core has stopped reading it.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  if (!isChannel(CONTROL_FD)) {
    process.stderr.write(`The ${module.role} is started by Bulkhead's core; do not start it directly.\n`);
    process.exit(ExitCodes.badSettings);
  }
  // Ctrl-C is sent to every process in the terminal, but the core decides when a part ends. A plugin's host, which has
  // no terminal, prints its stack instead.
  if (!process.execArgv.includes('--trace-sigint')) process.on('SIGINT', () => {});

  const part = servePart(module, {
    control: openChannel(CONTROL_FD),
    frames: ROLES_WITH_FRAMES.has(module.role) && isSocket(FRAMES_FD) ? openChannel(FRAMES_FD) : undefined,
    pid: process.pid,
    exit: (code) => process.exit(code),
  });

  const crash = (error: unknown): void => {
    process.stderr.write(`The ${module.role} crashed: ${inspect(error)}\n`);
    try {
      part.dispose();
    } finally {
      process.exit(ExitCodes.crash);
    }
  };
  processFaults.surviveWith(({ error }) => crash(error));
  process.on('SIGTERM', () => {
    void part.finish().then(() => {
      part.dispose();
      process.exit(ExitCodes.ok);
    });
  });
}

function openChannel(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: true });
}

/** Pipes may be Node's own where the core has not given a descriptor. On Windows, where it gives pipes, Node's have no descriptors. */
function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket() || process.platform === 'win32';
  } catch {
    return false;
  }
}

function isChannel(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isSocket() || stats.isFIFO();
  } catch {
    return false;
  }
}
