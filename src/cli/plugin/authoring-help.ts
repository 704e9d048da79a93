/** For commands that load the tools package. */
export const TOOLS_NEEDED = `
It needs the package @bulkhead/plugin-tools, which the devDependencies of a new plugin name.`;

/** Text of `bulkhead plugin COMMAND --help` below the options. */
export const authoringHelp: Readonly<Record<string, string>> = {
  new: `
NAME is the package's: lower case letters, digits, "-", "." and "_". DIR is the folder, made if need be; no file in it is
overwritten. What is made passes its own tests: npm install && npm test.

Examples:
  bulkhead plugin new hello-stream
  bulkhead plugin new @someone/hello-stream ./hello --publisher someone`,
  check: `${TOOLS_NEEDED}

None of the plugin's code runs. It exits with 64 when there is an error (✗); warnings (!) pass.

Examples:
  bulkhead plugin check
  bulkhead plugin check ./hello-stream --json | jq -r '.findings[] | "\\(.file): \\(.message)"'`,
  test: `${TOOLS_NEEDED}

Build the plugin before: what "main" names is loaded as it is. Tests are mocha's, and steer the plugin by
@bulkhead/extension-api/testing; those in TypeScript need no build. The plugin's calls into the API need its permissions,
as in production; its files and its network are not confined here.

It exits with 0 when all tests pass, 1 when some fail, 64 when there are none or the plugin cannot be loaded, 70 when the
tests crash, hang, or end their process.

With --inspect or --inspect-brk no test and no call has a deadline: they may stand at a breakpoint.

Examples:
  bulkhead plugin test
  bulkhead plugin test ./hello-stream --grep greets
  bulkhead plugin test --reporter junit --output results.xml
  bulkhead plugin test --coverage
  bulkhead plugin test --inspect-brk=9230 --grep greets`,
  pack: `${TOOLS_NEEDED}

First it runs the plugin's script "prepack", which builds it, as npm pack does; no other script. What goes in follows npm's
rules: "files" of package.json, or .npmignore. The same files give the same bytes. Nothing is packed while "bulkhead plugin
check" has an error, or the README is still the one that "plugin new" wrote.

Examples:
  bulkhead plugin pack
  bulkhead plugin pack ./hello-stream --out dist/`,
};
