import assert from 'node:assert/strict';
import type { Configuration } from '@bulkhead/extension-api';

interface Settings {
  greeting: string;
  mood?: 'good' | 'bad';
  words: readonly string[];
  rules?: readonly Rule[];
}

interface Rule {
  when: string;
}

describe('the types of a configuration', () => {
  const values: Record<string, unknown> = { greeting: 'Hi', words: ['a'] };
  const configuration = {
    typed: () => ({ get: (key: string) => values[key] }),
  } as unknown as Configuration;

  it("are those of the plugin's settings", () => {
    const settings = configuration.typed<Settings>();
    const greeting: string = settings.get('greeting');
    const mood: 'good' | 'bad' | undefined = settings.get('mood');
    assert.deepEqual([greeting, mood, settings.get('words')[0]], ['Hi', undefined, 'a']);
    // @ts-expect-error there is no such setting
    settings.get('greetings');
    assert.throws(() => {
      // @ts-expect-error it is a list of texts
      settings.get('words').toUpperCase();
    });
    const rules: readonly Rule[] | undefined = settings.get('rules');
    assert.equal(rules, undefined);
    // @ts-expect-error no setting is a symbol
    configuration.typed<{ symbol: symbol }>();
  });
});
