import assert from 'node:assert/strict';
import { neededSettings, parseEntry, withSettings } from '../../../src/config/parse-entry.js';

const layer = (id: string, change: object = {}) => ({ id, source: 'a', ...change });

describe('one entry of the configuration', () => {
  it('has every default, and says all that is wrong, where it is', () => {
    const scene = parseEntry('scenes', { id: 'main', layers: [layer('l')] }, 'scenes.main');
    assert.deepEqual([scene.layers[0]?.opacity, scene.layers[0]?.crop.left], [1, 0]);
    const wrong = { id: 'main', layers: [layer('l', { fit: 'fill', opacty: 1 })], color: 'red' };
    assert.throws(() => parseEntry('scenes', wrong, 'scenes.main'), {
      code: 'config.invalid',
      message: [
        'scenes.main: layers[0].fit: expected one of "contain", "cover", "stretch", "none", got "fill"',
        'scenes.main: layers[0]: unknown key "opacty"; did you mean "opacity"?',
        'scenes.main: unknown key "color"; expected one of id, layers',
      ].join('\n'),
    });
    for (const value of [null, 7, 'x', [], {}, { id: 'a b', layers: [] }])
      assert.throws(() => parseEntry('scenes', value, 'scenes'), { code: 'config.invalid' });
  });

  it('of a source is one of its type, whose address is not repeated in mistakes', () => {
    const source = parseEntry('sources', { id: 'a', type: 'file', path: 'x' }, 'sources.a');
    assert.deepEqual(source, { id: 'a', type: 'file', path: 'x', loop: true, warm: false });
    const wrong = { id: 'a', type: 'url', url: 'ftp://me:secret@a.example' };
    assert.throws(
      () => parseEntry('sources', wrong, 'sources.a'),
      (error: Error) => !error.message.includes('secret') && /url: expected an rtmp/.test(error.message),
    );
  });

  it('is written without what is so by itself, and means the same', () => {
    const written = { id: 'main', layers: [layer('l', { x: 5, crop: { top: 0.2 } }), layer('m')] };
    const whole = parseEntry('scenes', written, 'scenes');
    assert.deepEqual(neededSettings('scenes', whole), written);
    assert.deepEqual(neededSettings('scenes', { id: 'main', layers: [] }), { id: 'main' });
  });

  it('has settings changed, and without those that are null', () => {
    assert.deepEqual(withSettings({ a: 1, b: 2, c: 3 }, { b: null, c: 4, d: undefined }), { a: 1, c: 4 });
  });
});
