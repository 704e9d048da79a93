/**
 * Waits for `promise`, no longer than `deadlineMs`. The promise's outcome after that is ignored, including a rejection. If
 * `late` ends what takes too long, it can return the promise again, to wait for that end.
 *
 * @returns the promise's value, or what `late` returns or resolves with at the deadline
 * @throws the promise's rejection, or what `late` throws at the deadline
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
