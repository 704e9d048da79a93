import type { BroadcastConfig } from '../../config/schema.js';
import { type Finding, ok, warning } from './finding.js';

/** Says whether keys can be heard of whatever window has the keyboard; a warning where the configuration wants it in vain. */
export function checkHotkeys(
  { globalHotkeys }: Pick<BroadcastConfig, 'globalHotkeys'>,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Finding {
  const obstacle = obstacleOf(env, platform);
  const remedy = 'Keys are pressed by "bulkhead keys press", which the system\'s own shortcuts can run.';
  if (obstacle !== undefined) {
    const message = `no global hotkeys: ${obstacle}`;
    return globalHotkeys ? warning('hotkeys', message, remedy) : ok('hotkeys', message);
  }
  return ok(
    'hotkeys',
    `by X11 on ${env['DISPLAY']}; ${globalHotkeys ? 'on' : 'off: "globalHotkeys" is not set'}`,
  );
}

/** Why there are none; undefined if there are. */
function obstacleOf(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (platform === 'darwin') return 'there are none on macOS';
  if (platform === 'win32') return 'there are none on Windows';
  const isWayland = env['XDG_SESSION_TYPE'] === 'wayland' || (env['WAYLAND_DISPLAY'] ?? '') !== '';
  if (isWayland) return 'with Wayland, programs hear of keys only in their own windows';
  return (env['DISPLAY'] ?? '') === '' ? 'there is no X display: DISPLAY is not set' : undefined;
}
