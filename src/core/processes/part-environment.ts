import type { PartRole } from '../../protocol/lifecycle.js';

/**
 * The environment variables passed to parts. This is an allowlist, since any other variable of the core may hold keys
 * and tokens (`env:NAME` of the configuration), and since NODE_OPTIONS would change the code that runs in a part.
 */

/** For every part: finding programs, language and time zone, temporary files. */
const BASE = /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP)$/;

/** Without these a Windows process or its sockets do not start. */
const BASE_WINDOWS = /^(SYSTEMROOT|SYSTEMDRIVE|WINDIR|PATHEXT|COMSPEC)$/;

/**
 * For the encoder, relays and their ffmpegs: the display, sound and session to capture, fonts and certificates, and which GPU,
 * driver and libraries to use.
 */
const MEDIA = new RegExp(
  `^(${[
    'FFMPEG_BIN',
    'HOME|USER|LOGNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMFILES|PROGRAMDATA',
    'DISPLAY|XAUTHORITY|WAYLAND_DISPLAY|DBUS_SESSION_BUS_ADDRESS|XDG_[A-Z_]+',
    'PULSE_[A-Z_]+|PIPEWIRE_[A-Z_]+|ALSA_[A-Z_]+|AUDIODEV',
    'FONTCONFIG_[A-Z]+|SSL_CERT_FILE|SSL_CERT_DIR',
    'LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|LIBVA_[A-Z_]+|VDPAU_DRIVER|CUDA_VISIBLE_DEVICES',
  ].join('|')})$`,
);

/** For hotkeys: the display, and the right to it. */
const DISPLAY = /^(DISPLAY|XAUTHORITY|HOME)$/;

const MORE: Readonly<Partial<Record<PartRole, RegExp>>> = { encoder: MEDIA, hotkeys: DISPLAY, relay: MEDIA };

/**
 * The subset of `source` for a part of this role. Plugins get the least: they can read all variables of the extension
 * host.
 */
export function partEnvironment(
  role: PartRole,
  source: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  return allowed(source, platform, MORE[role]);
}

/** The subset of `source` for programs of the streamer's desktop. Without the core's mark they may outlive it. */
export function desktopEnvironment(
  source: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  return allowed(source, platform, MEDIA);
}

function allowed(
  source: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  more: RegExp | undefined,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined) continue;
    // Names are case-insensitive on Windows.
    const key = platform === 'win32' ? name.toUpperCase() : name;
    const passes =
      BASE.test(key) || (platform === 'win32' && BASE_WINDOWS.test(key)) || more?.test(key) === true;
    if (passes) environment[name] = value;
  }
  return environment;
}
