// Explores a report: a large chart of any column, and any pair of columns. Each report on a page starts itself.
(() => {
  const CELLS = 20, MISSING = 36 * 36 - 1, PAD = { left: 46, right: 10, top: 8, bottom: 34 };
  const percent = (share) => (100 * share).toFixed(share < 0.1 ? 2 : 1) + " %";
  const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

  function make(space, name, attributes = {}, ...children) {
    const element = space ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }
  const html = (...all) => make(false, ...all), svg = (...all) => make(true, ...all);
  const text = (x, y, content, more = {}) => svg("text", { x, y, ...more }, content);
  const box = (tone, x, y, width, height, title) =>
    svg("rect", { class: tone, x, y, width: Math.max(width, 0), height: Math.max(height, 0) }, svg("title", {}, title));

  function drawing(width, height, label, ...children) {
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label }, ...children);
  }

  // Bars of levels lie on their side, so that their names can be read.
  function levels(column, width) {
    const n = column.labels.length, row = 24, left = Math.min(150, width * 0.35), wide = width - left - 52;
    const top = Math.max(...column.real, ...column.synthetic, 1e-9), parts = [];
    column.labels.forEach((label, k) => {
      parts.push(text(left - 6, row * k + 15, cut(label, Math.floor(left / 7)), { "text-anchor": "end" }));
      ["real", "synthetic"].forEach((side, j) => {
        const share = column[side][k], y = row * k + 3 + 9 * j;
        parts.push(box(side, left, y, (wide * share) / top, 8, `${label}: ${side} ${percent(share)}`));
        parts.push(text(left + (wide * share) / top + 3, y + 8, percent(share), { class: "tiny" }));
      });
    });
    return drawing(width, row * n + 4, `Shares of the categories of ${column.column}`, ...parts);
  }

  // A scale: real rows as bars, synthetic ones as a line of steps; spikes stand apart on the left, in pairs of bars.
  function histogram(column, width) {
    const height = 300, spikes = column.n_spikes, n = column.labels.length - spikes;
    const apart = spikes ? Math.min(70, (width * 0.45) / spikes) : 0;
    const bottom = height - PAD.bottom - (spikes ? 12 : 0), x0 = PAD.left + apart * spikes + (spikes ? 16 : 0);
    const x = (place) => x0 + place * (width - x0 - PAD.right), parts = [];
    const top = 1.05 * Math.max(...column.real.slice(spikes), ...column.synthetic.slice(spikes), 1e-9);
    const high = 1.05 * Math.max(...column.real.slice(0, spikes), ...column.synthetic.slice(0, spikes), 1e-9);
    const y = (share, most) => bottom - (share / most) * (bottom - PAD.top);
    for (let k = 0; k <= 4; k++) {
      parts.push(svg("path", { class: "grid", d: `M${x0} ${y((k * top) / 4, top)}H${width - PAD.right}` }));
      if (!spikes) parts.push(text(x0 - 5, y((k * top) / 4, top) + 4, percent((k * top) / 4), { "text-anchor": "end", class: "tiny" }));
    }
    column.labels.slice(0, spikes).forEach((label, k) => {
      ["real", "synthetic"].forEach((side, j) => {
        const share = column[side][k], left = PAD.left - 30 + apart * k + j * apart * 0.4;
        parts.push(box(side, left, y(share, high), apart * 0.38, bottom - y(share, high), `${label}: ${side} ${percent(share)}`));
        parts.push(text(left, bottom + 24 + 11 * j, percent(share), { class: "tiny" }));
      });
      parts.push(text(PAD.left - 30 + apart * k, bottom + 13, cut(label, 10)));
    });
    let steps = "";
    for (let k = 0; k < n; k++) {
      const real = column.real[spikes + k], other = column.synthetic[spikes + k];
      const title = `${column.labels[spikes + k]}: real ${percent(real)}, synthetic ${percent(other)}`;
      parts.push(box("real soft-bar", x(k / n), y(real, top), x(1 / n) - x(0) - 0.5, bottom - y(real, top), title));
      steps += `${k ? "V" : `M${x(0)} ${bottom}V`}${y(other, top)}H${x((k + 1) / n)}`;
    }
    parts.push(svg("path", { class: "line synthetic", d: steps }), svg("path", { d: `M${x0} ${bottom}H${width - PAD.right}` }));
    for (const [place, label] of ticks(column, (width - x0) / 70))
      parts.push(svg("path", { d: `M${x(place)} ${bottom}v4` }), text(x(place), bottom + 16, label, { "text-anchor": "middle" }));
    const kind = column.is_log ? " (logarithmic scale)" : "";
    return drawing(width, height, `Histogram of ${column.column}${kind}, real and synthetic rows`, ...parts);
  }

  function ticks(column, most) {
    const n = column.axis.length, all = n ? column.axis.map((label, k) => [(k + 0.5) / n, label]) : column.ticks;
    const step = Math.max(1, Math.ceil(all.length / Math.max(most, 2)));
    return all.filter((_, k) => k % step === 0);
  }

  function decode(column, code) {
    const n = column.axis.length, places = [];
    for (let k = 0; k < code.length; k += 2) {
      const value = parseInt(code.substr(k, 2), 36);
      places.push(value === MISSING ? NaN : n ? (value + 0.5) / n : value / (MISSING - 1));
    }
    return places;
  }

  function shares(sides, across, along) {
    const cells = new Float64Array(across * along);
    sides[0].forEach((x, k) => {
      const y = sides[1][k];
      if (x === x && y === y)
        cells[Math.min(across - 1, Math.floor(x * across)) + across * Math.min(along - 1, Math.floor(y * along))] += 1 / sides[0].length;
    });
    return cells;
  }

  // One panel of a pair: points, or cells whose opacity is their share; `tone` names the colour of a cell.
  function panel(columns, width, title, draw) {
    const height = Math.round(width * 0.85), left = 64, top = 20, bottom = height - 44, parts = [];
    const x = (place) => left + place * (width - left - 8), y = (place) => bottom - place * (bottom - top);
    parts.push(svg("path", { d: `M${left} ${top}V${bottom}H${width - 8}` }), ...draw(x, y));
    parts.push(text(4, 12, `↑ ${cut(columns[1].column, 34)}`));
    for (const [place, label] of ticks(columns[0], (width - left) / 56))
      parts.push(text(x(place), bottom + 14, cut(label, 8), { "text-anchor": "middle", class: "tiny" }));
    for (const [place, label] of ticks(columns[1], height / 22))
      parts.push(text(left - 5, y(place) + 3, cut(label, 9), { "text-anchor": "end", class: "tiny" }));
    parts.push(text(width - 8, height - 8, `${cut(columns[0].column, 34)} →`, { "text-anchor": "end" }));
    return html("figure", {}, html("figcaption", {}, title), drawing(width, height, `${title}: ${columns[0].column} (across) and ${columns[1].column} (up)`, ...parts));
  }

  const points = (sides, columns, tone) => (x, y) => {
    const spread = columns.map((column) => (column.axis.length ? 0.7 / column.axis.length : 0));
    let d = "";
    sides[0].forEach((value, k) => {
      const other = sides[1][k], shift = (j) => (((k * (j ? 0.7548776662 : 0.5698402909)) % 1) - 0.5) * spread[j];
      if (value === value && other === other) d += `M${x(value + shift(0)).toFixed(1)} ${y(other + shift(1)).toFixed(1)}h0`;
    });
    return [svg("path", { class: `dots ${tone}`, d })];
  };

  const cells = (values, across, along, most, tone) => (x, y) => {
    const parts = [];
    values.forEach((value, k) => {
      const strength = Math.min(1, Math.sqrt(Math.abs(value) / most));
      if (strength < 0.04) return;
      const i = k % across, j = Math.floor(k / across), title = `${tone(value) === "real" && value < 0 ? "−" : ""}${percent(Math.abs(value))}`;
      const cell = box(tone(value), x(i / across), y((j + 1) / along), x(1 / across) - x(0) - 0.4, y(0) - y(1 / along) - 0.4, title);
      cell.setAttribute("opacity", strength.toFixed(2));
      parts.push(cell);
    });
    return parts;
  };

  function start(root) {
    root.dataset.ready = "yes";
    const data = JSON.parse(root.querySelector(".tabgan-data").textContent), find = (name) => root.querySelector(`[data-part="${name}"]`);
    const { columns, sample } = data;
    let chosen = 0;
    root.querySelectorAll("[data-tool]").forEach((tool) => (tool.hidden = false));

    function showColumn() {
      const column = columns[chosen], place = find("chart"), width = Math.max(280, place.clientWidth || 640);
      place.replaceChildren((column.axis.length ? levels : histogram)(column, width));
      find("chart-title").textContent = column.column;
      const worse = column.is_worse ? "significantly farther from real rows than fresh real rows are" : "no farther from real rows than chance allows";
      find("chart-facts").textContent = `Distance ${column.distance.toFixed(3)}, of fresh real rows ${column.ceiling.toFixed(3)}: ${worse}.${column.is_log ? " Logarithmic scale." : ""}${column.n_spikes ? " Values that many rows hold, and missing ones, stand apart on the left, on a scale of their own." : ""}`;
      const cellsOf = (k) => [column.labels[k], percent(column.real[k]), percent(column.synthetic[k])];
      find("chart-numbers").replaceChildren(...column.labels.map((_, k) => html("tr", {}, ...cellsOf(k).map((cell) => html("td", {}, cell)))));
      find("list").querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", Number(button.dataset.k) === chosen));
    }

    function showList() {
      const sought = find("search").value.toLowerCase(), order = find("order").value;
      const found = columns.map((column, k) => k).filter((k) => columns[k].column.toLowerCase().includes(sought));
      if (order === "name") found.sort((a, b) => columns[a].column.localeCompare(columns[b].column, undefined, { numeric: true }));
      find("list").replaceChildren(...found.map((k) => {
        const column = columns[k], button = html("button", { type: "button", "data-k": k, class: column.is_worse ? "worse" : "" });
        button.append(html("span", {}, column.column), html("small", {}, (column.is_worse ? "▲ " : "") + column.distance.toFixed(3)));
        button.onclick = () => { chosen = k; showColumn(); };
        return html("li", {}, button);
      }));
      find("found").textContent = `${found.length} of ${columns.length} columns`;
      if (found.length && !found.includes(chosen)) chosen = found[0];
      showColumn();
    }

    function showPair() {
      const chosenPair = ["first", "second"].map((name) => Number(find(name).value)), pair = chosenPair.map((k) => columns[k]);
      const sides = ["real", "synthetic"].map((side) => chosenPair.map((k, j) => decode(pair[j], sample[side][k])));
      const [across, along] = pair.map((column) => column.axis.length || CELLS);
      const tables = sides.map((side) => shares(side, across, along)), place = find("pair");
      const difference = tables[1].map((value, k) => value - tables[0][k]);
      const most = Math.max(...tables[0], ...tables[1], 1e-9), gap = Math.max(...difference.map(Math.abs), 1e-9);
      const full = Math.max(280, place.clientWidth || 900), width = full < 640 ? full : Math.floor((full - 32) / 3);
      const asPoints = find("form").value === "points";
      const drawn = ["real", "synthetic"].map((side, j) => panel(pair, width, side === "real" ? "Real" : "Synthetic",
        asPoints ? points(sides[j], pair, side) : cells(tables[j], across, along, most, () => side)));
      drawn.push(panel(pair, width, `Difference, up to ${percent(gap)}`, cells(difference, across, along, gap, (value) => (value > 0 ? "synthetic" : "real"))));
      place.replaceChildren(...drawn);
      find("pair-facts").textContent = `${sides[0][0].length} real and ${sides[1][0].length} synthetic rows, at random. Difference: orange where there are too many synthetic rows, blue where too few.`;
    }

    const drawable = columns.slice(0, sample.real.length).map((column, k) => k).sort((a, b) => columns[a].column.localeCompare(columns[b].column, undefined, { numeric: true }));
    for (const name of ["first", "second"]) {
      find(name).replaceChildren(...drawable.map((k) => html("option", { value: k }, columns[k].column)));
      find(name).onchange = showPair;
    }
    const choosePair = (names) => {
      ["first", "second"].forEach((name, j) => {
        const k = columns.findIndex((column) => column.column === names[j]);
        if (k >= 0 && k < drawable.length) find(name).value = k;
      });
      showPair();
    };
    root.querySelectorAll("[data-pair]").forEach((button) => (button.onclick = () => {
      choosePair(JSON.parse(button.dataset.pair));
      find("pair-title").scrollIntoView({ block: "start" });
    }));
    find("search").oninput = find("order").onchange = showList;
    find("form").onchange = showPair;
    showList();
    const worst = root.querySelector("[data-pair]");
    if (drawable.length > 1) choosePair(worst ? JSON.parse(worst.dataset.pair) : [columns[0].column, columns[1].column]);
    let before = root.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(root.clientWidth - before) < 8) return;
      before = root.clientWidth;
      showColumn();
      if (drawable.length > 1) showPair();
    }).observe(root);
  }

  document.querySelectorAll(".tabgan:not([data-ready])").forEach(start);
})();
