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
