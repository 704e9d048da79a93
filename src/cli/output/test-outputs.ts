import { lookup } from 'node:dns/promises';
import { backupOf } from '../../config/output-backup.js';
import { platformOf } from '../../config/platforms.js';
import type { BroadcastConfig, OutputConfig, RtmpConfig } from '../../config/schema.js';
import { ControlClient } from '../../control-client/control-client.js';
import { withSecrets } from '../../core/broadcast/outputs/secrets.js';
import { parseOutputAddress, type RtmpTarget } from '../../core/publish/rtmp/rtmp-target.js';
import { measureUpload } from '../../core/publish/upload-test/measure-upload.js';
import { publishTest, type ReachedServer, reachServer } from '../../core/publish/upload-test/reach-server.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import { displayUrl } from '../../rtmp/rtmp-url.js';
import type { CliContext } from '../cli-context.js';
import { checkOutput } from '../doctor/config-checks.js';
import { checkFfmpeg } from '../doctor/ffmpeg-checks.js';
import { loadBroadcast } from '../load-broadcast.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { judgeUpload, MARGIN } from './judge-upload.js';
import type { TestedOutput, TestedServer } from './test-result.js';
import { testLines } from './test-text.js';

export interface TestOptions extends AddressOptions, JsonOptions {
  readonly config: string;
  readonly seconds?: number;
  readonly publish?: boolean;
}

const DEFAULT_SECONDS = 10;

/** `bulkhead output test`. */
export async function testOutputs(
  ids: readonly string[],
  options: TestOptions,
  context: CliContext,
): Promise<number> {
  const config = await loadBroadcast(options.config, {}, context);
  const outputs = chosen(config, ids);
  const onAir = await isOnAir(options.address);
  const tested = await Promise.all(
    outputs.map((output) => testOutput(output, config, options, onAir, context)),
  );
  const isGood = tested.every((one) => one.isGood);
  if (options.json === true) context.stdout.json({ isGood, outputs: tested }, 2);
  else context.stdout.line(...tested.flatMap(testLines));
  return isGood ? ExitCodes.ok : ExitCodes.unavailable;
}

function chosen({ outputs }: BroadcastConfig, ids: readonly string[]): readonly OutputConfig[] {
  const known = outputs.map(({ id }) => id);
  const missing = ids.find((id) => !known.includes(id));
  if (missing === undefined && outputs.length > 0) {
    return ids.length === 0 ? outputs : outputs.filter(({ id }) => ids.includes(id));
  }
  const message =
    missing === undefined
      ? 'the configuration has no outputs'
      : `the configuration has no output "${missing}"`;
  throw new BulkheadError(ErrorCodes.configInvalid, message, {
    where: 'outputs',
    ...(known.length === 0 ? {} : { remedy: `Its outputs: ${known.join(', ')}.` }),
  });
}

/** A test would take the upload of a broadcast, and its keys. */
async function isOnAir(address: string): Promise<boolean> {
  try {
    const client = await ControlClient.connect(address);
    try {
      return (await client.status()).state !== 'idle';
    } finally {
      client.dispose();
    }
  } catch (error) {
    if (BulkheadError.from(error).code === ErrorCodes.coreNotRunning) return false;
    throw error;
  }
}

async function testOutput(
  output: OutputConfig,
  config: BroadcastConfig,
  options: TestOptions,
  onAir: boolean,
  context: CliContext,
): Promise<TestedOutput> {
  if (output.type !== 'rtmp') return testRelay(output, config, context);
  const { id } = output;
  try {
    const resolved = (await withSecrets(output)) as RtmpConfig;
    const notPublished = whyNotPublished(resolved, options, onAir);
    const servers = await Promise.all(
      targetsOf(resolved).map(({ role, target, isSent }) =>
        testServer(
          role,
          target,
          id,
          notPublished === undefined && isSent ? uploadOf(output, config, options) : undefined,
        ),
      ),
    );
    const isGood = servers.every(
      ({ error, upload }) => error === undefined && upload?.verdict !== 'too-slow',
    );
    return { id, servers, problems: [], isGood, ...(notPublished === undefined ? {} : { notPublished }) };
  } catch (error) {
    return { id, servers: [], problems: [BulkheadError.from(error).sentence], isGood: false };
  }
}

interface Upload {
  readonly neededKbps: number;
  readonly audioKbps: number;
  readonly seconds: number;
}

function uploadOf(
  { video }: OutputConfig,
  config: BroadcastConfig,
  { seconds = DEFAULT_SECONDS }: TestOptions,
): Upload {
  const audioKbps = config.audio.bitrateKbps;
  return { neededKbps: (video?.bitrateKbps ?? config.video.bitrateKbps) + audioKbps, audioKbps, seconds };
}

function whyNotPublished(
  { platform, key }: RtmpConfig,
  { publish = false }: TestOptions,
  onAir: boolean,
): string | undefined {
  if (onAir) return 'a broadcast is on air, whose upload and keys a test would take';
  if (publish || (platformOf(platform)?.hiddenTest !== undefined && key !== undefined)) return undefined;
  return 'viewers may see it: add --publish to measure the upload. Whether the key is right shows only then';
}

/** A backup on failure is not sent to while the primary is. */
function targetsOf(
  output: RtmpConfig,
): { readonly role: TestedServer['role']; readonly target: RtmpTarget; readonly isSent: boolean }[] {
  const where = `outputs.${output.id}`;
  const { hiddenTest } = platformOf(output.platform) ?? {};
  const target = (url: string, key: string | undefined) =>
    parseOutputAddress(
      { ...output, url, key: hiddenTest === undefined ? key : withQuery(key, hiddenTest) },
      where,
    );
  const primary = { role: 'primary' as const, target: target(output.url, output.key), isSent: true };
  const backup = backupOf(output);
  if (backup === undefined) return [primary];
  const second = target(backup.url, output.backupKey ?? output.key);
  return [primary, { role: 'backup', target: second, isSent: backup.mode === 'at-once' }];
}

function withQuery(key: string | undefined, query: string): string | undefined {
  return key === undefined ? undefined : `${key}${key.includes('?') ? '&' : '?'}${query}`;
}

async function testServer(
  role: TestedServer['role'],
  target: RtmpTarget,
  id: string,
  wanted: Upload | undefined,
): Promise<TestedServer> {
  const where = `outputs.${id}`;
  const server = { role, url: displayUrl(target) };
  let reached: ReachedServer | undefined;
  try {
    reached = await reachServer(target, where);
    if (wanted === undefined) return { ...server, reached };
    const { neededKbps, audioKbps, seconds } = wanted;
    const session = await publishTest(target, where);
    try {
      const upload = await measureUpload(session, { kbps: Math.round(MARGIN * neededKbps), seconds });
      return { ...server, reached, upload: { ...upload, ...judgeUpload(upload, neededKbps, audioKbps) } };
    } finally {
      session.dispose();
    }
  } catch (error) {
    return {
      ...server,
      ...(reached === undefined ? {} : { reached }),
      error: BulkheadError.from(error).toData(),
    };
  }
}

/** Of other protocols, as far as can be seen without sending. */
async function testRelay(
  output: OutputConfig,
  config: BroadcastConfig,
  { env }: CliContext,
): Promise<TestedOutput> {
  const { path } = await checkFfmpeg(config, env);
  const findings = await checkOutput(output, env, path);
  const problems = findings
    .filter(({ verdict }) => verdict === 'problem')
    .map(({ message, remedy }) => [message, remedy].filter(Boolean).join('. '));
  const nameProblem = await findNameProblem(output.url);
  return {
    ...{ id: output.id, servers: [] },
    problems: [...problems, ...(nameProblem === undefined ? [] : [nameProblem])],
    notPublished: `what a ${output.type.toUpperCase()} output's network carries cannot be measured`,
    isGood: problems.length === 0 && nameProblem === undefined,
  };
}

async function findNameProblem(url: string | undefined): Promise<string | undefined> {
  if (url === undefined || !URL.canParse(url.replaceAll('{key}', 'key'))) return undefined;
  const host = new URL(url.replaceAll('{key}', 'key')).hostname.replace(/^\[|\]$/g, '');
  try {
    await lookup(host);
    return undefined;
  } catch {
    return `the name ${host} cannot be resolved. Check the spelling of the host, and the network`;
  }
}
