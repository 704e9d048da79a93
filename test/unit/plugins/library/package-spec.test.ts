import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePackageSpec } from '../../../../src/plugins/library/package-spec.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('what a plugin is installed from', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('spec');
    mkdirSync(join(folder.path, 'chat'));
    writeFileSync(join(folder.path, 'chat-1.0.0.tgz'), '');
  });

  afterEach(() => folder.dispose());

  const parse = (text: string) => parsePackageSpec(text, folder.path);

  it('is a folder or an archive if it is written as a path', () => {
    const path = join(folder.path, 'chat');
    assert.deepEqual(parse('./chat'), { kind: 'folder', spec: path });
    assert.deepEqual(parse(path), { kind: 'folder', spec: path });
    assert.deepEqual(parse('.'), { kind: 'folder', spec: folder.path });
    assert.deepEqual(parse('chat-1.0.0.tgz'), { kind: 'archive', spec: `${path}-1.0.0.tgz` });
  });

  for (const name of ['chat', '@me/chat', 'chat@1.0.0', '@me/chat@^1.2', 'chat@latest', 'chat@>=1 <2']) {
    it(`is a package for npm when it is ${name}`, () => {
      assert.deepEqual(parse(name), { kind: 'npm', spec: name });
    });
  }

  for (const text of [
    '--registry=x',
    'git+ssh://x/y',
    'https://x/y',
    'me/chat',
    'chat@npm:other',
    'chat@file:/x',
    '',
  ]) {
    it(`is refused when it is ${JSON.stringify(text)}`, () => {
      assert.throws(() => parse(text), /expected a folder, a \.tgz or the name of a package$/);
    });
  }

  it('is refused, with the way to write it, if it is a folder or file whose name is no package', () => {
    mkdirSync(join(folder.path, 'My Plugin'));
    assert.throws(() => parse('My Plugin'), {
      message: 'My Plugin: expected a folder, a .tgz or the name of a package',
      remedy: 'For the folder or file write "./My Plugin".',
    });
    assert.throws(() => parse('My Other Plugin'), { remedy: undefined });
  });

  it('is refused if there is no such file', () => {
    assert.throws(() => parse('./nothing'), /^BulkheadError: \.\/nothing: there is no such file or folder$/);
  });
});
