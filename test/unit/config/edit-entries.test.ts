import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ParseError, parse } from 'jsonc-parser';
import { type EntryEdit, editEntry, editSound } from '../../../src/config/edit-entries.js';

const URL = 'rtmp://kick.example/app';
const put = (id: string, settings: Record<string, string | null> = { url: URL }): EntryEdit => ({
  kind: 'put',
  id,
  settings,
});
const editOutputs = (text: string, edit: EntryEdit) => editEntry(text, 'outputs', edit);
const remove = (id: string): EntryEdit => ({ kind: 'remove', id });

const FILE = `// my show
{
  "video": { "fps": 60 }, // smooth
  "outputs": [
    // the main one
    { "id": "main", "url": "rtmp://a.example/app", "key": "env:A" }, // never stop it
    /* the other */
    {
      "id": "second", // a spare
      "url": "rtmp://b.example/app"
    }
    // more to come
  ]
}
`;

describe('an edit of the outputs in a configuration file', () => {
  it('adds one at the end of the list', () => {
    assert.equal(
      editOutputs(FILE, put('kick', { url: URL, key: 'env:K' })),
      FILE.replace(
        '"rtmp://b.example/app"\n    }\n    // more to come\n',
        `"rtmp://b.example/app"
    },
    // more to come
    { "id": "kick", "url": "${URL}", "key": "env:K" }
`,
      ),
    );
  });

  it('changes settings where they stand, and adds and removes them', () => {
    const edited = editOutputs(FILE, put('main', { url: URL, key: null, username: 'me' }));
    assert.equal(
      edited,
      FILE.replace('"url": "rtmp://a.example/app", "key": "env:A" }', `"url": "${URL}", "username": "me" }`),
    );
    assert.equal(
      editOutputs(FILE, put('second', { key: 'file:/k' })),
      FILE.replace('"rtmp://b.example/app"\n', '"rtmp://b.example/app",\n      "key": "file:/k"\n'),
    );
  });

  it('writes true and false, and removes them', () => {
    const put = (text: string, multitrack: boolean | null) =>
      editOutputs(text, { kind: 'put', id: 'a', settings: { multitrack } });
    const one = put('{ "outputs": [] }', true);
    assert.match(one, /\{ "id": "a", "multitrack": true \}/);
    const other = put(one, false);
    assert.match(other, /\{ "id": "a", "multitrack": false \}/);
    assert.match(put(other, null), /\{ "id": "a" \}/);
  });

  it('removes one, and leaves the comments around it', () => {
    assert.equal(
      editOutputs(FILE, remove('main')),
      FILE.replace(
        '    { "id": "main", "url": "rtmp://a.example/app", "key": "env:A" } // never',
        '     // never',
      ).replace('    { "id": "main", "url": "rtmp://a.example/app", "key": "env:A" }, // never', ' // never'),
    );
    assert.deepEqual(parse(editOutputs(editOutputs(FILE, remove('main')), remove('second'))).outputs, []);
    assert.equal(editOutputs(FILE, remove('none')), FILE);
  });

  it('makes the list where there is none, also in an empty object and on one line', () => {
    assert.equal(editOutputs('{}', put('kick')), `{\n  "outputs": [{ "id": "kick", "url": "${URL}" }]\n}`);
    assert.equal(
      editOutputs('{ "video": {} }', put('kick')),
      `{ "video": {}, "outputs": [{ "id": "kick", "url": "${URL}" }] }`,
    );
    assert.deepEqual(parse(editOutputs('{ "outputs": [] }', put('kick'))).outputs, [
      { id: 'kick', url: URL },
    ]);
  });

  it('keeps the line ends of Windows', () => {
    const edited = editOutputs(FILE.replaceAll('\n', '\r\n'), put('kick'));
    assert.doesNotMatch(edited, /[^\r]\n/);
  });

  it('keeps every comment and says what was meant, however the file is written', () => {
    let count = 0;
    const comment = (kind: string) => {
      if (kind === 'line') return `// c${++count}, "x"\n`;
      return kind === 'block' ? `/* b${++count}, ] } */` : kind;
    };
    const gap = fc
      .array(fc.constantFrom(' ', '\n', '\t', '\r\n', 'line', 'block'), { maxLength: 3 })
      .map((parts) => parts.map(comment).join(''));
    const gaps = fc.array(gap, { minLength: 60, maxLength: 60 });
    const outputs = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 });
    const edit = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      settings: fc.option(
        fc.dictionary(
          fc.constantFrom('url', 'key', 'username'),
          fc.option(fc.constantFrom('x', 'a "quoted" \\ text')),
          {
            noNullPrototype: true,
          },
        ),
      ),
    });
    fc.assert(
      fc.property(
        gaps,
        outputs,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        edit,
        (spaces, ids, hasList, trailing, first, { id, settings }) => {
          let index = 0;
          const g = () => spaces[index++ % spaces.length] ?? '';
          const comma = trailing ? `${g()},` : '';
          const objects = ids.map(
            (name) => `{${g()}"id"${g()}:${g()}"${name}"${g()},${g()}"url"${g()}:${g()}"u"${comma}${g()}}`,
          );
          const items = objects.map((object) => `${g()}${object}${g()}`);
          const list = `"outputs"${g()}:${g()}[${items.join(',')}${ids.length > 0 ? comma : ''}${g()}]`;
          const members = hasList ? (first ? [list, `"v":${g()}1`] : [`"v":${g()}1`, list]) : [`"v"${g()}:1`];
          const text = `${g()}{${g()}${members.join(`${g()},${g()}`)}${comma}${g()}}${g()}`;
          const before = strictly(text);
          const edited = editOutputs(text, settings === null ? remove(id) : { kind: 'put', id, settings });
          const after = strictly(edited);
          const was: Record<string, unknown>[] = before.outputs ?? [];
          const known = was.some((output) => output['id'] === id);
          const changed = (output: object) =>
            Object.fromEntries(
              Object.entries({ ...output, ...settings }).filter(([, value]) => value !== null),
            );
          const expected =
            settings === null
              ? was.filter((output) => output['id'] !== id)
              : known
                ? was.map((output) => (output['id'] === id ? changed(output) : output))
                : [...was, changed({ id })];
          assert.deepEqual(after.outputs ?? [], expected);
          assert.equal(after.v, 1);
          const comments = (from = ''): readonly string[] => from.match(/\/\/ c\d+|\/\* b\d+/g) ?? [];
          const removes = settings === null || Object.values(settings).includes(null);
          // What stands within that which is removed goes with it.
          const within = removes ? comments(objects[(ids as string[]).indexOf(id)]) : [];
          const left = comments(edited);
          assert.deepEqual(
            comments(text).filter((comment) => !left.includes(comment) && !within.includes(comment)),
            [],
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  function strictly(text: string) {
    const errors: ParseError[] = [];
    const value = parse(text, errors, { allowTrailingComma: true });
    assert.deepEqual(errors, [], text);
    return value;
  }
});

describe('an edit of a scene in a configuration file', () => {
  const SCENES = `{
  "scenes": [
    // with me in the corner
    {
      "id": "demo",
      "layers": [
        { "id": "screen", "source": "screen", "opacity": 1 }, // all of it
        // me
        { "id": "me", "source": "cam", "x": 900, "crop": { "left": 0.1 } },
      ],
    },
  ],
}
`;
  const layer = (id: string, source: string, change: object = {}) => ({
    ...{ id, source, x: 0, opacity: 1, crop: { left: 0, top: 0 } },
    ...change,
  });
  const put = (layers: readonly object[], needed: readonly object[] = layers) =>
    editEntry(SCENES, 'scenes', {
      kind: 'put',
      id: 'demo',
      settings: { layers },
      needed: { layers: needed },
    });
  const screen = layer('screen', 'screen');
  const neededScreen = { id: 'screen', source: 'screen' };
  const me = layer('me', 'cam', { x: 900, crop: { left: 0.1, top: 0 } });
  const neededMe = { id: 'me', source: 'cam', x: 900, crop: { left: 0.1 } };

  it('changes nothing where it says the same, also what need not be written', () => {
    assert.equal(put([screen, me], [neededScreen, neededMe]), SCENES);
  });

  it('writes what differs, and leaves everything else', () => {
    const moved = { ...me, x: 40, opacity: 0.5, crop: { left: 0, top: 0.2 } };
    const needed = { id: 'me', source: 'cam', x: 40, opacity: 0.5, crop: { top: 0.2 } };
    assert.equal(
      put([screen, moved], [neededScreen, needed]),
      SCENES.replace(
        '"x": 900, "crop": { "left": 0.1 }',
        '"x": 40, "crop": { "left": 0, "top": 0.2 }, "opacity": 0.5',
      ),
    );
  });

  it('adds, removes and moves layers, each with its own text', () => {
    const logo = { id: 'logo', source: 'logo', width: 64 };
    const added = put([screen, me, layer('logo', 'logo', { width: 64 })], [neededScreen, neededMe, logo]);
    assert.match(added, /me", .* } },\n {8}\{ "id": "logo", "source": "logo", "width": 64 \},\n/);
    assert.equal(put([screen], [neededScreen]).includes('"me"'), false);
    const swapped = put([me, screen], [neededMe, neededScreen]);
    assert.match(
      swapped,
      /\{ "id": "me".* }, \/\/ all of it\n {8}\/\/ me\n {8}\{ "id": "screen".*"opacity": 1 },\n/,
    );
  });

  it('gives what was wanted, whatever was there', () => {
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom('a', 'b // c'), fc.constant([1, 'x']));
    const entry = fc.record(
      {
        id: fc.constantFrom('a', 'b', 'c', 'd'),
        x: value,
        crop: fc.dictionary(fc.constantFrom('l', 't'), value),
      },
      { requiredKeys: ['id'] },
    );
    const layers = fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 4 });
    fc.assert(
      fc.property(layers, layers, (before, after) => {
        const text = `{"scenes":[{"id":"s","layers":${JSON.stringify(before, undefined, 2)}}]}`;
        const edited = editEntry(text, 'scenes', { kind: 'put', id: 's', settings: { layers: after } });
        assert.deepEqual(JSON.parse(edited).scenes, JSON.parse(JSON.stringify([{ id: 's', layers: after }])));
      }),
    );
  });
});

describe("an edit of a source's sound in a configuration file", () => {
  const sound = { gainDb: -6, muted: false, gate: { thresholdDb: -45, holdMs: 200 } };
  const needed = { gainDb: -6, gate: {} };
  const edited = (text: string) => editSound(text, 'mic', sound, needed);

  it('is written where there is none, whatever is there of the mixer', () => {
    assert.equal(
      edited('{\n  "video": {} // mine\n}'),
      '{\n  "video": {}, // mine\n  "mixer": { "sources": { "mic": { "gainDb": -6, "gate": {} } } }\n}',
    );
    for (const mixer of [{}, { ceilingDb: -1 }, { sources: {} }, { sources: { other: { muted: true } } }]) {
      const { mixer: now } = JSON.parse(edited(JSON.stringify({ mixer })));
      assert.deepEqual(now, { ...mixer, sources: { ...mixer.sources, mic: needed } });
    }
  });

  it('changes only what differs', () => {
    const text =
      '{ "mixer": { "sources": { "mic": { "gainDb": 3, /* on air */ "muted": false, "pan": 1 } } } }';
    assert.equal(
      edited(text),
      '{ "mixer": { "sources": { "mic": { "gainDb": -6, /* on air */ "muted": false, "gate": {} } } } }',
    );
    assert.equal(edited(edited(text)), edited(text));
  });
});

describe('an edit of the scenes of a canvas in a configuration file', () => {
  const text = `{
  "scenes": [{ "id": "talk", "layers": [] }],
  "canvases": [
    { "id": "square", "scenes": [{ "id": "talk", "layers": [] }] },
    // for phones
    { "id": "upright", "scenes": [{ "id": "talk", "layers": [{ "id": "cam", "source": "old" }] /* mine */ }] }
  ]
}`;
  const list = { canvas: 'upright' };

  it('changes what that canvas has alone', () => {
    const layers = [{ id: 'cam', source: 'cam' }];
    const changed = editEntry(text, list, { kind: 'put', id: 'talk', settings: { layers } });
    assert.equal(changed, text.replace('"old"', '"cam"'));
    const added = editEntry(text, list, { kind: 'put', id: 'game', settings: { layers } });
    const game = '{ "id": "game", "layers": [{ "id": "cam", "source": "cam" }] }';
    assert.equal(added, text.replace('/* mine */ }', `/* mine */ }, ${game}`));
    assert.equal(editEntry(added, list, remove('game')), text);
  });

  it('changes nothing where the file has no such canvas', () => {
    const edit = put('talk');
    assert.equal(editEntry(text, { canvas: 'wide' }, edit), text);
    assert.equal(editEntry('{}', list, edit), '{}');
  });
});
