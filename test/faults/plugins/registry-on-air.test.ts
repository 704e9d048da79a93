import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeArchive } from '../../support/archive.js';
import { Bulkhead, runBulkhead, runCommand } from '../../support/bulkhead.js';
import { watchLive } from '../../support/live-viewer.js';
import { startNginxRtmp } from '../../support/nginx.js';
import type { Answer } from '../../support/npm-registry.js';
import { startNpmRegistry } from '../../support/npm-registry.js';
import { FakeSigstore } from '../../support/provenance.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

const MB = 1024 * 1024;

/** Ways in which a hostile registry answers for a package's document. */
const HOSTILE: Readonly<Record<string, readonly [Answer, RegExp]>> = {
  'without end': [
    (_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(MB, ' ')));
      };
      response.on('drain', more);
      more();
    },
    /has answered with more than 32 MB/,
  ],
  'with rubbish': [(_request, response) => void response.end('\x1b[2J{'), /has not answered with JSON/],
  'with another package': [
    (_request, response) => void response.end(JSON.stringify({ name: 'eve', 'dist-tags': {}, versions: {} })),
    /has not answered with a package's document: it is that of another one/,
  ],
  'with a redirect to another host': [
    (_request, response) => void response.writeHead(301, { location: 'http://eve.invalid/' }).end(),
    /redirects to another host, http:\/\/eve\.invalid/,
  ],
  'with a version without a digest': [
    (_request, response) =>
      void response.end(
        JSON.stringify({
          name: '@me/chat',
          'dist-tags': { latest: '9.0.0' },
          versions: {
            '9.0.0': { name: '@me/chat', version: '9.0.0', dist: { tarball: 'http://eve.invalid/' } },
          },
        }),
      ),
    /does not give its sha512 digest/,
  ],
  'with tags that are escape sequences': [
    (_request, response) =>
      void response.end(
        JSON.stringify({ name: '@me/chat', 'dist-tags': { '\x1b[2J\u202enext': '\x1b[1m' }, versions: {} }),
      ),
    /has no version or tag "latest"\. It has "next"\.$/m,
  ],
};

describe('plugins from a registry, on air', function () {
  this.timeout(400_000);

  it('cost no frame: installed with a dependency, updated, refused, rolled back', async () => {
    const folder = tempDir('on-air');
    const registry = await startNpmRegistry(folder.path);
    const nginx = await startNginxRtmp();
    const sigstore = new FakeSigstore();
    const env = {
      ...registry.env,
      XDG_DATA_HOME: folder.path,
      BULKHEAD_SIGSTORE_ROOT: sigstore.rootFile(folder.path),
    };
    const publish = (name: string, version: string, manifest: object = {}, activate = '') => {
      const own = name.replace(/^.*\//, '');
      const archive = writeArchive(join(folder.path, 'published.tgz'), [
        {
          path: 'package/package.json',
          text: JSON.stringify({
            name,
            version,
            main: 'main.cjs',
            engines: { bulkhead: '^1.0.0' },
            ...manifest,
          }),
        },
        {
          path: 'package/main.cjs',
          text: `const { commands } = require('@bulkhead/extension-api');
            exports.activate = () => { ${activate} commands.registerCommand('${own}.version', () => '${version}'); };`,
        },
      ]);
      const built = { name, version, archive, repository: 'https://github.com/me/chat', commit: 'c0ffee' };
      registry.publish(name, version, archive, { attestations: [sigstore.attest(built)] });
    };
    const run = new Bulkhead(['live', writeConfig(folder.path), '--output', nginx.url('live', 'key')], {
      env,
    });
    const viewer = watchLive(nginx.url('live', 'key'));
    const plugin = (...args: string[]) =>
      runBulkhead(['plugin', ...args], { env, address: run.address }, 120_000);
    const done = async (...args: string[]) => {
      const { code, stdout, stderr } = await plugin(...args);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      return stdout.trimEnd();
    };
    const version = () => runCommand(run.address, 'chat.version');
    try {
      await run.until('on air', ({ state }) => state === 'live');
      await viewer.next(({ keyframe }) => keyframe);
      const { core } = await run.status();

      publish('@me/base', '1.0.0');
      publish('@me/chat', '1.0.0', { extensionDependencies: ['me.base'] });
      assert.equal(
        await done('install', '@me/chat', '--yes'),
        'installed me.base 1.0.0: active\ninstalled me.chat 1.0.0: active',
      );
      publish('@me/chat', '1.1.0', { extensionDependencies: ['me.base'] });
      assert.equal(await done('update', 'me.chat'), 'updated me.chat 1.1.0: active');
      assert.equal(await version(), '1.1.0');

      publish('@me/chat', '1.2.0', {}, "throw new Error('no luck');");
      const broken = await plugin('update', '--all');
      assert.equal(broken.code, 69);
      assert.match(
        broken.stderr,
        /"me\.chat" 1\.2\.0 was not activated, so 1\.1\.0 stays installed and runs again/,
      );
      assert.equal(await version(), '1.1.0');

      for (const [how, [answer, message]] of Object.entries(HOSTILE)) {
        const restore = registry.override('/@me/chat', answer);
        const { code, stderr } = await plugin('update', 'me.chat');
        assert.notEqual(code, 0, how);
        assert.match(stderr, message, how);
        restore();
      }

      assert.equal(await done('rollback', 'me.chat'), 'rolled back from 1.1.0: me.chat 1.0.0: active');
      assert.equal(await version(), '1.0.0');
      assert.equal(await done('rollback', 'me.chat'), 'rolled back from 1.0.0: me.chat 1.1.0: active');
      assert.equal(await version(), '1.1.0');

      await viewer.next(({ keyframe }) => keyframe);
      const status = await run.status();
      assert.equal(status.core.pid, core.pid, 'one core');
      assert.equal(status.outputs[0]?.sessions, 1, 'one session');
      await assertNoFrameMissing(viewer.packets, () => run.status());
    } finally {
      await viewer.stop();
      await run.end();
      await nginx.stop();
      await registry.stop();
      folder.dispose();
    }
  });
});
