import Table from 'cli-table3';
import colors from 'picocolors';

/** Rows of text under a heading, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (column: number) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.]/.test(row[column] ?? ''));
  const drawn = new Table({
    head: head.map((title) => colors.bold(title)),
    colAligns: head.map((_, column) => (isNumber(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}
