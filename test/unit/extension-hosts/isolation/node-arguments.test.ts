import assert from 'node:assert/strict';
import { nodeArguments } from '../../../../src/core/extension-hosts/isolation/node-arguments.js';

const rights = {
  files: ['/b/host.cjs'],
  folders: ['/plugins/one'],
  writable: ['/data/one'],
  network: false,
  heapMb: 100,
};

describe('the flags of a plugin host', () => {
  it('allow a few folders and nothing else', () => {
    const granted = nodeArguments(rights).filter((flag) => flag.startsWith('--allow'));
    assert.deepEqual(granted, [
      '--allow-fs-read=/b/host.cjs',
      '--allow-fs-read=/plugins/one/*',
      '--allow-fs-read=/data/one/*',
      '--allow-fs-write=/data/one/*',
    ]);
  });

  it('contain each folder once: Node 20 crashes if one is given three times', () => {
    const folders = ['/api', '/plugins/one', '/api', '/plugins/two', '/api'];
    const granted = nodeArguments({ ...rights, folders }).filter((flag) => flag === '--allow-fs-read=/api/*');
    assert.equal(granted.length, 1);
  });

  it('record a profile if requested', () => {
    const prof = (profileLog?: string) =>
      nodeArguments({ ...rights, profileLog }).filter((flag) => /prof|logfile=/.test(flag));
    assert.deepEqual(prof(), []);
    assert.deepEqual(prof('/notes/v8.log').slice(0, 1), ['--prof']);
    assert.ok(prof('/notes/v8.log').includes('--logfile=/notes/v8.log'));
  });

  it('let the inspector of an inspected one be opened, without the permission model only where that forbids it', () => {
    const of = (...known: string[]) =>
      nodeArguments({ ...rights, inspected: true }, new Set(['--permission', ...known]));
    assert.deepEqual(
      of().filter((flag) => /permission|allow/.test(flag)),
      [],
    );
    assert.ok(of('--disable-sigusr1').includes('--disable-sigusr1'));
    const confined = of('--allow-inspector');
    assert.ok(
      ['--permission', '--allow-inspector', '--allow-fs-read=/b/host.cjs'].every((flag) =>
        confined.includes(flag),
      ),
    );
    const installed = nodeArguments(rights, new Set(['--permission', '--allow-inspector']));
    assert.ok(!installed.includes('--allow-inspector'));
  });

  it('are supported by every version of Node', () => {
    const of = (...known: string[]) => nodeArguments({ ...rights, network: true }, new Set(known));
    assert.equal(of()[0], '--experimental-permission');
    assert.equal(of('--permission')[0], '--permission');
    assert.ok(!of('--permission').includes('--allow-net'));
    assert.ok(of('--allow-net').includes('--allow-net'));
    assert.ok(!nodeArguments(rights, new Set(['--allow-net'])).includes('--allow-net'));
    assert.ok(of('--disable-sigusr1').includes('--disable-sigusr1'));
  });
});
