import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { withDeadline } from '../base/with-deadline.js';

interface DeadlineOptions<T> {
  readonly deadlineMs: number;
  /** Its token is cancelled at the deadline. */
  readonly work: (token: CancellationToken) => Promise<T>;
  /** The error at the deadline. */
  readonly late: () => Error;
}

/** Runs `work`, and waits for it no longer than `deadlineMs`. @throws the error made by `late` at the deadline */
export async function runWithDeadline<T>({ deadlineMs, work, late }: DeadlineOptions<T>): Promise<T> {
  const cancellation = new CancellationTokenSource();
  return withDeadline(work(cancellation.token), deadlineMs, () => {
    cancellation.cancel();
    throw late();
  });
}
