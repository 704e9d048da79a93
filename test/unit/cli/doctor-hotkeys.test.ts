import assert from 'node:assert/strict';
import { checkHotkeys } from '../../../src/cli/doctor/hotkey-checks.js';

describe('doctor on global hotkeys', () => {
  const check = (globalHotkeys: boolean, env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux') => {
    const { verdict, message } = checkHotkeys({ globalHotkeys }, env, platform);
    return `${verdict}: ${message}`;
  };

  it('says where there are some, and whether they are on', () => {
    assert.equal(check(true, { DISPLAY: ':0' }), 'ok: by X11 on :0; on');
    assert.equal(check(false, { DISPLAY: ':0' }), 'ok: by X11 on :0; off: "globalHotkeys" is not set');
  });

  it('says plainly where there are none, as a warning where they are wanted', () => {
    assert.equal(check(false, {}), 'ok: no global hotkeys: there is no X display: DISPLAY is not set');
    assert.match(check(true, { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' }), /^warning: .*with Wayland/);
    assert.match(check(true, {}, 'darwin'), /^warning: .*none on macOS$/);
    assert.match(check(false, {}, 'win32'), /^ok: .*none on Windows$/);
  });
});
