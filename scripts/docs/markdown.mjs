/** A Markdown table; each row is a list of cells of Markdown text. */
export function table(header, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), `|${' --- |'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

function cell(text) {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

/** Text as code, or nothing. */
export function code(text) {
  return text === '' ? '' : `\`${text}\``;
}
