import { element } from './element.js';
import type { StreamPlayer } from './stream-player.js';

const HIDE_AFTER_MS = 2500;

/** Play, sound and full screen, by button and by key (Space or K, M, F). */
export class PlayerControls {
  private readonly playButton = element('toggle-play', HTMLButtonElement);
  private readonly muteButton = element('toggle-mute', HTMLButtonElement);
  private readonly volume = element('volume', HTMLInputElement);
  private hide: number | undefined;

  constructor(
    private readonly player: StreamPlayer,
    private readonly video: HTMLVideoElement,
    private readonly stage: HTMLElement,
  ) {
    const on = (id: string, action: () => void): void =>
      element(id, HTMLButtonElement).addEventListener('click', action);
    on('toggle-play', () => this.togglePlay());
    on('resume', () => this.togglePlay());
    on('toggle-mute', () => this.toggleMute());
    on('unmute', () => this.toggleMute());
    on('fullscreen', () => this.toggleFullScreen());
    this.volume.addEventListener('input', () => {
      video.volume = this.volume.valueAsNumber;
      video.muted = video.volume === 0;
    });
    video.addEventListener('volumechange', () => this.showVolume());
    video.addEventListener('dblclick', () => this.toggleFullScreen());
    document.addEventListener('keydown', (event) => this.onKey(event));
    for (const type of ['pointermove', 'pointerdown'] as const)
      stage.addEventListener(type, () => this.wake());
    element('fullscreen', HTMLButtonElement).hidden = !document.fullscreenEnabled;
    this.showVolume();
  }

  private togglePlay(): void {
    if (this.player.state === 'unsupported') return;
    if (this.player.state === 'paused') this.player.resume();
    else this.player.pause();
    this.playButton.ariaLabel = this.player.state === 'paused' ? 'Play' : 'Pause';
    this.wake();
  }

  private toggleMute(): void {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 1;
  }

  private toggleFullScreen(): void {
    // A browser may refuse; then nothing changes.
    if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {});
    else if (document.fullscreenEnabled) this.stage.requestFullscreen().catch(() => {});
  }

  private showVolume(): void {
    const { muted, volume } = this.video;
    document.documentElement.classList.toggle('muted', muted);
    this.muteButton.ariaLabel = muted ? 'Unmute' : 'Mute';
    this.volume.valueAsNumber = muted ? 0 : volume;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A focused control keeps its own keys.
    if (event.target instanceof HTMLInputElement) return;
    if (event.target instanceof HTMLButtonElement && event.key === ' ') return;
    const action = {
      ' ': () => this.togglePlay(),
      k: () => this.togglePlay(),
      m: () => this.toggleMute(),
      f: () => this.toggleFullScreen(),
    }[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  /** The controls are hidden when the pointer has not moved for a while. */
  private wake(): void {
    this.stage.classList.add('active');
    window.clearTimeout(this.hide);
    this.hide = window.setTimeout(() => this.stage.classList.remove('active'), HIDE_AFTER_MS);
  }
}
