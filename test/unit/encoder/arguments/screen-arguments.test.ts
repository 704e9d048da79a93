import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { type ScreenInput, screenInput } from '../../../../src/encoder/arguments/screen-arguments.js';
import type { EncodeContext } from '../../../../src/encoder/encode-context.js';
import { explainScreen } from '../../../../src/encoder/screen-errors.js';
import { chooseTitle } from '../../../../src/encoder/window-titles.js';

const REGION = { x: 100, y: 50, width: 640, height: 360 };

function argumentsOn(
  platform: NodeJS.Platform,
  input: Omit<ScreenInput, 'type'>,
  more: Partial<EncodeContext> = {},
) {
  return screenInput({ type: 'screen', ...input }, 30, {
    platform,
    capabilities: undefined,
    display: ':3',
    ...more,
  });
}

/** The options before `-i`, and what is captured. */
function optionsOf({ input }: { readonly input: readonly string[] }): Record<string, string> {
  return Object.fromEntries(
    input.flatMap((option, index) => (option.startsWith('-') ? [[option, input[index + 1] ?? '']] : [])),
  );
}

describe('the arguments for a screen', () => {
  it('have a region, on X11 and on Windows', () => {
    const onX = optionsOf(argumentsOn('linux', { region: REGION }, { screenSize: '1280x720' }));
    assert.deepEqual(
      [onX['-grab_x'], onX['-grab_y'], onX['-video_size'], onX['-i']],
      ['100', '50', '640x360', ':3'],
    );
    const onWindows = optionsOf(argumentsOn('win32', { region: REGION }));
    assert.deepEqual(
      [onWindows['-offset_x'], onWindows['-offset_y'], onWindows['-video_size'], onWindows['-i']],
      ['100', '50', '640x360', 'desktop'],
    );
  });

  it('have a window, by its id on X11, by its whole title on Windows', () => {
    const window = { id: 0x2000001, width: 10, height: 10 };
    const onX = optionsOf(argumentsOn('linux', { window: 'game' }, { window }));
    assert.equal(onX['-window_id'], '33554433');
    const onWindows = argumentsOn('win32', { window: 'game' }, { windowTitle: 'My Game: level 1' });
    assert.equal(optionsOf(onWindows)['-i'], 'title=My Game: level 1');
    assert.throws(() => argumentsOn('darwin', { window: 'game' }), {
      code: 'input.invalid',
      where: 'input.window',
    });
  });

  it('cut a region out on macOS, and fail for one that is too large', () => {
    const track = argumentsOn('darwin', { region: REGION });
    assert.equal(optionsOf(track)['-i'], 'Capture screen 0:none');
    const run = (size: string) => [
      ...['-v', 'level+error', '-f', 'lavfi', '-i', `color=size=${size}:d=0.1`],
      ...['-vf', track.filters.join(','), '-f', 'rawvideo', '-frames:v', '1', '-'],
    ];
    assert.equal(execFileSync('ffmpeg', run('740x410')).length, (640 * 360 * 3) / 2);
    const { stderr } = spawnSync('ffmpeg', run('740x408'), { encoding: 'utf8' });
    const error = explainScreen(stderr.split('\n'), { type: 'screen', region: REGION });
    assert.equal(
      error?.message,
      'The region reaches outside the screen: it ends at 740 × 410 pixels, and the screen has 740 × 408.',
    );
  });
});

describe('what ffmpeg says of a screen', () => {
  it('is explained for a region, on X11 and on Windows', () => {
    const input = { type: 'screen', region: REGION, window: 'game' } as const;
    for (const line of [
      'Capture area 640x360 at position 100.50 outside the screen size 700x500',
      'Capture area (100,50),(740,410) extends outside window area (-10,-20),(690,480)',
    ]) {
      const error = explainScreen(['something else', line], input);
      assert.equal(error?.code, 'input.invalid');
      assert.match(error.message, /^The region reaches outside the window "game": .* has 700 × 500\.$/);
    }
  });

  it('is explained for a window', () => {
    const input = { type: 'screen', window: 'game' } as const;
    const codes = ["Can't find window 'game', aborting.", 'Cannot get the image data event_error: …'].map(
      (line) => explainScreen([line], input)?.code,
    );
    assert.deepEqual(codes, ['input.notFound', 'input.unreachable']);
    assert.equal(explainScreen(['Cannot get the image data'], { type: 'screen' }), undefined);
  });
});

describe('the title of a window on Windows', () => {
  const listed = 'Notes – Editor\r\nMy Game: level 1\r\n\r\n';

  it('is found by a part of it, in capitals or not', () => {
    assert.equal(chooseTitle(listed, 'GAME'), 'My Game: level 1');
    assert.equal(chooseTitle(listed, 'Notes – Editor'), 'Notes – Editor');
  });

  it('is what was given if the windows are not known', () => {
    assert.equal(chooseTitle('', 'game'), 'game');
  });

  it('has to be there', () => {
    assert.throws(() => chooseTitle(listed, 'chess'), {
      code: 'input.notFound',
      remedy: 'Open it, or name one of these: "Notes – Editor", "My Game: level 1".',
    });
  });
});
