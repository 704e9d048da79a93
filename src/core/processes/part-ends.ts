import type { PartRole } from '../../protocol/lifecycle.js';

/** Receives each part that ended by itself, or was ended since it did not answer. */
export type PartEndObserver = (role: PartRole, reason: Error) => void;

let current: PartEndObserver | undefined;

/** @returns undoes it */
export function observePartEnds(observer: PartEndObserver): { dispose(): void } {
  current = observer;
  return {
    dispose: () => {
      if (current === observer) current = undefined;
    },
  };
}

export function notePartEnd(role: PartRole, reason: Error): void {
  current?.(role, reason);
}
