import { ExitCodes } from '../../protocol/exit-codes.js';
import { platformFinding } from '../check-platform.js';
import { installedPlugins } from '../check-plugin-settings.js';
import type { CliContext } from '../cli-context.js';
import { checkConfig, checkOutput, checkPlugins } from '../doctor/config-checks.js';
import { checkDevices } from '../doctor/device-checks.js';
import { checkFfmpeg } from '../doctor/ffmpeg-checks.js';
import { type Finding, findingLines } from '../doctor/finding.js';
import { checkHotkeys } from '../doctor/hotkey-checks.js';
import {
  checkBrowser,
  checkControlAddress,
  checkIsolation,
  checkIsolationTools,
  checkNode,
  checkPort,
} from '../doctor/system-checks.js';
import { judge, verdictText } from '../doctor/verdict.js';
import type { AddressOptions, ConfigOptions, JsonOptions } from '../options.js';
import { dim } from '../terminal/styled.js';

/** `bulkhead doctor`. */
export async function doctor(
  configFile: string | undefined,
  options: AddressOptions & ConfigOptions & JsonOptions,
  { stdout, env, platform, cwd }: CliContext,
): Promise<number> {
  const { input, output: outputsGiven, plugins: pluginsGiven, once } = options;
  const flags = { input, outputs: outputsGiven, plugins: pluginsGiven, once };
  const { loaded, findings: configFindings } = checkConfig(configFile, flags, cwd);
  const { liveServer, outputs, plugins, pluginSettings } = loaded.config;
  const ffmpeg = await checkFfmpeg(loaded.config, env);
  const findings: Finding[] = [
    platformFinding(platform, env),
    checkNode(),
    ...configFindings,
    ...ffmpeg.findings,
    ...(ffmpeg.path === undefined ? [] : await checkDevices(ffmpeg.path, loaded.config)),
    ...checkBrowser(loaded.config),
    await checkControlAddress(options.address),
    ...(liveServer.enabled === false
      ? []
      : await Promise.all([
          checkPort(liveServer.rtmpPort, "the embedded live server's RTMP"),
          checkPort(liveServer.httpPort, 'the viewer page'),
        ])),
    ...(await Promise.all(outputs.map((output) => checkOutput(output, env, ffmpeg.path)))).flat(),
    ...checkPlugins(plugins, pluginSettings, installedPlugins()),
    await checkIsolation(env),
    ...checkIsolationTools(env),
    checkHotkeys(loaded.config, env, platform),
  ];
  const verdict = judge(findings, loaded.config);
  const { canGoLive } = verdict;
  if (options.json) {
    stdout.json({ canGoLive, findings }, 2);
  } else {
    stdout.line(...findings.flatMap(findingLines), '');
    stdout.line(verdictText(verdict));
    if (configFile !== undefined && outputs.length > 0) {
      stdout.line(dim(`What the upload carries: bulkhead output test --config ${configFile}`));
    }
  }
  return canGoLive ? ExitCodes.ok : ExitCodes.unavailable;
}
