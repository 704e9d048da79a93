import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findFfmpeg, type ResolverOptions, resolveFfmpeg } from '../../../src/encoder/ffmpeg-resolver.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('resolveFfmpeg', () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir('resolver');
  });
  afterEach(() => dir.dispose());

  function program(name: string): string {
    const path = join(dir.path, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, 0o755);
    return path;
  }

  /** A computer with only the given programs and packages. */
  function computer({
    packages = {},
    ...environment
  }: {
    packages?: Record<string, unknown>;
    PATH?: string;
    FFMPEG_BIN?: string;
  } = {}): ResolverOptions {
    return {
      environment,
      platform: 'linux',
      load: (name) => {
        if (name in packages) return packages[name];
        throw new Error(`Cannot find module '${name}'`);
      },
    };
  }

  it('tries them in order', () => {
    const [configured, fromEnvironment, fromStatic, onPath, installed] = [
      program('configured'),
      program('environment'),
      program('static'),
      program('bin/ffmpeg'),
      program('installed'),
    ] as const;
    const everything = {
      FFMPEG_BIN: fromEnvironment,
      PATH: join(dir.path, 'bin'),
      packages: { 'ffmpeg-static': fromStatic, '@ffmpeg-installer/ffmpeg': { path: installed } },
    };
    assert.equal(findFfmpeg(configured, computer(everything)), configured);
    assert.equal(findFfmpeg(undefined, computer(everything)), fromEnvironment);
    const { FFMPEG_BIN: _, ...withoutVariable } = everything;
    assert.equal(findFfmpeg(undefined, computer(withoutVariable)), fromStatic);
    const packages = { '@ffmpeg-installer/ffmpeg': { path: installed } };
    assert.equal(findFfmpeg(undefined, computer({ PATH: everything.PATH, packages })), onPath);
    assert.equal(findFfmpeg(undefined, computer({ PATH: '/nowhere', packages })), installed);
  });

  it('gives the reason why each one is not used', () => {
    const plain = join(dir.path, 'plain');
    writeFileSync(plain, '');
    chmodSync(plain, 0o644);
    const installed = program('installed');
    const { chosen, candidates } = resolveFfmpeg(
      undefined,
      computer({
        PATH: ['relative', '/nowhere'].join(delimiter),
        packages: {
          'ffmpeg-static': join(dir.path, 'not-downloaded'),
          '@ffmpeg-installer/ffmpeg': { path: installed },
        },
      }),
    );
    assert.deepEqual(chosen, { origin: '@ffmpeg-installer/ffmpeg', path: installed });
    assert.deepEqual(
      candidates.map(({ origin, passedOver }) => [origin, passedOver]),
      [
        ['configuration', 'not set'],
        ['FFMPEG_BIN', 'not set'],
        ['ffmpeg-static', `${join(dir.path, 'not-downloaded')} does not exist`],
        ['PATH', 'no "ffmpeg" on the PATH'],
        ['@ffmpeg-installer/ffmpeg', undefined],
      ],
    );
  });

  it('skips packages that are missing, or have no binary for the platform', () => {
    const { candidates } = resolveFfmpeg(undefined, computer({ packages: { 'ffmpeg-static': null } }));
    assert.deepEqual(
      candidates.slice(2).map(({ passedOver }) => passedOver),
      ['has none for this platform', 'no "ffmpeg" on the PATH', 'not installed'],
    );
  });

  it('does not work around a configured path that is wrong', () => {
    const options = computer({ FFMPEG_BIN: program('other') });
    assert.equal(resolveFfmpeg('/nowhere/ffmpeg', options).chosen, undefined);
    assert.throws(() => findFfmpeg('/nowhere/ffmpeg', options), {
      code: 'ffmpeg.notFound',
      where: '/nowhere/ffmpeg',
    });
  });

  it('does not work around a wrong path in FFMPEG_BIN', () => {
    for (const [path, message] of [
      ['/nosuch', /^The ffmpeg that FFMPEG_BIN names cannot be used: \/nosuch does not exist\.$/],
      [dir.path, /is not a file\.$/],
    ] as const) {
      const options = computer({ FFMPEG_BIN: path, PATH: join(program('bin/ffmpeg'), '..') });
      assert.equal(resolveFfmpeg(undefined, options).chosen, undefined);
      assert.throws(() => findFfmpeg(undefined, options), {
        code: 'ffmpeg.notFound',
        where: path,
        message,
        remedy: 'Fix the environment variable FFMPEG_BIN, or unset it to use the first ffmpeg found.',
      });
      const configured = program('configured');
      assert.equal(findFfmpeg(configured, options), configured);
    }
    assert.equal(resolveFfmpeg(undefined, computer({ FFMPEG_BIN: '', PATH: '/nowhere' })).chosen, undefined);
  });

  it('fails if there is none', () => {
    assert.throws(() => findFfmpeg(undefined, computer()), { code: 'ffmpeg.notFound', message: /no ffmpeg/ });
  });

  it('finds the bundled one of the real installation', () => {
    const { candidates } = resolveFfmpeg();
    const bundled = candidates.find(({ origin }) => origin === '@ffmpeg-installer/ffmpeg');
    assert.equal(bundled?.passedOver, undefined);
  });
});
