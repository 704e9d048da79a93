import assert from 'node:assert/strict';
import { partEnvironment } from '../../../src/core/processes/part-environment.js';

const SOURCE = {
  PATH: '/usr/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/home/me',
  DISPLAY: ':0',
  XDG_RUNTIME_DIR: '/run/user/1000',
  PULSE_SERVER: 'unix:/p',
  FFMPEG_BIN: '/opt/ffmpeg',
  STREAM_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  NODE_OPTIONS: '--inspect',
  https_proxy: 'http://user:password@proxy',
  SystemRoot: 'C:\\Windows',
  Path: 'C:\\bin',
};

describe('partEnvironment', () => {
  it('passes the encoder the variables needed for capture', () => {
    assert.deepEqual(Object.keys(partEnvironment('encoder', SOURCE, 'linux')), [
      'PATH',
      'LC_ALL',
      'HOME',
      'DISPLAY',
      'XDG_RUNTIME_DIR',
      'PULSE_SERVER',
      'FFMPEG_BIN',
    ]);
  });

  it('passes plugins only what every program needs', () => {
    assert.deepEqual(Object.keys(partEnvironment('extension-host', SOURCE, 'linux')), ['PATH', 'LC_ALL']);
  });

  it('ignores case on Windows, and passes what a process needs there', () => {
    assert.deepEqual(Object.keys(partEnvironment('live-server', SOURCE, 'win32')), [
      'PATH',
      'LC_ALL',
      'SystemRoot',
      'Path',
    ]);
  });
});
