/**
 * Waits for a promise, and no longer than this. What becomes of it afterwards concerns nobody: it may reject.
 *
 * @throws what `late` makes when the time is over
 */
export async function within<T>(promise: Promise<T>, deadlineMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), deadlineMs);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
