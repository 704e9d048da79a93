import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { parseCoreOptions } from '../../../src/core/core-options.js';
import type { EncoderSettings } from '../../../src/protocol/encoder-settings.js';
import { BulkheadError, type ErrorData } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';
import type { BroadcastState, Status } from '../../../src/protocol/status/status.js';
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
  /** To which the encoder was set on air. */
  readonly settings?: EncoderSettings;
  readonly stopMs?: number;
}

export type JournalEntry =
  | { readonly event: 'started'; readonly pid: number; readonly argv: readonly string[] }
  | { readonly event: 'config' | 'edited'; readonly pid: number; readonly config: unknown }
  | { readonly event: 'shutdown'; readonly pid: number };

const script = JSON.parse(process.env['FAKE_CORE'] ?? '{}') as FakeCoreScript;
const note = (entry: JournalEntry) => appendFileSync(script.journal, `${JSON.stringify(entry)}\n`);
const argv = process.argv.slice(2);
note({ event: 'started', pid: process.pid, argv });
if (script.words !== undefined) console.error(script.words);
if (script.exitAtOnce !== undefined) process.exit(script.exitAtOnce);

class ScriptedCore extends FakeCore {
  override change(state: BroadcastState, more: Partial<Status> = {}): void {
    const { pageUrl, settings, endWith } = script;
    const page = pageUrl === undefined ? {} : { liveServer: { pid: 1, pageUrl, playUrl: pageUrl } };
    super.change(state, { ...page, encoder: { ...this.status.encoder, settings }, ...more });
    if (state === 'starting') note({ event: 'config', pid: process.pid, config: this.config });
    if (state === 'live' && endWith !== undefined) {
      setImmediate(() => this.change('idle', endWith === 'nothing' ? {} : { error: endWith }));
    }
  }
}

const { mode, address } = parseCoreOptions(argv, '0.0.0');
const core = new ScriptedCore();
core.status = { ...IDLE, mode, core: { ...IDLE.core, pid: process.pid } };
core.stopMs = script.stopMs ?? 0;
core.reconfigure = (config) => {
  note({ event: 'edited', pid: process.pid, config });
  return { applied: [], needsRestart: [] };
};
if (script.refuse !== undefined) core.refusal = BulkheadError.fromData(script.refuse);
core.onShutdown = () => {
  note({ event: 'shutdown', pid: process.pid });
  process.exit(ExitCodes.ok);
};
if (mode === 'attach') {
  await core.listen(address);
} else {
  core.serve(new Socket({ fd: 3 })).onDidClose(() => process.exit(ExitCodes.parentGone));
}
