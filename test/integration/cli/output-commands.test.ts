import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { platformOf } from '../../../src/config/platforms.js';
import { savedKeyFile } from '../../../src/config/show-state.js';
import type { OutputManagement } from '../../../src/protocol/outputs.js';
import { fakeOutputs } from '../../support/fake-outputs.js';
import { CliFixture } from './cli-run.js';
import { FakeCore } from './fake-core.js';

const SHOW = `{
  // where it goes
  "outputs": [{ "id": "main", "url": "rtmp://a.example/app", "key": "env:MAIN" }] // for now
}
`;
const URL = 'rtmps://live.example.org/app';

describe('bulkhead output', () => {
  let cli: CliFixture;
  let core: FakeCore;
  let asked: [what: string, params: unknown][];
  let show: string;

  beforeEach(async () => {
    cli = new CliFixture();
    core = new FakeCore();
    asked = [];
    show = join(cli.folder, 'show.jsonc');
    writeFileSync(show, SHOW);
    const outputs = fakeOutputs((what, params) => asked.push([what, params]));
    const list: OutputManagement['list'] = async () => ({ ...(await outputs.list()), show });
    core.outputs = { ...outputs, list };
    await core.listen(cli.address);
    process.env['KICK_KEY'] = 'secret-key';
  });

  afterEach(async () => {
    delete process.env['KICK_KEY'];
    await cli.end();
    core.dispose();
  });

  async function output(args: readonly string[], input?: string) {
    const run = cli.run(['output', ...args], {}, undefined, input);
    const code = await run.exitCode;
    return { code, stdout: run.stdout, stderr: run.stderr };
  }

  it('adds an output to a platform, of which it has the address', async () => {
    const { stderr } = await output([
      'add',
      'main',
      '--platform',
      'Twitch',
      '--key',
      'env:KICK_KEY',
      '--save',
    ]);
    const config = { id: 'main', type: 'rtmp', platform: 'twitch', url: platformOf('twitch')?.url };
    assert.deepEqual(
      asked.filter(([what]) => what === 'add'),
      [['add', { output: { ...config, key: 'env:KICK_KEY' }, secrets: { key: 'secret-key' } }]],
    );
    assert.match(stderr, /^outputs\.main\.key: warning: stream keys of Twitch begin with "live_"/);
    assert.doesNotMatch(stderr, /secret-key/);
    const saved = readFileSync(show, 'utf8');
    assert.match(saved, /\{ "id": "main", "key": "env:KICK_KEY", "platform": "twitch" \}/);
    await output(['set', 'main', '--platform', 'youtube']);
    assert.deepEqual(asked.at(-1), ['set', { id: 'main', change: { platform: 'youtube' }, secrets: {} }]);
    await output(['set', 'main', '--no-platform']);
    assert.deepEqual(asked.at(-1), ['set', { id: 'main', change: { platform: null }, secrets: {} }]);
  });

  it('names the nearest platform, and asks for an address where a platform has none', async () => {
    const unknown = await output(['add', 'main', '--platform', 'twich', '--key', 'env:KICK_KEY']);
    assert.match(unknown.stderr, /--platform: unknown platform "twich"; did you mean "twitch"\?/);
    const without = await output(['add', 'main', '--platform', 'kick', '--key', 'env:KICK_KEY']);
    assert.match(without.stderr, /url: missing; Kick gives each streamer an address/);
    assert.deepEqual([unknown.code, without.code, asked], [64, 64, []]);
  });

  it('adds an output with a key from the environment of the command, a file or standard input', async () => {
    const first = await output(['add', 'kick', URL, '--key', 'env:KICK_KEY']);
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.match(first.stdout, /^The output "kick" was added; it is live\.\n$/);
    await output([
      'add',
      'kick',
      URL,
      '--key',
      'file:kick.key',
      '--username',
      'me',
      '--tls-ca-file',
      'ca.pem',
    ]);
    await output(['add', 'kick', URL, '--key-stdin'], 'typed\nmore\n');
    const config = { id: 'kick', type: 'rtmp', url: URL };
    assert.deepEqual(
      asked.filter(([what]) => what === 'add').map(([, params]) => params),
      [
        { output: { ...config, key: 'env:KICK_KEY' }, secrets: { key: 'secret-key' } },
        {
          output: {
            ...config,
            key: `file:${join(cli.folder, 'kick.key')}`,
            username: 'me',
            tlsCaFile: join(cli.folder, 'ca.pem'),
          },
          secrets: {},
        },
        { output: config, secrets: { key: 'typed' } },
      ],
    );
  });

  it('refuses secrets on the command line and what is missing, and asks the core nothing', async () => {
    const refused: readonly (readonly [args: readonly string[], message: RegExp])[] = [
      [
        ['add', 'kick', URL, '--key', 'live_123'],
        /--key names where the secret is.*Give env:NAME, file:PATH or keyring:NAME, or --key-stdin/,
      ],
      [['add', 'kick', `${URL}/live_123`], /seems to end with the stream key.*--key-stdin/],
      [
        ['add', 'kick', 'rtmp://me:live_123@live.example.org/app', '--key', 'env:KICK_KEY'],
        /holds a login.*--password/,
      ],
      [['add', 'kick', `${URL}?auth=live_123`, '--key', 'env:KICK_KEY'], /has a query/],
      [['set', 'kick', '--password', 'live_123'], /--password names where the secret is/],
      [['add', 'kick', URL, '--key', 'env:NO_SUCH'], /the environment variable NO_SUCH is not set/],
      [['add', 'kick', URL, '--key-stdin'], /there is no key on standard input/],
      [['add', 'kick', URL, '--key-stdin', '--key', 'env:KICK_KEY'], /exclude each other/],
      [['add', 'kick', 'http://live.example.org/app'], /without the name of a playlist/],
      [['add', 'a b', URL, '--key', 'env:KICK_KEY'], /expected letters, digits/],
      [['set', 'kick'], /nothing to change was given/],
    ];
    for (const [args, message] of refused) {
      const { code, stderr } = await output(args);
      assert.equal(code, 64, args.join(' '));
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /live_123|secret-key/);
    }
    assert.deepEqual(asked, []);
  });

  it('changes, removes, stops, starts and lists', async () => {
    await output(['set', 'kick', '--url', URL, '--no-key', '--no-username']);
    await output(['set', 'kick', '--multitrack']);
    await output(['set', 'kick', '--no-multitrack']);
    await output(['set', 'kick', '--codecs', 'HEVC, av1']);
    await output(['set', 'kick', '--no-codecs']);
    await output(['remove', 'kick']);
    await output(['stop', 'kick']);
    assert.match((await output(['start', 'kick'])).stdout, /^The output "kick" was started; it is live\.\n$/);
    assert.deepEqual(asked, [
      ['set', { id: 'kick', change: { url: URL, key: null, username: null }, secrets: {} }],
      ['set', { id: 'kick', change: { multitrack: true }, secrets: {} }],
      ['set', { id: 'kick', change: { multitrack: null }, secrets: {} }],
      ['set', { id: 'kick', change: { codecs: ['hevc', 'av1'] }, secrets: {} }],
      ['set', { id: 'kick', change: { codecs: null }, secrets: {} }],
      ['remove', { id: 'kick' }],
      ['stop', { id: 'kick' }],
      ['start', { id: 'kick' }],
    ]);
    assert.match(
      (await output(['list'])).stdout,
      /output +main {2}live {2}rtmp:\/\/live\.example\/app\/\*\*\*/,
    );
    assert.equal(JSON.parse((await output(['list', '--json'])).stdout).outputs[0].id, 'main');
  });

  it('saves with the comments, mode and link of the configuration file kept', async () => {
    const link = join(cli.folder, 'link.jsonc');
    symlinkSync(show, link);
    chmodSync(show, 0o640);
    const { stdout } = await output(['add', 'kick', URL, '--key', 'env:KICK_KEY', '--multitrack', '--save']);
    assert.match(stdout, /Saved in .*show\.jsonc/);
    assert.equal(
      readFileSync(show, 'utf8'),
      SHOW.replace(
        '"env:MAIN" }]',
        `"env:MAIN" }, { "id": "kick", "url": "${URL}", "key": "env:KICK_KEY", "multitrack": true }]`,
      ),
    );
    assert.equal(statSync(show).mode & 0o777, 0o640);
    assert.ok(lstatSync(link).isSymbolicLink());
    await output(['remove', 'kick', '--save']);
    assert.equal(readFileSync(show, 'utf8'), SHOW);
  });

  it('saves a key from standard input in a file of its own, and never in the configuration', async () => {
    const file = savedKeyFile(show, 'main');
    try {
      await output(['set', 'main', '--key-stdin', '--save'], 'typed-key');
      assert.equal(readFileSync(show, 'utf8'), SHOW.replace('env:MAIN', `file:${file}`));
      assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], ['typed-key\n', 0o600]);
    } finally {
      rmSync(file, { force: true });
    }
  });

  it('saves nothing where there is no file, or one that is wrong, and changes nothing then', async () => {
    writeFileSync(show, '{ "outputs": 7 }');
    const wrong = await output(['remove', 'main', '--save']);
    assert.deepEqual(
      [wrong.code, /show\.jsonc:1:14: outputs: expected a list/.test(wrong.stderr)],
      [64, true],
      wrong.stderr,
    );
    core.outputs = fakeOutputs((what, params) => asked.push([what, params]));
    const none = await output(['add', 'kick', URL, '--key-stdin', '--save'], 'typed-key');
    assert.equal(none.code, 64);
    assert.match(none.stderr, /started without a configuration file.*bulkhead live CONFIG/);
    assert.deepEqual(
      asked.filter(([what]) => what !== 'list'),
      [],
    );
    assert.ok(!existsSync(savedKeyFile('default', 'kick')));
  });

  it('says where there is nothing to reset', async () => {
    const { code, stderr } = await output(['reset']);
    assert.equal(code, 69);
    assert.match(stderr, /no broadcast is on air.*bulkhead output reset CONFIG/);
    assert.equal((await output(['reset', 'none.jsonc'])).code, 64);
  });
});
