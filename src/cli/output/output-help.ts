const SECRETS = `
A command line can be read by other users, so it never holds a key. env:NAME is read in the environment of this command, and the
core keeps the value for its user alone; file:PATH counts from this folder and is read by the core, again at each start.`;

const KEPT = `
The change is kept for this configuration and restored when it is started again, also after a crash of the core, until
"bulkhead output reset" or an edit of that output in the file. Without a configuration file it lasts until the broadcast ends.`;

/** What `bulkhead output COMMAND --help` says below the options. */
export const outputHelp: Readonly<Record<string, string>> = {
  list: `
Example:
  bulkhead output list --json | jq -r '.outputs[] | select(.state != "live") | .id'`,
  add: `${SECRETS}
${KEPT}

Examples:
  bulkhead output add main --platform twitch --key env:TWITCH_KEY
  bulkhead output add kick rtmps://live.example.org/app --key env:KICK_KEY
  bulkhead output add kick rtmps://live.example.org/app --key-stdin --save < kick.key
  bulkhead output add studio srt://studio.example.org:9000 --key env:STREAM_ID --passphrase env:SRT_PASSPHRASE
  bulkhead output add web hls:/var/www/live
  bulkhead output add room whip+https://live.example.org/whip/room --key env:WHIP_TOKEN`,
  set: `${SECRETS}
${KEPT}

Examples:
  bulkhead output set kick --url rtmps://other.example.org/app
  bulkhead output set kick --key file:new.key --no-username --no-password`,
  test: `
Connects to each server of the configuration, and publishes nothing; whether the key is right is not known then. What the upload carries is
measured by a grey image with silence, of all outputs at the same time, as on air: on Twitch in its test mode, which nobody sees, and elsewhere
only with --publish, since viewers may see it, or be told that you are live. Exit code 69 says that a server was not reached, or that
the upload does not carry the configured bitrate.

Examples:
  bulkhead output test --config show.jsonc
  bulkhead output test youtube --config show.jsonc --publish --seconds 20`,
  remove: KEPT,
  stop: `
The stream is ended at the server. With no output left, the broadcast stays on air, in the state "paused".
${KEPT}`,
  start: KEPT,
  reset: `
With the broadcast on air, added outputs end, and those of the configuration start where they differ from it. With CONFIG
and no broadcast of it on air, the next start of it is as it is written.

Examples:
  bulkhead output reset
  bulkhead output reset show.jsonc`,
};
