/** X11's numbers of what keys mean (keysymdef.h), by the names of `src/keys/keystroke.ts`; others have those of their characters. */
const KEYSYMS: Readonly<Record<string, number>> = {
  ...{
    backspace: 0xff08,
    tab: 0xff09,
    enter: 0xff0d,
    pausebreak: 0xff13,
    scrolllock: 0xff14,
    escape: 0xff1b,
  },
  ...{
    home: 0xff50,
    left: 0xff51,
    up: 0xff52,
    right: 0xff53,
    down: 0xff54,
    pageup: 0xff55,
    pagedown: 0xff56,
  },
  ...{ end: 0xff57, printscreen: 0xff61, insert: 0xff63, numlock: 0xff7f, capslock: 0xffe5, delete: 0xffff },
  ...{ numpad_multiply: 0xffaa, numpad_add: 0xffab, numpad_subtract: 0xffad, numpad_decimal: 0xffae },
  ...{ numpad_divide: 0xffaf, space: 0x20 },
};
const F1 = 0xffbe;
const NUMPAD_0 = 0xffb0;

export function keysymOf(name: string): number | undefined {
  const [, numbered, digits] = /^(f|numpad)(\d+)$/.exec(name) ?? [];
  if (numbered === 'f') return F1 + Number(digits) - 1;
  if (numbered === 'numpad') return NUMPAD_0 + Number(digits);
  if (name.length === 1) return name.charCodeAt(0);
  return Object.hasOwn(KEYSYMS, name) ? KEYSYMS[name] : undefined;
}
