const TAGS = { bold: "strong", italic: "em" };

export function format(text) {
  return text.replace(/\[(bold|italic)\](.*?)\[\/\1\]/g, (_, kind, inner) => `<${TAGS[kind]}>${inner}</${TAGS[kind]}>`);
}

export function watch(input, preview) {
  let waiting = null;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      preview.innerHTML = format(input.value);
      preview.hidden = input.value === "";
    }, 150);
  });
}
