import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';

interface DeadlineOptions<T> {
  readonly deadlineMs: number;
  /** Its token is cancelled when the time is over. */
  readonly work: (token: CancellationToken) => Promise<T>;
  /** What the caller gets then. */
  readonly late: () => Error;
}

/** Waits for `work` until the deadline. What becomes of it after that concerns nobody. */
export async function withDeadline<T>({ deadlineMs, work, late }: DeadlineOptions<T>): Promise<T> {
  const cancellation = new CancellationTokenSource();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      cancellation.cancel();
      reject(late());
    }, deadlineMs);
  });
  try {
    return await Promise.race([work(cancellation.token), overdue]);
  } finally {
    clearTimeout(timer);
  }
}
