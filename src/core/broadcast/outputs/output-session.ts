import { nearest } from '../../../config/nearest.js';
import { findRenditionMistakes } from '../../../config/output-video.js';
import { type BroadcastConfig, LIVE_SERVER_OUTPUT, type OutputConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { OUTPUT_SECRETS, type OutputChange } from '../../../protocol/outputs.js';
import { fingerprint } from '../kept/kept-entries.js';
import { applyChanges, changesOf, type WantedOutput } from './output-changes.js';
import type { OutputSlot } from './output-slot.js';
import type { OutputSlots } from './output-slots.js';
import type { Renditions } from './renditions.js';
import { withSecrets } from './secrets.js';

/** What lasts as long as one broadcast. */
export interface OutputSession {
  readonly show: string;
  configured: readonly OutputConfig[];
  readonly slots: OutputSlots;
  readonly restored: readonly OutputChange[];
  readonly create: (config: OutputConfig) => OutputSlot;
  readonly renditions: Renditions;
  /** What the outputs' own encodes have to fit. */
  readonly programme: Pick<BroadcastConfig, 'input' | 'video' | 'canvases'>;
  wanted: readonly WantedOutput[];
  /** Where the embedded live server takes the stream; undefined until it has said so. */
  embedded: OutputConfig | undefined;
}

export function findOutput({ slots }: OutputSession, id: string): OutputSlot {
  const slot = slots.find(id);
  if (slot !== undefined) return slot;
  const ids = slots.all.map((other) => other.id);
  const meant = nearest(id, ids);
  const guess = meant === undefined ? '' : `; did you mean "${meant}"?`;
  throw new BulkheadError(ErrorCodes.outputNotFound, `there is no output "${id}"${guess}`, {
    where: `outputs.${id}`,
    remedy: ids.length === 0 ? 'The broadcast has none.' : `Available outputs: ${ids.join(', ')}.`,
  });
}

export function refuseReserved(id: string): void {
  if (id !== LIVE_SERVER_OUTPUT) return;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `the output "${id}" is the embedded live server's: it can be stopped and started only`,
    {
      where: `outputs.${id}`,
      remedy: 'Its settings are "liveServer" in the configuration; another output needs another id.',
    },
  );
}

export function wantedOf({ wanted }: OutputSession, id: string): WantedOutput {
  const found = wanted.find(({ config }) => config.id === id);
  if (found === undefined) throw new Error(`the output ${id} has no settings`);
  return found;
}

export function isStopped({ wanted }: OutputSession, id: string): boolean {
  return wanted.some((output) => output.config.id === id && output.isStopped);
}

/** Has the encodes of their own made that these outputs ask for. */
export function wantRenditions({ renditions, wanted }: OutputSession): void {
  renditions.want(wanted.filter((output) => !output.isStopped).map(({ config }) => config));
}

/** @throws BulkheadError `config.invalid` if these outputs together ask for encodes that cannot be made */
export function refuseRenditions(
  { programme }: Pick<OutputSession, 'programme'>,
  wanted: readonly WantedOutput[],
): void {
  const outputs = wanted.filter(({ isStopped: stopped }) => !stopped).map(({ config }) => config);
  const [mistake] = findRenditionMistakes({ ...programme, outputs });
  if (mistake === undefined) return;
  const { id, canvas } = outputs[mistake.index] ?? {};
  const isThere = canvas === undefined || programme.canvases.some((other) => other.id === canvas);
  throw new BulkheadError(ErrorCodes.configInvalid, mistake.message, {
    where: `outputs.${id}.${mistake.setting}`,
    ...(isThere
      ? {}
      : { remedy: 'One that the configuration has by now is made when the broadcast is started again.' }),
  });
}

export function update(session: OutputSession, output: WantedOutput): void {
  session.wanted = session.wanted.map((other) => (other.config.id === output.config.id ? output : other));
}

/** An output that becomes another one, or is new. */
interface NextOutput {
  readonly output: WantedOutput;
  /** With the secrets in it; undefined while it is stopped, and of the embedded live server until it has said where it listens. */
  readonly resolved: OutputConfig | undefined;
}

/**
 * What would have to be published to anew.
 *
 * @throws BulkheadError `config.secretNotFound`, `config.invalid`
 */
export async function nextOutputs(
  session: OutputSession,
  wanted: readonly WantedOutput[],
): Promise<NextOutput[]> {
  refuseRenditions(session, wanted);
  const differing = wanted.filter((output) => {
    const before = session.wanted.find(({ config }) => config.id === output.config.id);
    return before === undefined || identityOf(before) !== identityOf(output);
  });
  return Promise.all(
    differing.map(async (output) => {
      const { config, secrets, isStopped: stopped } = output;
      if (stopped) return { output, resolved: undefined };
      if (config.id === LIVE_SERVER_OUTPUT) return { output, resolved: session.embedded };
      const resolved = await withSecrets(config, secrets);
      session.create(resolved).dispose();
      return { output, resolved };
    }),
  );
}

/**
 * Publishes to these outputs from now on. Those that stay as they are notice nothing.
 *
 * @param check throws when the broadcast has ended meanwhile
 * @returns whether any output has changed
 * @throws BulkheadError like {@link nextOutputs}: then nothing has changed
 */
export async function publishTo(
  session: OutputSession,
  wanted: readonly WantedOutput[],
  check: () => void,
): Promise<boolean> {
  const { slots } = session;
  const next = await nextOutputs(session, wanted);
  check();
  const gone = session.wanted.filter(
    (before) => !wanted.some(({ config }) => config.id === before.config.id),
  );
  const left = [...gone.map((output) => ({ output, state: 'stopped' as const })), ...next.map(leaving)];
  await Promise.all(left.map(({ output, state }) => slots.find(output.config.id)?.leave({ state })));
  check();
  for (const { config } of gone) {
    const slot = slots.find(config.id);
    if (slot !== undefined) slots.remove(slot);
  }
  session.wanted = wanted;
  for (const { output, resolved } of next) {
    const existing = slots.find(output.config.id);
    const slot = existing ?? session.create(output.config);
    if (existing === undefined) slots.add(slot);
    if (resolved !== undefined) slot.publish(resolved);
    else if (output.isStopped) slot.show(output.config);
    else await slot.leave({ state: 'connecting' });
  }
  return gone.length + next.length > 0;
}

/**
 * What is wanted when the configuration says something else. What was changed on air stays where it says the same as before, or now says what is
 * on air. The embedded live server stays as it was when the broadcast was started.
 */
export async function reconfiguredOutputs(
  session: OutputSession,
  outputs: readonly OutputConfig[],
): Promise<{ readonly configured: readonly OutputConfig[]; readonly wanted: readonly WantedOutput[] }> {
  const embedded = session.configured.filter(({ id }) => id === LIVE_SERVER_OUTPUT);
  const configured = [...outputs, ...embedded];
  const changed = applyChanges(configured, changesOf(session.configured, session.wanted));
  const wanted = changed.map(async (output) => {
    const now = session.wanted.find(({ config }) => config.id === output.config.id);
    return now !== undefined && (await isAsOnAir(output.config, now)) ? now : output;
  });
  return { configured, wanted: await Promise.all(wanted) };
}

/** The secrets may be read somewhere else, also where only the command that has saved them can read them. */
async function isAsOnAir(file: OutputConfig, { config, secrets }: WantedOutput): Promise<boolean> {
  if (secrets === undefined) return fingerprint(file) === fingerprint(config);
  if (fingerprint(withoutSecrets(file)) !== fingerprint(withoutSecrets(config))) return false;
  try {
    const [said, given] = await Promise.all([withSecrets(file), withSecrets(config, secrets)]);
    return OUTPUT_SECRETS.every((name) => said[name] === given[name]);
  } catch {
    return true;
  }
}

function withoutSecrets(config: OutputConfig): object {
  const secret: readonly string[] = OUTPUT_SECRETS;
  return Object.fromEntries(Object.entries(config).filter(([name]) => !secret.includes(name)));
}

function leaving({ output }: NextOutput): { output: WantedOutput; state: 'stopped' | 'connecting' } {
  return { output, state: output.isStopped ? 'stopped' : 'connecting' };
}

function identityOf({ config, secrets = {}, isStopped: stopped }: WantedOutput): string {
  return fingerprint({ config, secrets, stopped });
}
