import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { BulkheadError, ErrorCodes, type ErrorData } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import { FakeCore, IDLE } from './fake-core.js';

/** What a test wants of the fake core that `bulkhead live` starts; given in the environment as FAKE_CORE. */
export interface FakeCoreScript {
  /** Gets one line of JSON for each start and each broadcast. */
  readonly journal: string;
  readonly exitAtOnce?: number;
  readonly words?: string;
  readonly refuse?: ErrorData;
  /** Ends the broadcast by itself once it is live. */
  readonly endWith?: ErrorData | 'nothing';
  readonly pageUrl?: string;
  readonly stopMs?: number;
  readonly ignoreShutdown?: boolean;
}

export type JournalEntry =
  | { readonly event: 'started'; readonly pid: number; readonly argv: readonly string[] }
  | { readonly event: 'config'; readonly pid: number; readonly config: unknown }
  | { readonly event: 'shutdown'; readonly pid: number };

const script = JSON.parse(process.env['FAKE_CORE'] ?? '{}') as FakeCoreScript;
const note = (entry: JournalEntry) => appendFileSync(script.journal, `${JSON.stringify(entry)}\n`);
const argv = process.argv.slice(2);
note({ event: 'started', pid: process.pid, argv });
if (script.words !== undefined) console.error(script.words);
if (script.exitAtOnce !== undefined) process.exit(script.exitAtOnce);

const core = new FakeCore();
core.stopMs = script.stopMs ?? 0;
if (script.refuse !== undefined) core.refusal = BulkheadError.fromData(script.refuse);
core.onShutdown = () => {
  note({ event: 'shutdown', pid: process.pid });
  if (!script.ignoreShutdown) process.exit(ExitCodes.ok);
};
const { values } = parseArgs({ args: argv, strict: false });
core.status = {
  ...IDLE,
  mode: values['mode'] === 'hybrid' ? 'hybrid' : 'spawn',
  core: { ...IDLE.core, pid: process.pid },
};

const { change } = core;
core.change = (state, more = {}) => {
  const page =
    script.pageUrl === undefined
      ? {}
      : { liveServer: { pid: 1, pageUrl: script.pageUrl, playUrl: script.pageUrl } };
  change.call(core, state, { ...page, ...more });
  if (state === 'starting') note({ event: 'config', pid: process.pid, config: core.config });
  if (state === 'live' && script.endWith !== undefined) {
    const error =
      script.endWith === 'nothing' ? {} : { error: { ...script.endWith, code: script.endWith.code } };
    setImmediate(() => core.change('idle', error));
  }
};
if (values['mode'] === 'attach') {
  await core.listen(String(values['address'] ?? ErrorCodes.internal));
} else {
  core.serve(new Socket({ fd: 3 })).onDidClose(() => process.exit(ExitCodes.parentGone));
}
