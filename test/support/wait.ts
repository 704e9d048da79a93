/** How many times as long everything may take as on a computer with nothing else to do: only a failure waits that long. */
export const PATIENCE = 3;

/** Polls until `probe` returns a value; rejects with `what` after `deadlineMs`, {@link PATIENCE} times over. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + PATIENCE * deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE * deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
