const WHERE = `
With a core at --address this happens there, on air too; without one, to what is installed on this machine.`;

/** Text of `bulkhead plugin COMMAND --help` below the options. */
export const managementHelp: Readonly<Record<string, string>> = {
  list: `${WHERE}

The last line says what keeps plugins from the rest of this machine, and what does not.

Example:
  bulkhead plugin list --json | jq -r '.plugins[] | select(.state == "failed") | .id'`,
  install: `
SPEC is a folder or a .tgz, written as a path, or the name of a package, which your npm gets from the registry that it
is set up for. None of the package's scripts run. It must hold all that it depends on.
${WHERE}

It exits with an error when a core runs and the plugin does not become active there; it stays installed.
You are asked for what the plugin wants to be allowed; scripts give --yes. "bulkhead plugin revoke" takes it back.
Where a plugin of that id has come from elsewhere until now, another folder, .tgz or package, you are asked for that as well, and
whether this one gets what the other has stored, passwords and keys included; scripts give --data.

Examples:
  bulkhead plugin install ./my-plugin
  bulkhead plugin install my-plugin-1.2.0.tgz
  bulkhead plugin install @someone/bulkhead-chat@^1.0.0 --yes`,
  update: `
With an ID, the plugin is fetched again from where it came from; with a folder, a .tgz or a name it is taken from there;
with neither, all installed plugins are updated. You are asked only for what a new version wants beyond the old one.
A version that does not become active gives way to the one before, which runs again. A plugin that has not changed runs on.
You are asked before an older version takes the place of a newer one; scripts give --yes.
${WHERE}

Examples:
  bulkhead plugin update
  bulkhead plugin update someone.chat
  bulkhead plugin update ./my-plugin-1.3.0.tgz`,
  remove: `${WHERE}

Examples:
  bulkhead plugin remove someone.chat
  bulkhead plugin remove someone.chat --purge    its state, files and secrets go too`,
  enable: WHERE,
  disable: WHERE,
  allow: `${WHERE}

Example:
  bulkhead plugin allow someone.chat network`,
  revoke: `${WHERE}

The plugin's next attempt fails with the error "permission.denied". Where the right is one of its process, such as
"network", the process is started again without it.

Example:
  bulkhead plugin revoke someone.chat network`,
};
