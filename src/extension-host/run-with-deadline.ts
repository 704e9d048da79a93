import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { withDeadline } from '../base/with-deadline.js';

interface DeadlineOptions<T> {
  readonly deadlineMs: number;
  /** Its token is cancelled when the time is over. */
  readonly work: (token: CancellationToken) => Promise<T>;
  /** What the caller gets then. */
  readonly late: () => Error;
}

/** Runs `work`, and waits for it no longer than `deadlineMs`. @throws what `late` makes, when the time is over */
export async function runWithDeadline<T>({ deadlineMs, work, late }: DeadlineOptions<T>): Promise<T> {
  const cancellation = new CancellationTokenSource();
  return withDeadline(work(cancellation.token), deadlineMs, () => {
    cancellation.cancel();
    throw late();
  });
}
