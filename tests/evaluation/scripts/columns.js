const part = (name) => document.querySelector(`[data-part="${name}"]`), rows = [];
const names = () => [...part("list").querySelectorAll("span")].map((name) => name.textContent);
for (const button of part("list").querySelectorAll("button")) {
  button.click();
  rows.push([part("chart-title").textContent, button.getAttribute("aria-pressed"), part("chart").querySelectorAll("rect").length,
             part("chart").querySelector("svg").getAttribute("aria-label"), part("chart-numbers").rows.length]);
}
const all = names();
part("order").value = "name"; part("order").onchange();
const sorted = names();
part("search").value = "NAME"; part("search").oninput();
return { rows, all, sorted, sought: names(), count: part("found").textContent, shown: part("chart-title").textContent };
