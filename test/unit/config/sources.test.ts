import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedIngestsOf, encodeSettingsOf, ingestsOf } from '../../../src/config/ingests.js';
import type { ConfigFlags } from '../../../src/config/load-config.js';
import { onAirSource } from '../../../src/config/sources.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { loadWritten, mistakesIn } from './written-config.js';

describe('sources in the configuration', () => {
  let folder: TempDir;
  before(() => {
    folder = tempDir('config-sources');
    for (const name of ['a.mp4', 'b.mp4', 'show.m3u']) writeFileSync(join(folder.path, name), '');
  });
  after(() => folder.dispose());

  const load = (config: object, flags?: ConfigFlags) => loadWritten(folder.path, config, flags);
  const mistakes = (config: object, flags?: ConfigFlags) => mistakesIn(folder.path, config, flags);
  const camera = { id: 'cam', type: 'camera', device: '/dev/video3', fallback: 'brb' };
  const image = { id: 'brb', type: 'file', path: 'a.mp4', warm: true };

  it('has the first one on air, with its fallback', () => {
    const settings = encodeSettingsOf(load({ sources: [camera, image] }));
    assert.deepEqual(settings.input, { type: 'camera', device: '/dev/video3' });
    assert.equal(settings.inputId, 'cam');
    const path = join(folder.path, 'a.mp4');
    assert.deepEqual(settings.fallback, { id: 'brb', warm: true, input: { type: 'file', path, loop: true } });
  });

  it('has the one on air that the input names, also from the command line', () => {
    const sources = [camera, image];
    const named = load({ sources, input: { type: 'source', source: 'brb' } });
    assert.equal(onAirSource(named).inputId, 'brb');
    const given = load({ sources }, { input: 'source:brb' });
    assert.deepEqual([onAirSource(given).inputId, onAirSource(given).fallback], ['brb', undefined]);
    const other = load({ sources, input: { type: 'colour' } });
    assert.deepEqual(onAirSource(other), { input: { type: 'colour' } });
  });

  it('refuses a fallback that listens on the port of its source', () => {
    const pair = (first: string, second: string) =>
      mistakes({
        sources: [
          { id: 'a', type: 'url', url: first, fallback: 'b' },
          { id: 'b', type: 'url', url: second },
        ],
      }).join();
    assert.match(pair('udp://127.0.0.1:9000', 'udp://@:9000?overrun_nonfatal=1'), /another port .* 9000/);
    assert.match(pair('srt://0.0.0.0:9000?mode=listener', 'udp://0.0.0.0:9000'), /another port/);
    assert.equal(pair('udp://127.0.0.1:9000', 'udp://127.0.0.1:9001'), '');
    assert.equal(pair('srt://10.0.0.1:9000', 'srt://10.0.0.2:9000?mode=caller'), '');
    assert.equal(pair('udp://239.0.0.1:9000', 'udp://239.0.0.2:9000'), '');
  });

  it('keeps the paths of a playlist, and plays it once if asked to', () => {
    const input = { type: 'playlist', items: ['a.mp4', 'b.mp4'] };
    const items = ['a.mp4', 'b.mp4'].map((name) => join(folder.path, name));
    assert.deepEqual(load({ input }).input, {
      type: 'playlist',
      items,
      imageSeconds: 10,
      shuffle: false,
      loop: true,
    });
    assert.deepEqual(load({ input }, { once: true }).input, {
      ...{ type: 'playlist', items, imageSeconds: 10, shuffle: false, loop: false },
    });
    assert.deepEqual(load({}, { input: 'show.m3u' }).input, {
      ...{
        type: 'playlist',
        items: [join(folder.path, 'show.m3u')],
        imageSeconds: 10,
        shuffle: false,
        loop: true,
      },
    });
  });

  it('says which name is wrong, and which one is meant', () => {
    const wrong = { ...camera, fallback: 'brp' };
    assert.match(mistakes({ sources: [wrong, image] }).join(), /no source "brp"; did you mean "brb"/);
    const own = { ...camera, fallback: 'cam' };
    assert.match(mistakes({ sources: [own] }).join(), /another source than itself/);
    assert.match(mistakes({ sources: [image, image] }).join(), /an id that no other source has/);
    const input = { type: 'source', source: 'cam' };
    assert.match(mistakes({ input }).join(), /no source "cam"/);
    assert.match(mistakes({ sources: [image] }, { input: 'source:x' }).join(), /no source "x"/);
  });

  it('has an ingest played by the live server, and makes it if there are none', () => {
    const obs = { id: 'obs', type: 'ingest', ingest: 'main', fallback: 'brb' };
    const listed = {
      sources: [obs, image],
      ingests: [{ id: 'main', key: 'k' }, { id: 'x' }],
    };
    const config = load(listed);
    const url = 'rtmp://127.0.0.1:1935/ingest-play/main';
    assert.deepEqual(encodeSettingsOf(config).input, { type: 'ingest', ingest: 'main', url });
    assert.deepEqual(decodedIngestsOf(config), ['main']);
    assert.deepEqual(
      ingestsOf(config).map(({ id, key }) => [id, key]),
      [
        ['main', 'k'],
        ['x', undefined],
      ],
    );
    const made = load({ sources: [{ id: 'obs', type: 'ingest' }] });
    assert.deepEqual(
      ingestsOf(made).map(({ id, key }) => [id, key]),
      [['ingest', undefined]],
    );
    const passed = load({ ...listed, input: { type: 'ingest', ingest: 'x' } });
    assert.deepEqual(decodedIngestsOf(passed), []);
  });

  it('has an ingest played at the address on which RTMP listens', () => {
    const sources = [{ id: 'obs', type: 'ingest', ingest: 'a' }];
    const urlFor = (liveServer: object) => {
      const { input } = encodeSettingsOf(load({ sources, liveServer }));
      return input.type === 'ingest' ? input.url : '';
    };
    assert.equal(urlFor({ rtmpPort: 2000, rtmpHost: '0.0.0.0' }), 'rtmp://127.0.0.1:2000/ingest-play/a');
    assert.equal(urlFor({ rtmpHost: '192.168.1.2' }), 'rtmp://192.168.1.2:1935/ingest-play/a');
    assert.equal(urlFor({ rtmpHost: '::1' }), 'rtmp://[::1]:1935/ingest-play/a');
  });

  it('has an ingest as a fallback, too', () => {
    const backup = { id: 'brb', type: 'ingest', ingest: 'backup', warm: true };
    const config = load({ sources: [camera, backup] });
    assert.deepEqual(decodedIngestsOf(config), ['backup']);
    assert.deepEqual(onAirSource(config).fallback, {
      ...{ id: 'brb', warm: true },
      input: { type: 'ingest', ingest: 'backup', url: 'rtmp://127.0.0.1:1935/ingest-play/backup' },
    });
  });

  it('says which ingest is meant, and that two sources have the same', () => {
    const studio = { ingests: [{ id: 'main' }] };
    const obs = { id: 'obs', type: 'ingest', ingest: 'mian' };
    assert.deepEqual(mistakes({ ...studio, sources: [obs] }), [
      '1:76 no ingest "mian"; did you mean "main"?',
    ]);
    const one = { ...obs, ingest: 'main' };
    assert.match(
      mistakes({ ...studio, sources: [one, { ...one, id: 'other' }] }).join(),
      /expected an ingest that the source "obs" does not have/,
    );
    assert.match(mistakes({ ...studio, sources: [{ ...one, key: 'k' }] }).join(), /unknown key "key"/);
  });

  it('says which file is missing', () => {
    const items = ['a.mp4', 'nowhere.mp4'];
    const playlist = { type: 'playlist', items };
    assert.match(mistakes({ input: playlist }).join(), /no such file: .*nowhere\.mp4/);
    const source = { id: 'x', type: 'image', path: 'nowhere.png' };
    assert.match(mistakes({ sources: [source] }).join(), /no such file: .*nowhere\.png/);
  });
});
