const part = (name) => document.querySelector(`[data-part="${name}"]`), place = part("pair"), results = [];
for (const [a, b] of [["x & y", "gaps"], ['a "name"', "z"], ["<\/script>", 'a "name"']]) for (const form of ["points", "cells"]) {
  ["first", "second"].forEach((name, j) => { part(name).value = [...part(name).options].find((option) => option.text === [a, b][j]).value; });
  part("form").value = form; part("form").onchange();
  const count = (panel) => form === "points" ? (panel.querySelector(".dots")?.getAttribute("d").match(/M/g) || []).length : panel.querySelectorAll("rect").length;
  results.push([a, b, form, ...[...place.children].map(count), place.querySelector("svg").getAttribute("aria-label")]);
}
document.querySelector("[data-pair]").click();
return { results, after: [part("first").selectedOptions[0].text, part("second").selectedOptions[0].text] };
