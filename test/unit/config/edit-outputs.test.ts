import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ParseError, parse } from 'jsonc-parser';
import { editOutputs, type OutputEdit } from '../../../src/config/edit-outputs.js';

const URL = 'rtmp://kick.example/app';
const put = (id: string, settings: Record<string, string | null> = { url: URL }): OutputEdit => ({
  kind: 'put',
  id,
  settings,
});
const remove = (id: string): OutputEdit => ({ kind: 'remove', id });

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
