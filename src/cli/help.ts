const EXIT_CODES = `
Exit codes:
  0    done; the broadcast was ended, or its input came to its end
  1    a bug in Bulkhead
  64   the command line, the configuration or the address is wrong
  69   the broadcast could not go, or stay, on air; no core runs; or a plugin is not active
  76   the parts of this installation are of different versions
  130  ended at once, by Ctrl-C pressed twice`;

const INPUTS_AND_KEYS = `
Configuration:
  CONFIG is JSON with comments; schemas/bulkhead.schema.json describes it. Flags take the place of what it says.
  Stream keys are best kept out of it and out of the shell's history: "key": "env:NAME", "key": "file:PATH",
  "key": "keyring:NAME" (see "bulkhead key --help"), or "key": "ask", which has it typed in at the start.`;

/** Text of `bulkhead --help` below the commands. */
export const programHelp = `
Examples:
  bulkhead live                                  a test pattern, and a page to watch it on
  bulkhead live show.jsonc                       what the configuration says
  bulkhead live --input talk.mp4 --once --output rtmp://live.example.org/app/KEY
  bulkhead doctor                                is everything there that a broadcast needs?

"bulkhead COMMAND --help" says more about each. BULKHEAD_ADDRESS in the environment names the control socket for all of them.
${EXIT_CODES}`;

/** Text of `bulkhead COMMAND --help` below the options. */
export const commandHelp: Readonly<Record<string, string>> = {
  live: `
Modes:
  spawn    starts a core as a child of this command, and starts it again if it dies (default)
  attach   uses the core that runs at --address; Ctrl-C leaves the broadcast running, "bulkhead stop" ends it
  hybrid   as spawn, but only the part that --isolate names is a process; the other runs inside the core
${INPUTS_AND_KEYS}

Examples:
  bulkhead live
  bulkhead live --input talk.mp4 --once          the broadcast ends with the file; without --once it starts again
  bulkhead live --input screen --output rtmps://live.example.org/app/KEY
  bulkhead live show.jsonc --plugins ./plugins
  bulkhead live show.jsonc --mode attach --address /run/user/1000/bulkhead/core.sock

Ctrl-C ends the broadcast in order; pressed twice, at once. So does the end of the terminal, unless it was started with
nohup or with no terminal at all.
${EXIT_CODES}`,
  core: `
The core serves its control socket and streams on while commands come and go. Ctrl-C, SIGTERM or
"bulkhead stop --core" end it; started with nohup, it outlives its terminal. In a configuration's "env:NAME" it reads its own environment.

Example, in two terminals:
  bulkhead core
  bulkhead start show.jsonc`,
  start: `${INPUTS_AND_KEYS}

It returns as soon as the broadcast has been set up; "bulkhead status" shows when it is live.

Examples:
  bulkhead start show.jsonc
  bulkhead start --input camera:/dev/video0 --output rtmp://live.example.org/app/KEY
${EXIT_CODES}`,
  stop: `
Examples:
  bulkhead stop          the broadcast ends, the core waits for the next
  bulkhead stop --core   both end
${EXIT_CODES}`,
  run: `
An argument that is JSON is passed as such: 3, true, '{"a": 1}', '"3"'; any other is text. A whole number that is too large
to be exact, such as an id of 18 digits, is passed as text; within JSON it is refused, so write it in quotes there.

Examples:
  bulkhead run                                    all commands, by plugin
  bulkhead run bulkhead.addMarker "the goal"
  bulkhead run chat-commands.say "Hello, all!"
  bulkhead run --json | jq -r '.[].command'
${EXIT_CODES}`,
  answer: `
Examples:
  bulkhead answer              what plugins ask, with the numbers of the answers
  bulkhead answer 3 1          the first answer to question 3; "bulkhead answer 3 Yes" says the same
  bulkhead answer 3 --dismiss  no answer
${EXIT_CODES}`,
  status: `
Examples:
  bulkhead status
  bulkhead status --json | jq -r .state    idle, starting, live, paused, reconnecting or stopping
${EXIT_CODES}`,
  metrics: `
Served, they are those of the core that is at the address when they are read: bulkhead_up is 0 while there is none. A core
that is restarted needs nothing.

Examples:
  bulkhead metrics                 once, such as for the text files of Prometheus' node exporter
  bulkhead metrics --port 9465     at http://127.0.0.1:9465/metrics
${EXIT_CODES}`,
  doctor: `
With a CONFIG or flags, it checks these too: files, plugin folders, the ffmpeg and the ports that they name.
It exits with 69 when a broadcast cannot go live. One output that answers is enough, as it is for "bulkhead live".

Examples:
  bulkhead doctor
  bulkhead doctor show.jsonc --json`,
};
