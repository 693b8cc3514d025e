export function draw(list, results, onOpen) {
  list.innerHTML = "";
  for (const result of results) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/results/${encodeURIComponent(result.id)}`;
    link.textContent = result.title;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      onOpen(result.id);
    });
    item.append(link);
    list.append(item);
  }
}
