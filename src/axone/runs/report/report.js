// What a reader can do with the page: read values off curves, sort tables, move through time, copy commands.
// All of it is an addition: without JavaScript everything is shown. Text only ever enters as textContent.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, where = document) => [...where.querySelectorAll(selector)];
  const make = (name, values = {}) => Object.assign(document.createElement(name), values);
  const digits = new Intl.NumberFormat(root.lang, { maximumSignificantDigits: 4 });
  const shares = new Intl.NumberFormat(root.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  // Curves: the pointer or the arrow keys choose a place, a small label tells the values there.
  for (const figure of all("[data-chart]")) {
    const data = JSON.parse(figure.dataset.chart), plot = figure.querySelector(".plot");
    const firm = data.lines.filter(line => line.style !== "steps");
    const places = [...new Set((firm.length ? firm : data.lines).flatMap(line => line.points.map(point => point[0])))].sort((a, b) => a - b);
    const tip = make("div", { className: "tip", hidden: true });
    const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
    tip.setAttribute("role", "status");
    cursor.setAttribute("class", "cursor");
    plot.append(tip);
    plot.tabIndex = 0;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", figure.querySelector("h3").textContent);
    let chosen = places.length - 1;
    const drawing = () => all("svg[data-scale]", plot).find(svg => svg.getClientRects().length);
    const scale = svg => svg.dataset.scale.split(",").map(Number);
    const nearest = (points, x) => points.reduce((best, point) => Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best);
    const show = index => {
      chosen = Math.max(0, Math.min(places.length - 1, index));
      const svg = drawing(), [low, high] = scale(svg), x = places[chosen];
      const across = 52 + (480 - 52 - 14) * (x - low) / (high - low);
      cursor.setAttribute("d", `M${across} 22V234`);
      svg.append(cursor);
      const value = y => data.percentage ? `${shares.format(100 * y)}\u202f%` : digits.format(y);
      tip.textContent = [`${data.x}: ${digits.format(x)}`, ...data.lines.map(line => `${line.label}: ${value(nearest(line.points, x)[1])}`)].join("\n");
      tip.hidden = false;
      const at = across / 480 * plot.clientWidth, left = at + 12 + tip.offsetWidth > plot.clientWidth ? at - 12 - tip.offsetWidth : at + 12;
      tip.style.left = `${Math.max(0, left)}px`;
    };
    const hide = () => { tip.hidden = true; cursor.remove(); };
    plot.addEventListener("pointermove", event => {
      const svg = drawing(), box = svg.getBoundingClientRect(), [low, high] = scale(svg);
      const x = low + (high - low) * ((event.clientX - box.left) / box.width * 480 - 52) / (480 - 52 - 14);
      show(places.indexOf(nearest(places.map(place => [place]), x)[0]));
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", event => {
      const move = { ArrowLeft: -1, ArrowRight: 1, Home: -places.length, End: places.length }[event.key];
      if (event.key === "Escape") hide();
      if (!move) return;
      event.preventDefault();
      show(tip.hidden ? chosen : chosen + move);
    });
  }

  // Pictures that were made at several moments.
  for (const slider of all(".slider")) {
    const images = all("img", slider.parentElement), range = slider.querySelector("input"), button = slider.querySelector("button");
    let timer = 0;
    const show = () => {
      images.forEach((image, place) => { image.className = place === range.valueAsNumber ? "" : "past"; });
      slider.querySelector("output").textContent = images[range.valueAsNumber].dataset.moment;
      range.setAttribute("aria-valuetext", images[range.valueAsNumber].dataset.moment);
    };
    const stop = () => { clearInterval(timer); timer = 0; button.textContent = "▶"; };
    range.addEventListener("input", () => { stop(); show(); });
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (range.value === range.max) range.value = 0;
      button.textContent = "❚❚";
      show();
      timer = setInterval(() => {
        range.value = range.valueAsNumber + 1;
        show();
        if (range.value === range.max) stop();
      }, 600);
    });
  }

  // A picture in the size it was drawn in; Escape or a click closes it.
  for (const paper of all(".paper")) {
    if (!paper.firstElementChild) continue;
    const button = make("button", { type: "button", className: "enlarge", textContent: "⤢", title: paper.dataset.enlarge });
    const open = () => {
      const dialog = make("dialog"), image = paper.querySelector("img:not(.past)").cloneNode();
      dialog.append(image);
      dialog.setAttribute("aria-label", image.alt);
      dialog.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    };
    button.setAttribute("aria-label", `${paper.dataset.enlarge}: ${paper.lastElementChild.alt}`);
    button.addEventListener("click", open);
    paper.addEventListener("click", open);
    paper.parentElement.append(button);
  }

  // Tabs, as the ARIA practices describe them.
  all(".tabs").forEach((box, number) => {
    const panels = all(":scope > .panel", box);
    if (panels.length < 2) return;
    const list = make("div");
    list.setAttribute("role", "tablist");
    const tabs = panels.map((panel, place) => {
      const tab = make("button", { type: "button", id: `tab-${number}-${place}`, textContent: panel.querySelector("h3").textContent });
      panel.id = `panel-${number}-${place}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => choose(place));
      return tab;
    });
    const choose = (place, focus = false) => tabs.forEach((tab, other) => {
      tab.setAttribute("aria-selected", other === place);
      tab.tabIndex = other === place ? 0 : -1;
      panels[other].hidden = other !== place;
      if (focus && other === place) tab.focus();
    });
    list.addEventListener("keydown", event => {
      const now = tabs.indexOf(document.activeElement), last = tabs.length - 1;
      const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now ? now - 1 : last, Home: 0, End: last }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      choose(next, true);
    });
    list.append(...tabs);
    box.prepend(list);
    choose(0);
  });

  // Tables: a heading sorts by its column, first downwards for numbers.
  for (const table of all("table")) {
    const heads = all("thead th", table), body = table.tBodies[0];
    if (body.rows.length < 3) continue;
    heads.forEach((head, place) => {
      const numeric = head.classList.contains("number"), button = make("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort"), down = before ? before === "ascending" : numeric;
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = row => numeric ? Number(row.cells[place].dataset.value ?? -Infinity) : row.cells[place].textContent;
        const order = (a, b) => numeric ? key(a) - key(b) || 0 : key(a).localeCompare(key(b), root.lang, { numeric: true });
        body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)));
      });
    });
  }

  // The network: its blocks as boxes, each of which opens; the trail leads back, and to the drawing of every node.
  for (const frame of all(".drawing")) {
    const whole = frame.querySelector(":scope > svg");
    const views = new Map(whole ? all(":scope > svg[data-block]", whole).map(view => [view.dataset.block, view]) : []);
    if (!views.size) continue;
    const trail = make("div", { className: "trail" });
    // A block's ancestors are the views whose boxes lead to it.
    const above = new Map([...views].flatMap(([name, view]) => all("[data-opens]", view).map(box => [box.dataset.opens, name])));
    const show = (name, focus = false) => {
      const view = name === null ? whole : views.get(name).cloneNode(true);
      view.removeAttribute("display");
      if (name !== null) view.setAttribute("role", "group"); // of buttons, not one picture
      for (const box of name === null ? [] : all("[data-opens]", view)) {
        const open = () => show(box.dataset.opens, true);
        box.setAttribute("tabindex", 0);
        box.setAttribute("role", "button");
        box.addEventListener("click", open);
        box.addEventListener("keydown", event => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          open();
        });
      }
      const path = [];
      for (let at = name; at; at = above.get(at)) path.unshift(at);
      const steps = [[frame.dataset.nodes, null], [frame.dataset.blocks, ""], ...path.map(at => [at, at])];
      trail.replaceChildren(...steps.map(([label, place]) => {
        const button = make("button", { type: "button", textContent: label });
        if (place === name) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => show(place, true));
        return button;
      }));
      frame.replaceChildren(view);
      frame.scrollTo(0, 0);
      if (focus) trail.querySelector("[aria-current]").focus();
    };
    frame.before(trail);
    show("");
  }

  // Commands.
  for (const button of all(".copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = button.dataset.done;
        setTimeout(() => { button.textContent = label; }, 1500);
      } catch {
        getSelection().selectAllChildren(code); // a browser that forbids it: ready for Ctrl-C
      }
    });
  }

  // The section in view, in the bar; everything unfolded on paper.
  const links = new Map(all("nav a").map(link => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver(entries => entries.forEach(entry => {
    if (!entry.isIntersecting) return;
    links.forEach((link, id) => link.classList.toggle("here", id === entry.target.id));
  }), { rootMargin: "-20% 0px -70% 0px" });
  all("main > .part").forEach(part => watcher.observe(part));
  addEventListener("beforeprint", () => all("details").forEach(one => { one.open = true; }));
})();
