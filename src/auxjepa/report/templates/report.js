// Sorting: each heading of a sortable table becomes a button; bodies (variants, controls) are sorted apart.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, i) => {
    const cell = row.cells[i];
    const text = cell.dataset.value ?? cell.textContent.trim().replace("\u2212", "-").replaceAll(",", "");
    const number = parseFloat(text.replace(/^[<>]\s*/, ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies) {
        const rows = [...body.rows].sort((a, b) => {
          const x = value(a, i), y = value(b, i);
          // Numbers before words, whichever way the column is sorted.
          if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
          return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
        });
        body.append(...rows);
      }
    });
  });
}
// A printed page has nothing to unfold.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => (d.open = true)));
