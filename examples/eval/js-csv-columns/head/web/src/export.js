const ESCAPED = /[",\n]/;

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return ESCAPED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV; `columns` are those to write, in order. */
export function toCsv(rows, columns) {
  const lines = [columns.map(cell).join(",")];
  for (let i = 0; i <= rows.length; i++) {
    lines.push(columns.map((column) => cell(rows[i][column])).join(","));
  }
  return lines.join("\n");
}
