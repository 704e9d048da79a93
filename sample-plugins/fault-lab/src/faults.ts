/** The faults by command name. Some of them never return. */
export const faults: Readonly<Record<string, (seconds?: number) => unknown>> = {
  crash() {
    setTimeout(() => {
      throw new Error('fault-lab threw where nobody catches');
    }, 0);
    return 'It throws in a moment.';
  },

  reject() {
    void Promise.reject(new Error('fault-lab rejected a promise that nobody handles'));
    return 'It has rejected a promise.';
  },

  throw() {
    throw new Error('fault-lab threw inside a command');
  },

  exit() {
    process.exit(3);
  },

  spin() {
    for (;;);
  },

  silence() {
    return new Promise(() => {});
  },

  ignoreEnd() {
    process.on('SIGTERM', () => {});
    for (;;);
  },

  leak() {
    const kept: unknown[] = [];
    // All strings are different, since V8 could share equal ones.
    for (let i = 0; ; i++) kept.push(`${i}`.repeat(1000).split(''));
  },

  hoard() {
    const kept: Buffer[] = [];
    const more = () => {
      for (let i = 0; i < 8; i++) kept.push(Buffer.alloc(1024 * 1024, 1));
      setTimeout(more, 10);
    };
    more();
    return 'It takes 800 MB a second, until it is stopped.';
  },

  uncloneable() {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    return circle;
  },

  huge() {
    return 'x'.repeat(64 * 1024 * 1024);
  },
};
