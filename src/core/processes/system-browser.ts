import { spawn } from 'node:child_process';
import { desktopEnvironment } from './part-environment.js';

/** A program that opens an address fails within this time, if it fails, ms. */
const FAILS_WITHIN_MS = 2000;

/**
 * Opens addresses in the browser of the desktop that the core runs on. As for many programs, the variable `BROWSER` names another program,
 * and `none` is for no browser at all.
 */
export class SystemBrowser {
  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  get isAvailable(): boolean {
    return this.command() !== undefined;
  }

  /** @param url as `URL` writes it: nothing in it is an option, or has a meaning for a shell, of which there is none */
  async open(url: string): Promise<boolean> {
    const command = this.command();
    if (command === undefined) return false;
    const [program, ...args] = command;
    return new Promise((resolve) => {
      const late = setTimeout(resolve, FAILS_WITHIN_MS, true);
      const end = (opened: boolean) => {
        clearTimeout(late);
        resolve(opened);
      };
      // It outlives the core, as the browser that it may start does.
      const child = spawn(program, [...args, url], {
        detached: true,
        stdio: 'ignore',
        env: desktopEnvironment(this.env),
      });
      child.on('error', () => end(false));
      child.on('exit', (code) => end(code === 0));
      child.unref();
    });
  }

  private command(): readonly [string, ...string[]] | undefined {
    const { BROWSER: named = '', DISPLAY: x = '', WAYLAND_DISPLAY: wayland = '' } = this.env;
    if (named === 'none') return undefined;
    if (named !== '') return [named];
    if (this.platform === 'darwin') return ['open'];
    if (this.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
    return x === '' && wayland === '' ? undefined : ['xdg-open'];
  }
}
