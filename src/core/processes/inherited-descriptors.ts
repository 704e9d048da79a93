import { closeSync, readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Closes descriptors above the standard ones that were left open by the process that started this one, and that every child
 * would inherit. Node marks only the first 16, and its own, as not inheritable. Linux only: elsewhere the marks cannot be
 * read.
 */
export function closeInheritedDescriptors(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd <= 2 || !isInheritable(fd)) continue;
    try {
      closeSync(fd);
    } catch {
      // The descriptor that was used to list them.
    }
  }
}

function isInheritable(fd: number): boolean {
  try {
    return isMarkedInheritable(readFileSync(`/proc/self/fdinfo/${fd}`, 'ascii'));
  } catch {
    return false;
  }
}

/** @param info a file of `/proc/PID/fdinfo`, whose flags are octal */
export function isMarkedInheritable(info: string): boolean {
  const [, flags] = /^flags:\s*([0-7]+)$/m.exec(info) ?? [];
  return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
}
