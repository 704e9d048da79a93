// Tests run against real servers, a real ffmpeg and a real browser. Where this machine lets us (root and apt) what is
// missing is installed; elsewhere one line says what to install.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const onPath = (command) =>
  (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(`${dir}/${command}`)) ||
  existsSync(`/usr/sbin/${command}`);

/** Debian's package → whether what it brings is here. */
const needed = {
  ffmpeg: () => onPath('ffmpeg') && onPath('ffprobe'),
  nginx: () => onPath('nginx'),
  'libnginx-mod-rtmp': () => existsSync('/usr/lib/nginx/modules/ngx_rtmp_module.so'),
  chromium: () => onPath('chromium'),
  xvfb: () => onPath('Xvfb'),
  pulseaudio: () => onPath('pulseaudio'),
  bubblewrap: () => onPath('bwrap'),
  ngircd: () => onPath('ngircd'),
  'dbus-bin': () => onPath('dbus-run-session'),
  'gnome-keyring': () => onPath('gnome-keyring-daemon'),
};
const missing = () => Object.keys(needed).filter((name) => !needed[name]());

let packages = missing();
if (packages.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
  console.log(`Installing what the tests need: ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-y', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  apt('update');
  apt('install', '--no-install-recommends', ...packages);
  packages = missing();
}
if (packages.length > 0) {
  console.error(
    `The tests need these packages (Debian's names): ${packages.join(' ')}. Install them and run again.`,
  );
  process.exit(1);
}
