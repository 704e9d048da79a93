import type { ControlClient } from '../../src/control-client/control-client.js';

/** What a show is made of. */
export interface ShowMedia {
  /** The recording with marks, which is in every scene: its marks are at the top, and nothing covers them. */
  readonly one: string;
  readonly two: string;
  readonly guestUrl: string;
  readonly logo: string;
  readonly music: string;
  readonly display: string;
  readonly width: number;
  readonly height: number;
}

export const SCENES = ['talk', 'guest', 'screen', 'film', 'all'] as const;

/** The configuration but for what is encoded, and where it goes. */
export function showOf({ one, two, guestUrl, logo, music, display, width, height }: ShowMedia): object {
  const [third, half] = [Math.round(width / 3), Math.round(width / 2)];
  const base = { id: 'one', source: 'one' };
  const mark = { id: 'logo', source: 'logo', x: width - 140, y: height - 140, width: 120, height: 120 };
  const lower = { y: Math.round(height * 0.3), height: Math.round(height * 0.5), fit: 'cover' };
  const text = { id: 'name', type: 'text', x: 24, y: 12, size: 40, bold: true, text: 'Jane Doe' };
  return {
    sources: [
      { id: 'one', type: 'file', path: one },
      { id: 'two', type: 'file', path: two },
      { id: 'guest', type: 'url', url: guestUrl, fallback: 'logo' },
      { id: 'screen', type: 'screen', display },
      { id: 'logo', type: 'image', path: logo },
      { id: 'music', type: 'file', path: music },
      { id: 'words', type: 'text', text: '直播不中断 — nothing costs a frame', size: 44, outline: {} },
    ],
    scenes: [
      { id: 'talk', layers: [base, mark] },
      {
        id: 'guest',
        layers: [base, { id: 'guest', source: 'guest', x: half, width: third, ...lower, radius: 24 }],
      },
      {
        id: 'screen',
        layers: [base, { id: 'screen', source: 'screen', x: 40, width: half, ...lower, opacity: 0.9 }],
      },
      { id: 'film', layers: [base, { id: 'two', source: 'two', x: third, width: half, ...lower }, mark] },
      {
        id: 'all',
        layers: [
          base,
          { id: 'two', source: 'two', x: 40, width: third, ...lower, rotate: 180 },
          { id: 'guest', source: 'guest', x: half, width: third, ...lower },
          { id: 'words', source: 'words', x: 40, y: height - 90, width: width - 200, height: 70 },
        ],
      },
    ],
    // The beeps of the first recording are the loudest, by far.
    mixer: {
      sources: {
        one: { mode: 'always' },
        music: { mode: 'always', gainDb: -36 },
        two: { gainDb: -36 },
        guest: { gainDb: -36 },
      },
    },
    transition: { type: 'fade', durationMs: 400 },
    overlays: [
      {
        ...{ id: 'title', x: 40, y: height - 200, width: 560, height: 130, fadeMs: 300, visible: false },
        elements: [
          { id: 'box', type: 'box', colour: '#101020c0', radius: 16 },
          text,
          { id: 'role', type: 'text', x: 24, y: 68, size: 30, colour: '#ffcc00', text: '今日嘉宾：王芳' },
        ],
      },
      {
        ...{ id: 'ticker', x: 0, y: height - 34, width, height: 34 },
        elements: [
          { id: 'back', type: 'box', colour: '#000000' },
          { id: 'time', type: 'clock', x: 12, size: 22 },
          {
            id: 'news',
            type: 'text',
            x: 140,
            size: 22,
            scroll: 90,
            text: 'Nothing that dies costs a frame  •  没有什么会中断直播',
          },
        ],
      },
    ],
  };
}

type Change = (client: ControlClient) => Promise<unknown>;

const to = (id: (typeof SCENES)[number], type: 'cut' | 'fade'): Change => {
  return ({ scenes }) => scenes.switchTo({ id, transition: { type } });
};
const overlay = (id: string, change: Record<string, unknown>): Change => {
  return ({ overlays }) => overlays.set({ id, change });
};
const name = (text: string): Change => {
  return ({ overlays }) => overlays.setElement({ overlay: 'title', id: 'name', change: { text } });
};

/** What is done on air, in this order, again and again. */
export const CHANGES: readonly Change[] = [
  overlay('title', { visible: true }),
  to('guest', 'fade'),
  name('John Smith'),
  ({ scenes }) => scenes.setLayer({ scene: 'guest', id: 'guest', change: { x: 760, opacity: 0.9 } }),
  to('screen', 'cut'),
  ({ audio }) => audio.set({ id: 'music', change: { gainDb: -42 } }),
  overlay('title', {
    animation: {
      x: [
        { atMs: 0, value: -560 },
        { atMs: 600, value: 40, easing: 'ease-out' },
      ],
    },
  }),
  to('film', 'fade'),
  name('王芳'),
  ({ audio }) => audio.set({ id: 'two', change: { muted: true } }),
  to('all', 'cut'),
  ({ scenes }) => scenes.undo(),
  overlay('title', { visible: false }),
  ({ sources }) => sources.set({ id: 'words', change: { text: 'Gleich geht es weiter — 马上回来' } }),
  to('talk', 'fade'),
  ({ scenes }) => scenes.setLayer({ scene: 'talk', id: 'logo', change: { x: 60, width: 160, height: 160 } }),
  ({ scenes }) => scenes.preview({ id: 'film' }),
  ({ scenes }) => scenes.take({ transition: { type: 'cut' } }),
  ({ sources }) => sources.restart({ id: 'two' }),
  to('talk', 'cut'),
];
