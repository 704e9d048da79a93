import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { ConfigError } from '../../config/config-error.js';
import { type ConfigFlags, type LoadedConfig, loadConfig } from '../../config/load-config.js';
import { findKeyError, findKeyWarning } from '../../config/platform-checks.js';
import type { OutputConfig } from '../../config/schema.js';
import { countingPlugins } from '../../plugins/combine-plugins.js';
import { discoverPlugins } from '../../plugins/discover-plugins.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { findSettingMistakes, type GivenSettings } from '../../plugins/settings.js';
import { formatError } from '../report-failure.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { checkRelay } from './relay-checks.js';

const CONNECT_DEADLINE_MS = 3000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'rtmp:': 1935,
  'rtmps:': 443,
  'http:': 80,
  'https:': 443,
};
/** Addresses of servers that take a TCP connection. */
const CONNECTED = /^(?:rtmps?|https?):/i;

/** Reads the configuration; if it is invalid, the other checks use the defaults. */
export function checkConfig(
  file: string | undefined,
  flags: ConfigFlags,
  folder: string,
): { readonly loaded: LoadedConfig; readonly findings: Finding[] } {
  try {
    const loaded = loadConfig(file, flags, folder);
    const subject = 'config';
    const warnings = loaded.warnings.map(({ where, message }) => warning(subject, `${where}: ${message}`));
    return {
      loaded,
      findings: [...(file === undefined ? [] : [ok(subject, `${file} is valid`)]), ...warnings],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.mistakes.map(({ where, message }) => problem('config', `${where}: ${message}`));
    return { loaded: loadConfig(undefined, {}, folder), findings };
  }
}

/**
 * Checks that the output's secrets are available, and that its server answers. Nothing is published.
 */
export async function checkOutput(
  output: OutputConfig,
  env: NodeJS.ProcessEnv,
  ffmpeg: string | undefined,
): Promise<Finding[]> {
  const subject = `output ${output.id}`;
  const findings = [
    checkSecret(subject, 'key', output.key, env),
    checkSecret(subject, 'backupKey', output.backupKey, env),
    checkSecret(subject, 'password', output.password, env),
    checkSecret(subject, 'passphrase', output.passphrase, env),
    checkKeyForm(subject, output, env),
  ].filter((finding) => finding !== undefined);
  if (output.type !== 'rtmp') findings.push(...(await checkRelay(output, ffmpeg)));
  if (output.url === undefined || !CONNECTED.test(output.url)) return findings;
  const { hostname, port, protocol } = new URL(output.url.replaceAll('{key}', 'key'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const target = { host, port: port === '' ? (DEFAULT_PORTS[protocol] ?? 1935) : Number(port) };
  const failure = await tryConnect(target);
  const server = `${target.host}:${target.port}`;
  findings.push(
    failure === undefined
      ? ok(subject, `${server} answers`)
      : {
          ...problem(
            subject,
            `${server} does not respond: ${failure}`,
            'Check the address, the network and the firewall.',
          ),
          output: output.id,
        },
  );
  return findings;
}

/**
 * Checks that the plugins can be loaded, and that their settings match their declarations. None of
 * their code is run.
 */
export function checkPlugins(
  folders: readonly string[],
  given: GivenSettings,
  installed: readonly InstalledPlugin[] = [],
): Finding[] {
  const { plugins, errors } = discoverPlugins(folders, installed);
  return [
    ...plugins.map(({ id, version, path }) => ok('plugin', `${id} ${version} in ${path}`)),
    ...plugins.flatMap(({ id, warnings }) =>
      warnings.map((message) => warning('plugin', `${id}: ${message}`)),
    ),
    ...errors.map(({ code, message, where, remedy }) =>
      problem('plugin', formatError({ code, message, where }), remedy),
    ),
    ...findSettingMistakes(countingPlugins([...plugins, ...installed]), given).map(({ message }) =>
      problem('config', message),
    ),
  ];
}

function checkSecret(
  subject: string,
  name: string,
  reference: string | undefined,
  env: NodeJS.ProcessEnv,
): Finding | undefined {
  const [, kind, target = ''] = /^(env|file):(.*)$/s.exec(reference ?? '') ?? [];
  if (kind === 'env' && (env[target] ?? '') === '') {
    return problem(
      subject,
      `its ${name} is missing: the environment has no ${target}`,
      `Set ${target} for the core.`,
    );
  }
  if (kind === 'file') {
    try {
      if (readFileSync(target, 'utf8').trim() === '') throw new Error('the file is empty');
    } catch (error) {
      const remedy = `Write the ${name} into ${target}.`;
      return problem(subject, `its ${name} is missing: ${(error as Error).message}`, remedy);
    }
  }
  return undefined;
}

/** Of a key that can be read, and does not stand in the configuration, where it has been checked already. */
function checkKeyForm(
  subject: string,
  { platform, url, key: reference = '' }: OutputConfig,
  env: NodeJS.ProcessEnv,
): Finding | undefined {
  const key = referredTo(reference, env);
  if (key === undefined || key === '') return undefined;
  const error = findKeyError({ platform, url, key });
  if (error !== undefined) return problem(subject, `its key cannot be right: ${error}`);
  const unusual = findKeyWarning({ platform, key });
  return unusual === undefined ? undefined : warning(subject, unusual);
}

/** What `env:NAME` or `file:PATH` leads to; undefined if it leads nowhere. */
function referredTo(reference: string, env: NodeJS.ProcessEnv): string | undefined {
  const [, kind, target = ''] = /^(env|file):(.*)$/s.exec(reference) ?? [];
  if (kind === 'env') return env[target];
  try {
    return kind === 'file' ? readFileSync(target, 'utf8').split('\n', 1)[0] : undefined;
  } catch {
    return undefined;
  }
}

function tryConnect(target: { readonly host: string; readonly port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const settle = (failure: string | undefined) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(CONNECT_DEADLINE_MS, () => settle(`nothing came in ${CONNECT_DEADLINE_MS / 1000} s`));
    socket.once('connect', () => settle(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}
