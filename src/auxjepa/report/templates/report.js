// Sorting: each heading of a sortable table becomes a button. Bodies (variants, controls) are sorted separately.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, i) => {
    const cell = row.cells[i];
    const text = cell.dataset.value ?? cell.textContent.trim().replaceAll("\u2212", "-").replace(/,(?=\d{3})/g, "");
    const number = parseFloat(text.replace(/^[\[<>\s]+/, "")) * (/^[\d.]+ M$/.test(text) ? 1e6 : 1);
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
          // Numbers come before words in both directions.
          if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
          return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
        });
        body.append(...rows);
      }
    });
  });
}
// Filters: the choice is part of the address (#claims?q=order&verdict=refuted), so a view can be linked to.
for (const form of document.querySelectorAll("form.filters")) {
  const section = form.closest("section").id;
  const body = document.getElementById(`table-of-${form.dataset.for}`).tBodies[0];
  const fields = [...form.elements].filter((field) => field.name);
  const apply = () => {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word)) && fields.every((field) =>
        !field.dataset.column || !field.value || row.cells[field.dataset.column].textContent.trim() === field.value);
      row.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = `${shown} of ${body.rows.length}`;
  };
  const read = () => {
    const [place, query] = location.hash.slice(1).split("?");
    let row = null;
    try { row = document.getElementById(decodeURIComponent(place)); } catch { /* not a valid address */ }
    if (row?.hidden && body.contains(row)) {  // a link to a row overrides the filter that hides it
      form.reset();
      apply();
      row.scrollIntoView();
    }
    if (place !== section || query === undefined) return;
    const values = new URLSearchParams(query);
    for (const field of fields) field.value = values.get(field.name) ?? "";
    apply();
    document.getElementById(section).scrollIntoView();
  };
  form.addEventListener("input", () => {
    const values = new URLSearchParams(fields.filter((f) => f.value).map((f) => [f.name, f.value]));
    history.replaceState(null, "", `#${section}${values.size ? `?${values}` : ""}`);
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  form.hidden = false;
  apply();
  read();
}
// A reader of a printed page cannot unfold anything.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => (d.open = true)));
