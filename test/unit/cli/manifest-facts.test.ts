import assert from 'node:assert/strict';
import { manifestFacts, manifestReport } from '../../../src/cli/plugin/manifest-facts.js';
import { writePlugin } from '../../support/plugins.js';
import { tempDir } from '../../support/temp.js';

describe('what plugin info says of a manifest', () => {
  it('has the events that the plugin fires, and the plugins that it needs and uses', () => {
    const folder = tempDir('facts');
    try {
      const path = writePlugin(folder.path, 'raids', {
        source: '',
        manifest: {
          contributes: {
            commands: [{ command: 'raids.report', title: 'Report a raid' }],
            events: [{ event: 'raids.raid', description: 'A raid.' }],
          },
          activationEvents: ['onEvent:chat.line'],
          permissions: ['events:chat.line'],
          extensionDependencies: ['chat'],
          optionalExtensionDependencies: ['me.titles', 'me.notes'],
        },
      });
      const facts = manifestFacts(path);
      assert.deepEqual(facts && manifestReport(facts).map(({ text }) => text), [
        '  command    raids.report  Report a raid',
        '  event      raids.raid    A raid.',
        '  activation onEvent:chat.line',
        '  needs      chat',
        '  uses       me.titles, me.notes, where they are there',
      ]);
    } finally {
      folder.dispose();
    }
  });
});
