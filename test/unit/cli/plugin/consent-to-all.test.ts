import assert from 'node:assert/strict';
import { grantedToAll } from '../../../../src/cli/plugin/consent-to-all.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';
import type { StagedPackage } from '../../../../src/plugins/library/stage-package.js';
import type { Permission } from '../../../../src/protocol/permissions/permissions.js';
import { installedPlugin } from '../../plugins/installed-plugin.js';

describe('the consent to a plugin and what it depends on', () => {
  let printed: string;
  let questions: string[];

  beforeEach(() => {
    printed = '';
    questions = [];
  });

  const stderr = new Printer({ write: (text: string) => (printed += text) }, {});
  const answering = (answer: string) => ({
    stderr,
    ask: async (question: string) => {
      questions.push(question);
      return answer;
    },
  });
  const request = (id: string, ...permissions: Permission[]) => ({
    staged: { plugin: installedPlugin(id, { permissions }), staged: '', spec: id } satisfies StagedPackage,
    before: undefined,
  });
  const requests = [request('me.base', 'network'), request('me.chat', 'broadcast.marker')];

  it('is asked once, after all that they want', async () => {
    assert.deepEqual(await grantedToAll(requests, { yes: false, enforcesScopes: true }, answering('y')), [
      ['network'],
      ['broadcast.marker'],
    ]);
    assert.deepEqual(questions, ['Install all 2? [y/N] ']);
    assert.equal(
      printed,
      [
        '"me.chat" 1.0.0 needs a plugin that is not installed:',
        '  "me.base" 1.0.0, the package me.base of npm',
        '"me.base" 1.0.0 may then:',
        '  connect to other computers (network)',
        '"me.chat" 1.0.0 may then:',
        '  mark moments of the broadcast (broadcast.marker)',
        '',
      ].join('\n'),
    );
  });

  it('is asked also where none of them wants anything', async () => {
    assert.deepEqual(
      await grantedToAll([request('a'), request('b')], { yes: false, enforcesScopes: true }, answering('y')),
      [[], []],
    );
    assert.equal(questions.length, 1);
  });

  it('is refused for all at once', async () => {
    await assert.rejects(grantedToAll(requests, { yes: false, enforcesScopes: true }, answering('')), {
      code: 'permission.denied',
      message: '"me.chat" 1.0.0 was not installed, nor what it needs',
    });
    await assert.rejects(grantedToAll(requests, { yes: false, enforcesScopes: true }, { stderr }), {
      code: 'permission.denied',
      remedy: 'Give --yes to install all of them with what they ask for.',
    });
  });

  it('is given by --yes, and of a plugin alone is asked as ever', async () => {
    assert.deepEqual(await grantedToAll(requests, { yes: true, enforcesScopes: true }, { stderr }), [
      ['network'],
      ['broadcast.marker'],
    ]);
    assert.deepEqual(
      await grantedToAll([request('p', 'network')], { yes: false, enforcesScopes: true }, answering('y')),
      [['network']],
    );
    assert.deepEqual(questions, ['Install it? [y/N] ']);
  });
});
