import { l10n } from '@bulkhead/extension-api';

/** A command of Bulkhead or of a plugin that is asked for in chat, and its arguments. */
export interface AskedCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Commands that some people may run from chat. */
export class OperatorCommands {
  private readonly commands = new Map<string, string>();
  private readonly operators: ReadonlySet<string>;

  /**
   * @param lines each `!name = command`
   * @param operators their names in chat
   */
  constructor(lines: readonly string[], operators: readonly string[]) {
    for (const line of lines) {
      const [, name, command] = /^\s*(![^\s=]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
      if (name === undefined || command === undefined)
        throw new Error(
          l10n.t(
            'commands: expected a name and a command, as in "!scene = scene-director.scene", got "{0}"',
            line,
          ),
        );
      this.commands.set(name.toLowerCase(), command);
    }
    this.operators = new Set(operators.map((name) => name.trim().toLowerCase()));
  }

  /** What a message asks for; undefined if it asks for nothing, or who wrote it may not. */
  askedBy(nick: string, text: string): AskedCommand | undefined {
    const [name = '', ...args] = text.trim().split(/\s+/);
    const command = this.commands.get(name.toLowerCase());
    return command !== undefined && this.operators.has(nick.toLowerCase()) ? { command, args } : undefined;
  }
}
