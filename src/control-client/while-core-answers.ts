import { withDeadline } from '../base/with-deadline.js';
import { ListAvailableCommandsRequest } from '../protocol/available-commands.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** How often the core is asked whether it still answers, ms. */
const LOOK_MS = 30_000;

/** For a call that the core itself gives up in time, unless it waits for the streamer. */
export const NO_DEADLINE = { deadlineMs: Number.POSITIVE_INFINITY };

/** Waits for a call that may take long. @throws what the call does; `rpc.timeout` when the core answers nothing else either */
export async function whileCoreAnswers<T>(
  connection: Pick<RpcConnection, 'sendRequest'>,
  call: Promise<T>,
  lookMs = LOOK_MS,
): Promise<T> {
  for (;;) {
    const done = await withDeadline(
      call.then((result) => ({ result })),
      lookMs,
      () => undefined,
    );
    if (done !== undefined) return done.result;
    await connection.sendRequest(ListAvailableCommandsRequest.type, {});
  }
}
