import { type Debugger, type Profiler, Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '../base/import-module.js';

/** Coverage of the plugin's code by its tests, as measured by V8. */
export class Coverage {
  private readonly session = new Session();
  private readonly scripts = new Map<string, Debugger.ScriptParsedEventDataType>();

  /**
   * @param folder The plugin's, links resolved.
   * @param spec The glob of its test files, which are not counted.
   */
  constructor(
    private readonly folder: string,
    private readonly spec: string,
  ) {}

  /** Measures code loaded from now on. */
  async start(): Promise<void> {
    const { session } = this;
    const folderUrl = `${pathToFileURL(this.folder).href}/`;
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => {
      if (params.url.startsWith(folderUrl)) this.scripts.set(params.scriptId, params);
    });
    await session.post('Debugger.enable');
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Prints the coverage of each file, and writes `coverage/lcov.info` in the plugin's folder. */
  async report(): Promise<void> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const notTests = { '**/test/**': false, [`**/${this.spec}`]: false, '**/**': true };
    const { CoverageReport } =
      await importModule<typeof import('monocart-coverage-reports')>('monocart-coverage-reports');
    const report = new CoverageReport({
      name: 'Coverage',
      baseDir: this.folder,
      outputDir: join(this.folder, 'coverage'),
      clean: false,
      logging: 'error',
      reports: [['text'], ['lcovonly', { file: 'lcov.info' }]],
      // Compiled TypeScript tests include the sources that they import, which count.
      entryFilter: { '**/node_modules/**': false, '**/*ts.cjs': true, ...notTests },
      sourceFilter: { '**/node_modules/**': false, ...notTests },
    });
    // A module that was loaded for several tests is several scripts, whose counts are added.
    for (const counted of result) {
      const script = this.scripts.get(counted.scriptId);
      if (script !== undefined) await report.add([await this.entry(counted, script)]);
    }
    await report.generate();
    this.session.disconnect();
  }

  private async entry(
    { functions }: Profiler.ScriptCoverage,
    { scriptId, url }: Debugger.ScriptParsedEventDataType,
  ) {
    const { scriptSource: source } = await this.session.post('Debugger.getScriptSource', { scriptId });
    return { url: url.replace(/\?.*$/, ''), source, functions };
  }
}
