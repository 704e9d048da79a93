import type { Event } from '../../../base/event.js';

export interface ChangeToWaitFor {
  readonly onDidChange: Event<void>;
  readonly deadlineMs: number;
  /** Called immediately and after each change; an error thrown by it ends the wait. */
  readonly isDone: () => boolean;
  /** The error at the deadline. */
  readonly late: () => Error;
}

/** Resolves as soon as `isDone` returns true. */
export function waitForChange({ onDidChange, deadlineMs, isDone, late }: ChangeToWaitFor): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      subscription.dispose();
      clearTimeout(timer);
      settle();
    };
    const check = () => {
      try {
        if (isDone()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const subscription = onDidChange(check);
    const timer = setTimeout(() => end(() => reject(late())), deadlineMs);
    check();
  });
}
