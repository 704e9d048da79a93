/**
 * What can go wrong, as a name that scripts and tests may match on. A code is never renamed once released. `npm run docs`
 * writes the table in docs/errors.md from the comments: what the code means, and as `@remedy` what the user can do.
 */
export const ErrorCodes = {
  // Settings
  /**
   * A setting, an option or an argument is wrong.
   * @remedy Correct what the message names. It gives the file and line, or the option, and what would be
   * right.
   */
  configInvalid: 'config.invalid',
  /**
   * There is no configuration file of that name, or it cannot be read.
   * @remedy Correct the path, or give this user the right to read the file.
   */
  configNotFound: 'config.notFound',
  /**
   * The environment variable, file or entry of the keyring that a key or password refers to is missing or empty, the keyring cannot be used, or a key was to be typed in
   * and there was no terminal.
   * @remedy Set the variable where the core is started, put the secret alone on the first line of the file, or keep it with `bulkhead key set`.
   */
  secretNotFound: 'config.secretNotFound',
  // Encoder and ffmpeg
  /**
   * No ffmpeg was found, or the one that was named cannot be used.
   * @remedy Install ffmpeg, or correct `"ffmpeg"` in the configuration or `FFMPEG_BIN`; `bulkhead doctor`
   * lists where it looked.
   */
  ffmpegNotFound: 'ffmpeg.notFound',
  /**
   * ffmpeg does not start.
   * @remedy Install a complete ffmpeg; `bulkhead doctor` shows which one is used.
   */
  ffmpegFailedToStart: 'ffmpeg.failedToStart',
  /**
   * This ffmpeg lacks an option, a filter or a protocol that is needed.
   * @remedy Install a complete ffmpeg, or name one in the configuration or in `FFMPEG_BIN`.
   */
  ffmpegUnsupported: 'ffmpeg.unsupported',
  /**
   * The file, device or screen does not exist.
   * @remedy Correct its path or name, or connect it; `bulkhead doctor` lists the devices.
   */
  inputNotFound: 'input.notFound',
  /**
   * The device is in use by another program.
   * @remedy Close that program, or choose another device.
   */
  inputBusy: 'input.busy',
  /**
   * This user may not use the input.
   * @remedy Give the right to read it: the groups `video` and `audio` on Linux, the privacy settings on
   * macOS and Windows.
   */
  inputDenied: 'input.denied',
  /**
   * The input is damaged, is not media that ffmpeg can read, or has neither video nor sound.
   * @remedy Check that it plays elsewhere, or choose another.
   */
  inputInvalid: 'input.invalid',
  /**
   * A part of a file is damaged or missing, and is left out.
   * @remedy Check that the file plays elsewhere, or replace it.
   */
  inputDamaged: 'input.damaged',
  /**
   * A live input does not answer, was interrupted or has ended.
   * @remedy Start its source, or correct the address. It is retried without end.
   */
  inputUnreachable: 'input.unreachable',
  /**
   * The video encoder does not exist in this ffmpeg, does not work on this computer, or rejects its
   * settings.
   * @remedy Set `"video.encoder"` to `"libx264"`, or to one that `bulkhead doctor` lists as working.
   */
  encoderUnknown: 'encoder.unknown',
  /**
   * The encoder runs and delivers no media.
   * @remedy It is restarted. If this repeats, check the input and the load of the computer.
   */
  encoderSilent: 'encoder.silent',
  /**
   * The encoder delivers media faster than real time.
   * @remedy It is restarted. If this repeats, check that the input is live, or play it as a file.
   */
  encoderAhead: 'encoder.ahead',
  /**
   * The encoder cannot keep up with real time; viewers see stutter.
   * @remedy Close other programs, or set a smaller frame size, a lower `"video.fps"` or a faster
   * `"video.preset"`.
   */
  encoderSlow: 'encoder.slow',
  /**
   * ffmpeg ended unexpectedly.
   * @remedy It is replaced. If this repeats, the log has the last lines of ffmpeg.
   */
  encoderCrashed: 'encoder.crashed',
  /**
   * What an encoder or a publisher sends is not valid FLV, or holds media that cannot be passed on.
   * @remedy Set the publisher to H.264 and AAC. From the encoder, report it with the log.
   */
  mediaInvalid: 'media.invalid',
  // Recording
  /**
   * There is nothing that could be recorded now, or what was asked does not apply to the recording as it is.
   * @remedy `bulkhead record status` shows it; recording needs a broadcast on air.
   */
  recordingState: 'recording.state',
  /**
   * The disk of the recording is full, or nearly so. The file was ended and can be played.
   * @remedy Free space or set another `"recording.folder"`; then `bulkhead record start`.
   */
  recordingDiskFull: 'recording.diskFull',
  /**
   * The recording cannot be written: a folder without permission, a disk that was removed, one that does not keep up.
   * @remedy Check the folder and its disk; `bulkhead record repair` makes what was left playable.
   */
  recordingFailed: 'recording.failed',
  // Replays
  /**
   * No replay can be saved now: nothing is on air, the replay buffer is off, or nothing is in it yet.
   * @remedy `bulkhead replay status` shows it; `bulkhead replay start` turns it on.
   */
  replayState: 'replay.state',
  /**
   * A replay cannot be written: its disk is full or does not answer, its folder has no permission, or its recorder does not run.
   * @remedy Check the folder of `"replay"` and its disk, and save it again: it is still in the buffer.
   */
  replayFailed: 'replay.failed',
  // Publishing
  /**
   * The live server cannot be reached, does not answer, or does not speak the output's protocol.
   * @remedy Check the address, the port, the network and the firewall. Bulkhead keeps trying.
   */
  outputUnreachable: 'output.unreachable',
  /**
   * The live server refused or ended the stream and gave a reason.
   * @remedy Check the address and the stream key, and whether the account may stream now.
   */
  outputRefused: 'output.refused',
  /**
   * The live server does not say that it takes the video codec, or ffmpeg is too old to relay it.
   * @remedy Use H.264, or name the codec in the `"codecs"` of the output if the server does take it; relays need ffmpeg 6.1.
   */
  outputCodec: 'output.codec',
  /**
   * The live server says that the stream key is in use.
   * @remedy Stop the other program that streams with this key. A server may hold it for up to two and a
   * half minutes after a lost connection; Bulkhead keeps trying.
   */
  outputKeyInUse: 'output.keyInUse',
  /**
   * The live server wants a login, or refused the one it was given.
   * @remedy Set or correct `"username"` and `"password"` of the output.
   */
  outputAuthFailed: 'output.authFailed',
  /**
   * The live server closed the connection without a reason.
   * @remedy At the start the key is most often wrong, expired or in use. Later, Bulkhead reconnects; check
   * the server and the network if it happens often.
   */
  outputClosed: 'output.closed',
  /**
   * The server takes less than is sent; viewers of this output miss frames.
   * @remedy Set a lower `"video.bitrateKbps"`, or find what else uses the upload.
   */
  outputSlow: 'output.slow',
  /**
   * The server has taken no data for seconds.
   * @remedy Bulkhead reconnects. Check the network if it happens often.
   */
  outputStalled: 'output.stalled',
  /**
   * The TLS connection to an rtmps:// server cannot be trusted, or the server speaks no TLS that is
   * accepted.
   * @remedy Follow the message: check the host, the port and the date; for a server of your own, set
   * `"tlsCaFile"`.
   */
  outputTls: 'output.tls',
  /**
   * The delay of an output cannot be kept on disk: there is no room for it, the disk is full, or it fails.
   * @remedy Free some space, or name a folder on another disk as `"delayFolder"`.
   */
  outputDelay: 'output.delay',
  /**
   * The broadcast has no output with that id.
   * @remedy See the ids in `bulkhead output list`.
   */
  outputNotFound: 'output.notFound',
  /**
   * The broadcast has no scene with that id.
   * @remedy See the ids in `bulkhead scene list`.
   */
  sceneNotFound: 'scene.notFound',
  /**
   * The broadcast has no source with that id.
   * @remedy See the ids in `bulkhead source list`.
   */
  sourceNotFound: 'source.notFound',
  /**
   * The broadcast has no overlay with that id, or an overlay no element with that id.
   * @remedy See the ids in `bulkhead overlay list`.
   */
  overlayNotFound: 'overlay.notFound',
  // Processes and RPC
  /**
   * A process of Bulkhead ended or failed.
   * @remedy It is restarted. If this repeats, the log says why, and `bulkhead doctor` checks the
   * installation.
   */
  processFailed: 'process.failed',
  /**
   * A plugin crashed three times within five minutes and stays off until the next broadcast begins.
   * @remedy See the log of the plugin, update or remove it, or try again with `bulkhead plugin restart ID`.
   */
  processQuarantined: 'process.quarantined',
  /**
   * The parts of this installation have different versions.
   * @remedy Install Bulkhead again, and restart the core.
   */
  versionMismatch: 'process.versionMismatch',
  /**
   * The connection to the core, or to one of its processes, closed.
   * @remedy See whether the core still runs: `bulkhead status`.
   */
  rpcClosed: 'rpc.closed',
  /**
   * A process did not answer within its deadline.
   * @remedy Try again. A core or plugin that never answers is ended and restarted.
   */
  rpcTimeout: 'rpc.timeout',
  /**
   * The caller cancelled the call.
   * @remedy Nothing.
   */
  rpcCancelled: 'rpc.cancelled',
  /**
   * A message is larger or deeper than 256 KiB, 64 levels or 20,000 elements.
   * @remedy Send less, or send it in parts.
   */
  rpcTooLarge: 'rpc.tooLarge',
  /**
   * A value cannot be sent as JSON; the message names the place in it.
   * @remedy Send plain data: text, finite numbers, booleans, null, lists and plain objects, without cycles.
   */
  rpcUnencodable: 'rpc.unencodable',
  /**
   * Too many calls wait for an answer, or the core serves as many clients as it can.
   * @remedy Try again. End other commands that are attached to the core, or make fewer calls at once.
   */
  rpcBusy: 'rpc.busy',
  /**
   * The other side sent something that is not a message of this protocol.
   * @remedy At `--address`, another program listens there: end it, or give another address.
   */
  rpcFraming: 'rpc.framing',
  /**
   * A process sent more than the core reads of it, for ten seconds; its channel was closed.
   * @remedy Make fewer or smaller calls in the plugin or tool.
   */
  rpcFlooded: 'rpc.flooded',
  /**
   * A message has parameters that its schema does not allow.
   * @remedy In a plugin or tool, correct the call. Between processes of Bulkhead it is a bug: report it.
   */
  rpcInvalidParams: 'rpc.invalidParams',
  // Core and control
  /**
   * No core runs at the address.
   * @remedy Start one with `bulkhead core`, or give the right `--address`.
   */
  coreNotRunning: 'core.notRunning',
  /**
   * A core already runs at the address, or is starting or ending there.
   * @remedy Use it with `--mode attach`, end it with `bulkhead stop --core`, or give another `--address`.
   */
  coreAlreadyRunning: 'core.alreadyRunning',
  /**
   * The command does not fit the state of the broadcast: it is already on air, or not on air.
   * @remedy See `bulkhead status`; end the broadcast with `bulkhead stop`, or start one.
   */
  broadcastState: 'broadcast.state',
  /**
   * A port of the live server, of `--inspect`, or of an SRT listener is in use by another program.
   * @remedy End that program, or choose another port: in `"liveServer"`, by `--inspect=PORT`, or in the output's `"url"`.
   */
  portInUse: 'port.inUse',
  /**
   * A publisher was refused or disconnected: wrong key, second publisher, unsupported media, or too high a
   * bitrate.
   * @remedy Correct what the message names at the publisher or in `"ingests"`.
   */
  ingestRefused: 'ingest.refused',
  // Plugins
  /**
   * A plugin, its manifest or its package is wrong.
   * @remedy Correct what the message names; `bulkhead plugin check` finds it before others do.
   */
  pluginInvalid: 'plugin.invalid',
  /**
   * A plugin threw an error, crashed, hung, or broke a limit.
   * @remedy See the message and the log; update the plugin, or tell its author.
   */
  pluginFailed: 'plugin.failed',
  /**
   * No plugin with that id is installed.
   * @remedy See the ids in `bulkhead plugin list`.
   */
  pluginNotInstalled: 'plugin.notInstalled',
  /**
   * Another plugin depends on the one that is to be disabled or removed.
   * @remedy Disable or remove that one first, or give `--force`.
   */
  pluginNeeded: 'plugin.needed',
  /**
   * A plugin with this id was installed from another folder, archive or package before.
   * @remedy Give `--data keep` to let it have the stored data of the other one, secrets included, or
   * `--data fresh` to delete that.
   */
  pluginOtherSource: 'plugin.otherSource',
  /**
   * The package comes from another account, registry or repository than the installed version, or lacks the provenance that
   * that version had.
   * @remedy Ask the plugin's author. If the change is meant, give `--accept-changed-source`.
   */
  pluginChangedSource: 'plugin.changedSource',
  /**
   * There is no version of the plugin to roll back to.
   * @remedy Install the version that you want, as in `bulkhead plugin install NAME@1.0.0`.
   */
  pluginNoVersionBefore: 'plugin.noVersionBefore',
  /**
   * The registry of npm packages cannot be reached, refuses a request, or does not answer as one.
   * @remedy Check the network, and the registry that npm is set up for: `npm config get registry`.
   */
  registryFailed: 'registry.failed',
  /**
   * The command needs the package @bulkhead/plugin-tools, which was not found.
   * @remedy Run `npm install` in the folder of the plugin.
   */
  pluginToolsMissing: 'plugin.toolsMissing',
  /**
   * Another process manages the installed plugins.
   * @remedy Give the address of that core with `--address`, or wait for the other command to end.
   */
  libraryInUse: 'library.inUse',
  /**
   * The list of installed plugins cannot be read.
   * @remedy Correct the file that is named, or move it away and install the plugins again.
   */
  libraryDamaged: 'library.damaged',
  /**
   * No plugin has registered this command.
   * @remedy Check its spelling and that its plugin runs: `bulkhead plugin list`.
   */
  commandNotFound: 'command.notFound',
  /**
   * The command is already registered.
   * @remedy Rename one of the two commands.
   */
  commandExists: 'command.exists',
  /**
   * The command can be run under a condition only, `enablement` in its plugin's manifest, which does not hold now.
   * @remedy Wait until it does: `bulkhead keys context` lists what is the case now.
   */
  commandNotEnabled: 'command.notEnabled',
  /**
   * No command is run by this key, or none now.
   * @remedy See `bulkhead keys`.
   */
  keyNotBound: 'key.notBound',
  /**
   * There is no open question with this number.
   * @remedy See the open questions with `bulkhead answer`.
   */
  questionNotFound: 'question.notFound',
  /**
   * There is no running progress with this number.
   * @remedy See `bulkhead status`.
   */
  progressNotFound: 'progress.notFound',
  /**
   * A plugin lacks a permission, or this user or client may not use the core, its socket or its folder.
   * @remedy For a plugin, `bulkhead plugin allow ID PERMISSION`. Else run the command as the user who
   * started the core, or follow the message.
   */
  permissionDenied: 'permission.denied',
  /**
   * A plugin would store more than its quota.
   * @remedy Store less, or remove what is no longer needed.
   */
  storageQuota: 'storage.quota',
  /**
   * A file or folder of Bulkhead cannot be read or written.
   * @remedy Check the disk and the rights of the path that is named.
   */
  storageFailed: 'storage.failed',
  /**
   * Bulkhead does not run on this operating system.
   * @remedy Use Linux, or Linux in WSL 2 on Windows: [platforms.md](platforms.md).
   */
  platformUnsupported: 'platform.unsupported',
  /**
   * A bug in Bulkhead.
   * @remedy Report it with the lines that were printed and the log.
   */
  internal: 'internal',
} as const;

export type ErrorCode = (typeof ErrorCodes)[keyof typeof ErrorCodes];
