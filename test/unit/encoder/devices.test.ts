import assert from 'node:assert/strict';
import {
  parseAlsaDevices,
  parseAvFoundation,
  parseDirectShow,
  parsePulseSources,
} from '../../../src/encoder/devices.js';

describe('devices, as they are listed', () => {
  it('by PulseAudio', () => {
    const text =
      '0\talsa_output.pci.analog-stereo.monitor\tmodule-alsa-card.c\ts16le 2ch 44100Hz\tSUSPENDED\n' +
      '1\talsa_input.usb-mic\tmodule-alsa-card.c\ts16le 1ch 48000Hz\tRUNNING\n';
    assert.deepEqual(parsePulseSources(text), [
      {
        id: 'alsa_output.pci.analog-stereo.monitor',
        name: 'Playback of alsa_output.pci.analog-stereo',
      },
      { id: 'alsa_input.usb-mic', name: 'alsa_input.usb-mic' },
    ]);
  });

  it('by ALSA', () => {
    const text =
      '00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n' +
      '00-03: HDMI 0 : HDMI 0 : playback 1\n' +
      '01-00: USB Audio : USB Audio : capture 1\n';
    assert.deepEqual(parseAlsaDevices(text), [
      { id: 'hw:0,0', name: 'ALC257 Analog' },
      { id: 'hw:1,0', name: 'USB Audio' },
    ]);
  });

  it('by AVFoundation', () => {
    const text = [
      '[AVFoundation indev @ 0x7f] AVFoundation video devices:',
      '[AVFoundation indev @ 0x7f] [0] FaceTime HD Camera',
      '[AVFoundation indev @ 0x7f] [1] Capture screen 0',
      '[AVFoundation indev @ 0x7f] AVFoundation audio devices:',
      '[AVFoundation indev @ 0x7f] [0] Built-in Microphone',
      ': Input/output error',
    ].join('\n');
    assert.deepEqual(parseAvFoundation(text), {
      screens: [{ id: '0', name: 'Capture screen 0' }],
      cameras: [{ id: '0', name: 'FaceTime HD Camera' }],
      microphones: [{ id: '0', name: 'Built-in Microphone' }],
    });
  });

  it('by DirectShow, since ffmpeg 5 and before', () => {
    const expected = {
      cameras: [{ id: 'Integrated Camera', name: 'Integrated Camera' }],
      microphones: [{ id: 'Microphone (USB)', name: 'Microphone (USB)' }],
    };
    const since5 = [
      '[dshow @ 0x1] "Integrated Camera" (video)',
      '[dshow @ 0x1]   Alternative name "@device_pnp_x"',
      '[dshow @ 0x1] "Microphone (USB)" (audio)',
      '[dshow @ 0x1] "OBS" (none)',
    ].join('\r\n');
    const before = [
      '[dshow @ 0x1] DirectShow video devices (some may be both video and audio devices)',
      '[dshow @ 0x1]  "Integrated Camera"',
      '[dshow @ 0x1]     Alternative name "@device_pnp_x"',
      '[dshow @ 0x1] DirectShow audio devices',
      '[dshow @ 0x1]  "Microphone (USB)"',
    ].join('\r\n');
    assert.deepEqual(parseDirectShow(since5), expected);
    assert.deepEqual(parseDirectShow(before), expected);
  });

  it('are empty if nothing is listed', () => {
    assert.deepEqual(parsePulseSources(''), []);
    assert.deepEqual(parseAlsaDevices(''), []);
    assert.deepEqual(parseDirectShow(''), { cameras: [], microphones: [] });
    assert.deepEqual(parseAvFoundation(''), { screens: [], cameras: [], microphones: [] });
  });
});
