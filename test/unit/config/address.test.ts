import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAddress, defaultAddress, prepareAddress } from '../../../src/config/address.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('the control address', () => {
  let dir: TempDir;

  beforeEach(() => {
    dir = tempDir('address');
  });

  afterEach(() => dir.dispose());

  it('is in the user’s runtime folder, else in the user’s own temporary folder', () => {
    assert.equal(
      defaultAddress({ XDG_RUNTIME_DIR: '/run/user/7' }, 'linux'),
      '/run/user/7/bulkhead/core.sock',
    );
    const own = join(tmpdir(), `bulkhead-${process.getuid?.()}`, 'core.sock');
    assert.equal(defaultAddress({}, 'linux'), own);
    assert.equal(
      defaultAddress({ BULKHEAD_ADDRESS: '/x/y.sock', XDG_RUNTIME_DIR: '/run' }, 'linux'),
      '/x/y.sock',
    );
    assert.equal(defaultAddress({ BULKHEAD_ADDRESS: '\\\\.\\pipe\\mine' }, 'win32'), '\\\\.\\pipe\\mine');
    assert.equal(defaultAddress({ BULKHEAD_ADDRESS: '' }, 'linux'), own);
    assert.equal(defaultAddress({ XDG_RUNTIME_DIR: '' }, 'linux'), own);
    assert.match(defaultAddress({}, 'win32'), /^\\\\\.\\pipe\\bulkhead-./);
  });

  it('gets a folder that only its user can access', () => {
    const address = join(dir.path, 'a/b/core.sock');
    prepareAddress(address);
    assert.equal(statSync(join(dir.path, 'a/b')).mode & 0o777, 0o700);
    prepareAddress(address);
    checkAddress(address);
  });

  it('may be in a missing folder for a client', () => {
    checkAddress(join(dir.path, 'none/core.sock'));
  });

  it('is refused in a folder that others can access', () => {
    const folder = join(dir.path, 'bulkhead');
    mkdirSync(folder);
    chmodSync(folder, 0o750);
    const refused = {
      code: ErrorCodes.permissionDenied,
      message: /other users can enter/,
      remedy: /chmod 700/,
    };
    assert.throws(() => prepareAddress(join(folder, 'core.sock')), refused);
    assert.throws(() => checkAddress(join(folder, 'core.sock')), refused);
  });

  it('never advises to restrict a shared folder', () => {
    const another = { remedy: /^Give an address in a folder of your own, as --address \S+core\.sock$/ };
    const elsewhere = join(dir.path, 'elsewhere');
    mkdirSync(elsewhere);
    chmodSync(elsewhere, 0o755);
    assert.throws(() => checkAddress(join(elsewhere, 'core.sock')), another);
    const shared = join(dir.path, 'bulkhead');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    assert.throws(() => checkAddress(join(shared, 'core.sock')), another);
  });

  it('is refused behind a link or a file', () => {
    mkdirSync(join(dir.path, 'real'), { mode: 0o700 });
    symlinkSync(join(dir.path, 'real'), join(dir.path, 'link'));
    assert.throws(() => prepareAddress(join(dir.path, 'link/core.sock')), {
      code: ErrorCodes.permissionDenied,
    });
    writeFileSync(join(dir.path, 'file'), '');
    assert.throws(() => prepareAddress(join(dir.path, 'file/core.sock')), { code: ErrorCodes.configInvalid });
  });

  it('is refused in a folder of another user', () => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(dir.path, 4321, 4321);
    const address = isRoot ? join(dir.path, 'core.sock') : '/core.sock';
    assert.throws(() => checkAddress(address), { message: /belongs to another user/ });
  });

  it('is refused if it is too long for a socket, with that reason', () => {
    const longest = `/${'x'.repeat(106)}`;
    if (process.platform === 'linux') checkAddress(`/nowhere/${longest.slice(0, 92)}`);
    assert.throws(() => checkAddress(`/nowhere/${longest.slice(0, 93)}`), {
      code: ErrorCodes.configInvalid,
      message: /102 bytes long; it may have (101|97): a socket's path may have 10[37], .* is 6 longer/,
    });
    assert.throws(() => checkAddress(''), { code: ErrorCodes.configInvalid });
  });
});
