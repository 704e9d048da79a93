import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { chooseWindow, findWindow } from '../../../../src/encoder/x11/find-window.js';
import { findCookie, parseDisplay } from '../../../../src/x11/x-connection.js';

describe('the name of an X display', () => {
  it('has a host, a number and a screen', () => {
    assert.deepEqual(parseDisplay(':0'), { host: '', number: 0, screen: 0 });
    assert.deepEqual(parseDisplay('unix:1.2'), { host: '', number: 1, screen: 2 });
    assert.deepEqual(parseDisplay('localhost:10.0'), { host: 'localhost', number: 10, screen: 0 });
    for (const name of ['', '0', ':', ':x', ':0.']) assert.equal(parseDisplay(name), undefined, name);
  });
});

describe('the proof of the right to an X display', () => {
  const entry = (host: string, number: string, name: string, data: string) =>
    Buffer.concat([
      Buffer.from([1, 0]),
      ...[host, number, name, data].flatMap((text) => [
        Buffer.from([0, text.length]),
        Buffer.from(text, 'latin1'),
      ]),
    ]);
  const MAGIC = 'MIT-MAGIC-COOKIE-1';

  it('is that of the display, of this host if there are several', () => {
    const file = Buffer.concat([
      entry('here', '0', MAGIC, 'other display'),
      entry('here', '1', 'XDM-AUTHORIZATION-1', 'other kind'),
      entry('there', '1', MAGIC, 'there'),
      entry('here', '1', MAGIC, 'here'),
    ]);
    assert.equal(findCookie(file, 1, 'here')?.toString(), 'here');
    assert.equal(findCookie(file, 1, 'elsewhere')?.toString(), 'there');
    assert.equal(findCookie(file, 2, 'here'), undefined);
    assert.equal(findCookie(entry('', '', MAGIC, 'any'), 7, 'here')?.toString(), 'any');
  });
});

describe('a window', () => {
  const choose = (...titles: string[]) =>
    chooseWindow(
      titles.map((title) => ({ title: title.replace('(hidden)', ''), isShown: !title.endsWith('(hidden)') })),
      'chat',
    )?.title;

  it('is the uppermost one with that in its title', () => {
    assert.equal(choose('Chat 1', 'CHAT 2', 'Game'), 'CHAT 2');
    assert.equal(choose('Game'), undefined);
  });

  it('is rather one whose title is just that', () => {
    assert.equal(choose('Chat', 'Chat 2'), 'Chat');
  });

  it('is rather one that is not minimized', () => {
    assert.equal(choose('Chat 1', 'Chat(hidden)'), 'Chat 1');
    assert.equal(choose('Chat 1(hidden)'), 'Chat 1');
  });
});

describe('an X server that cannot be used', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** @returns its display, by TCP */
  async function serve(answer: Buffer): Promise<string> {
    const listening = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(answer),
    );
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(listening.address() as AddressInfo).port - 6000}`;
  }

  for (const [what, answer] of Object.entries({
    'that refuses': Buffer.from([0, 0, 11, 0, 0, 0, 0, 0]),
    'that closes the connection': Buffer.alloc(0),
    'whose setup is cut off within itself': Buffer.from([1, 0, 11, 0, 0, 0, 1, 0, 0, 0, 0, 0]),
  })) {
    it(`is reported: one ${what}`, async () => {
      const display = await serve(answer);
      // A display's number has four digits at most.
      const rejected = assert.rejects(findWindow(display, 'chat'), {
        code: 'input.notFound',
        where: display,
      });
      await rejected;
    });
  }
});
