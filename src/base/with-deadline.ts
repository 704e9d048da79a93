/**
 * Waits for `promise`, no longer than `deadlineMs`. What becomes of it after that is ignored: it may reject. Where `late` ends what
 * takes too long, it can return the promise again, to wait for that end.
 *
 * @returns what it resolves with; or what `late` returns or resolves with, once the time is over
 * @throws what it rejects with; or what `late` throws, once the time is over
 */
export async function withDeadline<T, Late>(
  promise: Promise<T>,
  deadlineMs: number,
  late: () => Late | PromiseLike<Late>,
): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  }).then(late);
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
