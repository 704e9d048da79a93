import { closeSync, readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Closes the descriptors above the standard ones that whoever started this process has left open, and that every child
 * would inherit in turn. Node marks the first 16 as not to be inherited, and its own; it lets the rest through. Linux only:
 * elsewhere the marks cannot be read.
 */
export function closeInheritedDescriptors(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2 || !isInheritable(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // The one that listed them.
    }
  }
}

function isInheritable(fd: number): boolean {
  try {
    const [, flags = '0'] =
      /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'ascii')) ?? [];
    return (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
}
