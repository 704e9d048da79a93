import { RUN_MARK } from '../process-host/run-mark.js';

/**
 * Environment variables passed to ffmpeg: finding programs and devices, displays, sound, GPUs, fonts, proxies and
 * certificates. An allowlist, since inside the core any other variable may contain a stream key.
 */
const PASSES = new RegExp(
  `^(${[
    RUN_MARK,
    'PATH|HOME|USER|LOGNAME|LANG|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP',
    'SYSTEMROOT|SYSTEMDRIVE|WINDIR|PATHEXT|COMSPEC|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMFILES|PROGRAMDATA',
    'DISPLAY|XAUTHORITY|WAYLAND_DISPLAY|DBUS_SESSION_BUS_ADDRESS|XDG_[A-Z_]+',
    'PULSE_[A-Z_]+|PIPEWIRE_[A-Z_]+|ALSA_[A-Z_]+|AUDIODEV',
    'FONTCONFIG_[A-Z]+|SSL_CERT_FILE|SSL_CERT_DIR|HTTP_PROXY|NO_PROXY',
    'LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|LIBVA_[A-Z_]+|VDPAU_DRIVER|CUDA_VISIBLE_DEVICES',
  ].join('|')})$`,
  'i',
);

export function mediaEnvironment(source: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(source).filter(([name]) => PASSES.test(name))),
    AV_LOG_FORCE_NOCOLOR: '1',
  };
}
