import { mkdir } from "node:fs/promises";
import path from "node:path";
import { resize } from "./resize.js";

const AT_ONCE = 4;

export async function thumbs(files, folder) {
  await mkdir(folder, { recursive: true });
  const waiting = [...files];
  const made = [];
  async function work() {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const target = path.join(folder, `${path.parse(file).name}.webp`);
      await resize(file, target, { width: 320 });
      made.push(target);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return made.sort();
}
