import assert from 'node:assert/strict';
import { editSettings } from '../../../src/config/edit-settings.js';

describe('editSettings', () => {
  it('changes values and leaves the rest as it is written', () => {
    const text =
      '{\r\n\t// the show\r\n\t"video": { "preset": "fast", /* enough */ "bitrateKbps": 2500 },\r\n}\r\n';
    assert.equal(
      editSettings(text, [
        { path: ['video', 'bitrateKbps'], value: 4000 },
        { path: ['video', 'preset'], value: 'faster' },
      ]),
      text.replace('2500', '4000').replace('"fast"', '"faster"'),
    );
  });

  it('goes into groups, and removes', () => {
    const text =
      '{\n  "pluginSettings": {\n    "me.chat": { "size": 1, /* big */ "words": ["a"] } // mine\n  }\n}\n';
    const at = (key: string) => ['pluginSettings', 'me.chat', key];
    assert.equal(
      editSettings(text, [
        { path: at('size'), value: 40 },
        { path: at('words'), value: ['b', 'c'] },
      ]),
      text.replace('1,', '40,').replace('["a"]', '["b", "c"]'),
    );
    assert.equal(
      editSettings(text, [{ path: ['pluginSettings', 'you.chat', 'x'], value: true }]),
      text.replace('} // mine', '}, // mine\n    "you.chat": { "x": true }'),
    );
    assert.equal(editSettings(text, [{ path: at('size'), value: null }]).includes('"size"'), false);
    assert.equal(editSettings(text, [{ path: at('none'), value: null }]), text);
    assert.equal(
      editSettings('{}', [{ path: at('size'), value: 1 }]).replace(/\s+/g, ' '),
      '{ "pluginSettings": { "me.chat": { "size": 1 } } }',
    );
  });

  it('adds what is not there', () => {
    const edited = editSettings('{\n  "profile": "gaming" // new\n}\n', [
      { path: ['audio', 'bitrateKbps'], value: 96 },
      { path: ['ffmpeg'], value: '/bin/ffmpeg' },
    ]);
    assert.equal(
      edited,
      '{\n  "profile": "gaming", // new\n  "audio": { "bitrateKbps": 96 },\n  "ffmpeg": "/bin/ffmpeg"\n}\n',
    );
    assert.equal(
      editSettings('{ "video": {} }', [{ path: ['video', 'preset'], value: 'fast' }]).replace(/\s+/g, ' '),
      '{ "video": { "preset": "fast" } }',
    );
  });
});
