import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTools, TOOLS_PACKAGE, withOwnErrors } from '../../../../src/cli/plugin/author-tools.js';
import { exitCodeOf } from '../../../../src/cli/report-failure.js';
import {
  BulkheadError,
  type ErrorCode,
  ErrorCodes,
  type ErrorData,
} from '../../../../src/protocol/errors.js';
import { ExitCodes } from '../../../../src/protocol/exit-codes.js';
import { version } from '../../../../src/version.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe("an author's tools", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('tools');
  });

  afterEach(() => folder.dispose());

  /** A folder with its own tools, as installed by npm; returns a module in it. */
  const installed = (name: string, manifest: string, source = '') => {
    const path = join(folder.path, name, 'node_modules', TOOLS_PACKAGE);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'package.json'), manifest);
    writeFileSync(join(path, 'index.js'), source);
    return join(folder.path, name, 'package.json');
  };
  const ofVersion = (found: string) => JSON.stringify({ name: TOOLS_PACKAGE, version: found });
  const named = (name: string, source: string) =>
    installed(name, ofVersion(version), `exports.tools = ${JSON.stringify(source)};`);
  const plugin = (packageJson: string) => writeFileSync(join(folder.path, 'package.json'), packageJson);
  const find = (...importers: string[]) => findTools(folder.path, importers);
  const fails = (code: ErrorCode, sentence: string, work: () => unknown) =>
    assert.throws(work, (error: BulkheadError) => {
      assert.deepEqual([error.code, error.sentence], [code, sentence]);
      return true;
    });

  it('are those next to the program before those of the plugin', () => {
    const beside = named('beside', 'first');
    const own = named('own', 'second');
    const none = join(folder.path, 'none', 'package.json');
    assert.equal(find(beside, own).load(), 'first');
    assert.equal(find(none, own).load(), 'second');
  });

  it("are the plugin's if those next to the program have another version, or are damaged", () => {
    const own = named('own', 'same');
    for (const manifest of [ofVersion('9.9.9'), 'no JSON']) {
      assert.equal(find(installed('beside', manifest), own).load(), 'same');
    }
  });

  it('are reported as missing with the command that installs them', () => {
    const none = join(folder.path, 'none', 'package.json');
    const sentence = (command: string) =>
      `this command needs the package ${TOOLS_PACKAGE}, which is not installed. Run in ${folder.path}: ${command}`;
    const add = sentence(`npm install --save-dev ${TOOLS_PACKAGE}@${version}`);
    fails(ErrorCodes.pluginToolsMissing, add, () => find(none));
    for (const packageJson of ['{}', '[]', '{ "devDependencies": null }']) {
      plugin(packageJson);
      fails(ErrorCodes.pluginToolsMissing, add, () => find(none));
    }
    plugin(JSON.stringify({ devDependencies: { [TOOLS_PACKAGE]: '^0.1.0' } }));
    fails(ErrorCodes.pluginToolsMissing, sentence('npm install'), () => find(none));
    assert.equal(exitCodeOf(ErrorCodes.pluginToolsMissing), ExitCodes.badSettings);
  });

  it("must have the program's version", () => {
    fails(
      ErrorCodes.versionMismatch,
      `${TOOLS_PACKAGE} is 9.9.9, and bulkhead ${version}; expected the same version. ` +
        `Run in ${folder.path}: npm install --save-dev ${TOOLS_PACKAGE}@${version}`,
      () => find(installed('own', ofVersion('9.9.9'))),
    );
  });

  it('are reported as incomplete on one line if one of their packages is missing', () => {
    const own = installed('own', ofVersion(version), "require('none-of-this-name');");
    fails(
      ErrorCodes.pluginToolsMissing,
      `this command needs the package ${TOOLS_PACKAGE}, which cannot be loaded: ` +
        `Cannot find module 'none-of-this-name'. Run in ${folder.path}: npm install --save-dev ${TOOLS_PACKAGE}@${version}`,
      () => find(own).load(),
    );
  });

  it("throw errors of the program's own class", async () => {
    class TheirError extends Error {
      readonly data: ErrorData = {
        code: ErrorCodes.pluginInvalid,
        message: 'wrong',
        where: 'x',
        remedy: 'Fix it.',
      };
    }
    const tools = {
      errorData: (error: unknown) => (error instanceof TheirError ? error.data : undefined),
    };
    const thrown = (error: Error) =>
      withOwnErrors(tools, () => Promise.reject(error)).catch((caught: unknown) => caught);
    const theirs = await thrown(new TheirError());
    assert(theirs instanceof BulkheadError);
    assert.deepEqual(theirs.toData(), new TheirError().data);
    for (const error of [new TypeError('a defect'), new BulkheadError(ErrorCodes.portInUse, 'ours')]) {
      assert.equal(await thrown(error), error);
    }
    assert.equal(await withOwnErrors(tools, async (given) => given === tools), true);
  });
});
