import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { bold, joined, red, styled } from '../../../src/cli/terminal/styled.js';
import { assertPrintable, assertPrintableOnTerminal, HOSTILE } from '../../support/hostile-text.js';

describe('the printer', () => {
  let text: string;
  const write = (part: string) => {
    text += part;
  };
  const terminal = (env: NodeJS.ProcessEnv = {}) => new Printer({ write, isTTY: true, columns: 80 }, env);
  const file = () => new Printer({ write }, {});

  beforeEach(() => {
    text = '';
  });

  it('is 80 columns wide by default', () => {
    const width = (columns?: number) => new Printer({ write, isTTY: true, columns }, {}).width;
    assert.equal(width(120), 119);
    assert.equal(width(0), 79);
    assert.equal(width(), 79);
  });

  it('never writes characters that are not printable', () => {
    for (const printer of [terminal(), file()]) {
      text = '';
      printer.line(
        HOSTILE,
        styled`${HOSTILE} ${red(HOSTILE)} ${bold(red(HOSTILE))}`,
        red(styled`a ${HOSTILE}`),
      );
      printer.json({ [HOSTILE]: [HOSTILE] });
      printer.json(HOSTILE, 2);
      printer.piece(HOSTILE);
      printer.update(styled`${HOSTILE}`);
      printer.line('above');
      printer.update(joined([HOSTILE, red(HOSTILE)], HOSTILE).cut(40));
      printer.finish();
      assertPrintableOnTerminal(text, 'output');
    }
  });

  it('writes escape sequences only to a terminal', () => {
    file().line(red('a'), styled`${bold('b')} c`);
    terminal({ NO_COLOR: '1' }).line(red('a'));
    terminal({ TERM: 'dumb' }).line(red('a'));
    assert.equal(text, 'a\nb c\na\na\n');
  });

  it('keeps a value on its line, so that it cannot imitate other lines', () => {
    file().line(styled`✗ ${'plugin\n✓ all is well'}`);
    assert.equal(text, '✗ plugin ✓ all is well\n');
  });

  it("keeps another program's colours on a terminal, and nothing else", () => {
    terminal().piece('\x1b[32mok\x1b[0m \x1b[2Jb\x1b[5');
    assert.equal(text, '\x1b[32mok\x1b[0m b5');
    text = '';
    file().piece('\x1b[32mok\x1b[0m\n');
    assert.equal(text, 'ok\n');
  });

  it('prints above the status line', () => {
    const printer = terminal();
    printer.update(styled`one`);
    printer.update(styled`one`);
    printer.line('note');
    printer.update(styled`two`);
    printer.finish();
    printer.line('end');
    assert.equal(text, '\r\x1b[Kone\r\x1b[Knote\none\r\x1b[Ktwo\nend\n');
  });

  it('cuts styled text, with its styles, to any width', () => {
    terminal().line(styled`${red('abc')}def`.cut(5));
    assert.equal(text, '\x1b[31mabc\x1b[39md…\n');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(30), (a, b, width) => {
        const styledText = styled`${red(a)}${b}`.cut(width);
        assert.ok(styledText.width <= Math.max(1, width));
      }),
    );
    const unit = fc.constantFrom('a', '漢', '한', '👩\u200d💻', 'e\u0301', '🇩🇪');
    fc.assert(
      fc.property(fc.array(unit), fc.integer({ min: 1, max: 30 }), (characters, width) => {
        const cut = styled`${characters.join('')}`.cut(width);
        assert.ok(cut.width <= width, cut.text);
        assert.ok(characters.join('').startsWith(cut.text.replace(/…$/, '')), cut.text);
      }),
    );
    assert.equal(styled`漢字漢字`.cut(6).text, '漢字…');
  });

  it('escapes in JSON without loss', () => {
    file().json({ name: HOSTILE });
    assertPrintable(text, 'JSON');
    assert.deepEqual(JSON.parse(text), { name: HOSTILE });
  });
});
