import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { loginsIn, readNpmConfig } from '../../../../src/plugins/npm/npm-config.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe("npm's configuration", () => {
  let folder: TempDir;
  let path: string | undefined;

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(() => {
    folder = tempDir('npmrc');
    path = process.env['PATH'];
  });
  afterEach(() => {
    process.env['PATH'] = path;
    folder?.dispose();
  });

  /** Has a script take npm's place. */
  function npm(script: string): void {
    const file = join(folder.path, 'npm');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    process.env['PATH'] = `${folder.path}${delimiter}${path}`;
  }

  it('says which registry a package is in, and the login there', async () => {
    const userconfig = join(folder.path, 'npmrc');
    writeFileSync(userconfig, '//npm.example/mine/:_authToken=secret\n');
    const config = {
      registry: 'https://npm.example/',
      '@me:registry': 'https://npm.example/mine/',
      userconfig,
    };
    npm(`[ "$1 $2 $3" = "config list --json" ] && echo '${JSON.stringify(config)}'`);
    const { registryOf, authorizationFor } = await readNpmConfig();
    assert.deepEqual(
      [registryOf('chat'), registryOf('@you/chat'), registryOf('@me/chat')],
      ['https://npm.example', 'https://npm.example', 'https://npm.example/mine'],
    );
    assert.equal(authorizationFor(new URL('https://npm.example/mine/@me%2fchat')), 'Bearer secret');
    for (const url of [
      'https://npm.example/chat',
      'https://other.example/mine/chat',
      'https://npm.example:81/mine/x',
    ]) {
      assert.equal(authorizationFor(new URL(url)), undefined, url);
    }
  });

  it('has logins by token and by name, from the environment too', () => {
    const variable = (name: string) => `\${${name}}`;
    const text = [
      'registry=https://npm.example/',
      `//a.example/:_authToken=${variable('TOKEN')}`,
      ' //b.example/path/:_auth = "bmFtZQ=="',
      '//c.example/:_password=x',
      `//d.example/:_authToken=${variable('MISSING')}`,
    ].join('\r\n');
    assert.deepEqual(loginsIn(text, { TOKEN: 'secret' }), [
      { at: '//a.example/', header: 'Bearer secret' },
      { at: '//b.example/path/', header: 'Basic bmFtZQ==' },
      { at: '//d.example/', header: `Bearer ${variable('MISSING')}` },
    ]);
  });

  for (const [what, script, message] of [
    ['fails', 'exit 1', /^npm does not print its configuration: /],
    ['prints something else', 'echo x', /^npm does not print its configuration: /],
    ['has no registry', 'echo {}', /^npm has no registry$/],
  ] as const) {
    it(`is an error if npm ${what}`, async () => {
      npm(script);
      await assert.rejects(readNpmConfig(), { code: 'registry.failed', message });
    });
  }

  it('is an error without npm', async () => {
    process.env['PATH'] = folder.path;
    await assert.rejects(readNpmConfig(), { message: 'npm is needed, and is not on the PATH' });
  });
});
