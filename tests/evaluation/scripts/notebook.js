const reports = [...document.querySelectorAll(".tabgan")], style = (element) => getComputedStyle(element);
const cell = reports[0].querySelector("table.figures td"), host = document.querySelector("#host td");
reports[0].querySelectorAll('[data-part="list"] button')[2].click();
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
return { charts: reports.map((root) => root.querySelectorAll('[data-part="chart"] svg').length),
         titles: reports.map((root) => root.querySelector('[data-part="chart-title"]').textContent),
         border: style(cell).borderTopWidth, padding: style(cell).paddingTop, row: style(cell.parentNode).backgroundColor,
         table: style(cell.closest("table")).backgroundColor, host: style(host).paddingTop, hosted: style(document.querySelector("#host")).backgroundColor,
         paper: style(reports[0]).backgroundColor, ids: ids.length, different: new Set(ids).size,
         links: reports.every((root) => [...root.querySelectorAll(".marks a")].every((link) => root.querySelector(link.getAttribute("href")))) };
