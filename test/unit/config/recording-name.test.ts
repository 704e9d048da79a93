import assert from 'node:assert/strict';
import { basename, join, win32 } from 'node:path';
import fc from 'fast-check';
import { findNameProblem, recordingName } from '../../../src/config/recording-name.js';

const VALUES = { at: new Date(2026, 10, 30, 20, 5, 9), n: 3, scene: 'game', profile: 'default' };

describe('the name of a recording', () => {
  it('has the values in the place of the fields', () => {
    assert.equal(
      recordingName('{date} {time} {scene} {profile} {n}', VALUES),
      '2026-11-30 20-05-09 game default 3',
    );
  });

  it('leaves out what is not known', () => {
    assert.equal(recordingName('{date} {scene}', { ...VALUES, scene: undefined }), '2026-11-30');
  });

  for (const [template, problem] of [
    ['../{date}', /without "\/"/],
    ['..\\up', /without "\/"/],
    ['{day}', /expected one of \{date\}, \{time\}, \{scene\}, \{profile\}, \{n\}, got \{day\}/],
    ['{date', /around a field only/],
    ['a:b', /without ":"/],
    ['what?', /without "\?"/],
    ['..', /expected a name/],
    ['\u0007', /every system takes/],
  ] as const) {
    it(`is refused: ${JSON.stringify(template)}`, () => {
      assert.match(findNameProblem(template) ?? '', problem);
    });
  }

  it('takes names in any language', () => {
    assert.equal(findNameProblem('直播 {date} – été'), undefined);
    assert.equal(recordingName('直播 {n}', VALUES), '直播 3');
  });

  it('avoids the devices of Windows', () => {
    assert.equal(recordingName('{scene}', { ...VALUES, scene: 'CON' }), '_CON');
    assert.equal(recordingName('{scene}', { ...VALUES, scene: 'com1.old' }), '_com1.old');
    assert.equal(recordingName('{scene}', { ...VALUES, scene: 'console' }), 'console');
  });

  it('is a name that stays in its folder and that Windows takes, whatever the values are', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.string({ maxLength: 50 }),
        (scene, profile) => {
          const name = recordingName('{scene}{profile}', { ...VALUES, scene, profile });
          assert.equal(basename(join('/folder', name)), name);
          assert.equal(win32.basename(win32.join('C:\\folder', name)), name);
          assert.ok(name !== '' && Buffer.byteLength(name) <= 201, name);
          assert.doesNotMatch(name, /[<>:"/\\|?*\p{Cc}]|[. ]$|^[. ]/u);
          assert.doesNotMatch(name, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        },
      ),
    );
  });
});
