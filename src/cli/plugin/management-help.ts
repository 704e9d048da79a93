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
Plugins that it depends on and that are not installed are shown with what they want, and installed with it, or nothing is.
Where the registry says from which repository and commit a package was built, that is shown, and whether it could be verified.
Where a plugin of that id has come from elsewhere until now, another folder, .tgz or package, you are asked for that as well, and
whether this one gets what the other has stored, passwords and keys included; scripts give --data.

Examples:
  bulkhead plugin install ./my-plugin
  bulkhead plugin install my-plugin-1.2.0.tgz
  bulkhead plugin install @someone/bulkhead-chat@^1.0.0 --yes
  bulkhead plugin install @someone/bulkhead-chat --channel next      its pre-releases, at each update too`,
  update: `
With an ID, the plugin is fetched again from where it came from; with a folder, a .tgz or a name it is taken from there;
with neither, or with --all, all installed plugins are updated, each by itself: the exit code is that of the last failure. Of a
package, the newest version is taken that runs here, of the tag or range that it was installed as. You are asked only for what a new version wants beyond the old one.
A version that does not become active gives way to the one before, which runs again. A plugin that has not changed runs on.
A version is refused whose package comes from another registry or account, was built from another repository, or lacks the
provenance that the version before had: after asking its author, give --accept-changed-source.
A version that a rollback has left is installed again only with an ID.
You are asked before an older version takes the place of a newer one; scripts give --yes.
${WHERE}

Examples:
  bulkhead plugin update --all
  bulkhead plugin update someone.chat
  bulkhead plugin update someone.chat --channel latest
  bulkhead plugin update ./my-plugin-1.3.0.tgz`,
  rollback: `
The version before each update is kept, with what it was granted; what you have revoked since stays revoked. What the plugin has stored
goes back with it as far as the plugin's upgrade scripts have changed it. The version that is left is kept in its place: a second rollback
goes forward to it again, "bulkhead plugin update ID" too, and "update --all" only to a newer one.
${WHERE}

Example:
  bulkhead plugin rollback someone.chat`,
  outdated: `
Shows of the plugins from npm what is installed, what an update would install (the newest version that runs here, of the tag or range that
it was installed as), and the latest version; how that was built, and why an update would be refused.
${WHERE}

Example:
  bulkhead plugin outdated --json | jq -r '.[].id'`,
  search: `
Finds packages with the keyword "bulkhead-plugin" in the registry that your npm is set up for. Anyone can publish one.

Examples:
  bulkhead plugin search chat
  bulkhead plugin search now playing --json`,
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
