import { element } from './element.js';
import { formatBitrate, formatDelay, formatFrameSize, formatInterruptions, formatQuality } from './format.js';
import { FreezeMeter, RateMeter } from './meters.js';
import { PlayerControls } from './player-controls.js';
import { type PlayerState, StreamPlayer } from './stream-player.js';

const TEXTS: Readonly<
  Record<PlayerState, { readonly state: string; readonly title: string; readonly detail: string }>
> = {
  connecting: { state: 'Connecting', title: 'Connecting', detail: '' },
  waiting: {
    state: 'Waiting',
    title: 'Waiting for the stream',
    detail: 'It starts here automatically as soon as it is on air.',
  },
  live: { state: 'Live', title: '', detail: '' },
  stalled: { state: 'Stalled', title: '', detail: '' },
  paused: { state: 'Paused', title: '', detail: '' },
  ended: {
    state: 'Ended',
    title: 'The broadcast has ended',
    detail: 'If it starts again, it plays here automatically.',
  },
  unreachable: {
    state: 'Offline',
    title: 'The stream cannot be reached',
    detail: 'This page retries automatically.',
  },
  unsupported: {
    state: 'Not supported',
    title: 'This browser cannot play the stream',
    detail: 'It needs Media Source Extensions with H.264. The address below plays in VLC, mpv and ffplay.',
  },
};

const STATS_INTERVAL_MS = 500;

const video = element('video', HTMLVideoElement);
const lastFrame = element('last-frame', HTMLCanvasElement);
// With the token of the page's own link, if it has one.
const playUrl = new URL(`live/stream.flv${window.location.search}`, document.baseURI).href;

const player = new StreamPlayer(video, playUrl, showState, keepLastFrame);
new PlayerControls(player, video, element('stage', HTMLElement));

const freeze = new FreezeMeter();
const fps = new RateMeter(2000);
/** Not before playback has reached the live edge: until then the browser skips frames. */
let measuresFreezes = false;
let countsDrops = false;
/** The browser's counter starts again for each connection. */
let droppedOffset = 0;

function showState(state: PlayerState): void {
  document.documentElement.dataset['state'] = state;
  const { state: name, title, detail } = TEXTS[state];
  element('state', HTMLElement).textContent = name;
  if (title !== '') {
    element('notice-title', HTMLElement).textContent = title;
    element('notice-detail', HTMLElement).textContent = detail;
  }
  if (state === 'live') {
    measuresFreezes = true;
    if (!countsDrops) droppedOffset -= video.getVideoPlaybackQuality().droppedVideoFrames;
    countsDrops = true;
  }
  if (state === 'paused') {
    measuresFreezes = false;
    freeze.interrupt();
  }
  document.title = state === 'live' ? 'Bulkhead · Live' : `Bulkhead · ${name}`;
}

/** A new connection empties the video element; its last image is shown until the next first frame. */
function keepLastFrame(): void {
  if (countsDrops) droppedOffset += video.getVideoPlaybackQuality().droppedVideoFrames;
  countsDrops = false;
  if (video.videoWidth === 0) return;
  lastFrame.width = video.videoWidth;
  lastFrame.height = video.videoHeight;
  lastFrame.getContext('2d')?.drawImage(video, 0, 0);
}

function showStats(): void {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  fps.observe(performance.now(), totalVideoFrames);
  element('delay', HTMLElement).textContent = formatDelay(player.delaySeconds);
  element('quality', HTMLElement).textContent = formatQuality(video.videoWidth, video.videoHeight, fps.rate);
  element('interruptions', HTMLElement).textContent = formatInterruptions(freeze);
  element('frame-size', HTMLElement).textContent = formatFrameSize(video.videoWidth, video.videoHeight);
  element('bitrate', HTMLElement).textContent = formatBitrate(player.bitrateKbps);
  element('dropped', HTMLElement).textContent = String(
    droppedOffset + (countsDrops ? droppedVideoFrames : 0),
  );
}

function watchFrames(): void {
  if (!('requestVideoFrameCallback' in video)) return;
  const onFrame = (now: number): void => {
    if (measuresFreezes) freeze.frame(now);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  // A hidden page displays no frames.
  document.addEventListener('visibilitychange', () => freeze.interrupt());
}

function offerAddress(): void {
  const address = element('play-url', HTMLElement);
  const copy = element('copy', HTMLButtonElement);
  address.textContent = playUrl;
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(playUrl);
    } catch {
      window.getSelection()?.selectAllChildren(address);
      return;
    }
    copy.textContent = 'Copied';
    window.setTimeout(() => {
      copy.textContent = 'Copy';
    }, 1500);
  });
}

video.addEventListener('resize', () => {
  if (video.videoWidth === 0) return;
  document.documentElement.style.setProperty('--ratio', `${video.videoWidth} / ${video.videoHeight}`);
});
offerAddress();
watchFrames();
window.setInterval(showStats, STATS_INTERVAL_MS);
player.start();
