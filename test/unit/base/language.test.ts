import assert from 'node:assert/strict';
import { languageOf, languagesFor, normalizeLanguage } from '../../../src/base/language.js';

describe('a language', () => {
  it('has one name, however a system writes it', () => {
    for (const name of ['zh_CN.UTF-8', 'zh-CN', 'ZH_cn@pinyin', 'zh-cn'])
      assert.equal(normalizeLanguage(name), 'zh-cn');
    for (const name of ['C', 'POSIX', 'C.UTF-8', '', '../..', 'zh/cn', 'e'])
      assert.equal(normalizeLanguage(name), undefined);
  });

  it('is that of the environment, by the order of POSIX', () => {
    assert.equal(languageOf({ LC_ALL: 'de_AT', LC_MESSAGES: 'fr', LANG: 'zh_CN' }), 'de-at');
    assert.equal(languageOf({ LC_ALL: '', LC_MESSAGES: 'fr_FR.UTF-8', LANG: 'zh_CN' }), 'fr-fr');
    assert.equal(languageOf({ LANG: 'zh_CN.UTF-8' }), 'zh-cn');
    assert.equal(languageOf({ LANG: 'C.UTF-8' }), 'en');
  });

  it('is looked for under its own name first', () => {
    assert.deepEqual(languagesFor('de-at'), ['de-at', 'de']);
    assert.deepEqual(languagesFor('zh-cn'), ['zh-cn', 'zh']);
    assert.deepEqual(languagesFor('zh'), ['zh', 'zh-cn']);
    assert.deepEqual(languagesFor('zh-hans-sg'), ['zh-hans-sg', 'zh-hans', 'zh-cn', 'zh']);
    assert.deepEqual(languagesFor('zh-hk'), ['zh-hk', 'zh-tw', 'zh']);
  });
});
