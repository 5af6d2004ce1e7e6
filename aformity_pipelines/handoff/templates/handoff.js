/* Search in a report that is whole without it: reads the page, adds text only, asks nothing of anybody. */
(() => {
  "use strict";
  const MOST = 40;
  const KINDS = {
    question: "Likely question", answer: "Answer", open: "Open answer", field: "Field map", column: "Column", risk: "Accepted risk",
    work: "Unresolved work", listed: "Known and listed", deferred: "Deferred", excluded: "Excluded", merge: "Merged",
    kept: "Kept apart", decision: "Decision", rule: "Rule",
  };
  const find = document.getElementById("find");
  const [box, entity, about, said, found] = ["text", "entity", "about", "said"]
    .map((name) => document.getElementById("find-" + name))
    .concat(document.getElementById("found"));
  let entries = null;

  const plain = (text) =>
    (" " + text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}@._#-]+/gu, " ").replace(/\.(?= |$)/g, "") + " ").replace(/ +/g, " ");

  const textOf = (node) => {
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const parts = [];
    while (walk.nextNode()) parts.push(walk.currentNode.data);
    return parts.join(" ").replace(/\s+/g, " ").trim();
  };

  const read = () => [...document.querySelectorAll("[data-find]")].flatMap((list) =>
    [...list.children].filter((node) => !node.classList.contains("story-event")).map((node) => ({
      node,
      kind: list.dataset.find,
      entity: node.dataset.entity || list.dataset.entity || "",
      about: node.dataset.about || "",
      words: plain((list.dataset.words || "") + " " + textOf(node)),
    })));

  const add = (parent, tag, text, name) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    if (name) node.className = name;
    parent.append(node);
    return node;
  };

  const unfold = (target) => {
    for (let node = target; node; node = node.parentElement) if (node.localName === "details") node.open = true;
  };

  const show = (target) => {
    unfold(target);
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  };

  const rowNamed = (entry, terms) => {
    const rows = entry.node.querySelector(".said-rows, .owed-rows, .said-more p, .owed-more p");
    const labels = rows ? rows.textContent.split("; ") : [];
    const named = labels.filter((label) => terms.some((term) => /\p{N}/u.test(term) && plain(label).includes(" " + term + " ")));
    return named.length && labels.length > 1 ? named.slice(0, 3).join("; ") : "";
  };

  const result = (list, entry, terms) => {
    const item = add(list, "li");
    if (entry.kind === "answer" || entry.kind === "open" || entry.kind === "question") {
      for (const part of entry.node.querySelectorAll(":scope > p, :scope > small, :scope > [class$=-long] > p")) {
        if (!/-rows$/.test(part.className)) item.append(part.cloneNode(true));
      }
    } else {
      const text = textOf(entry.node);
      add(item, "p", text.length > 200 ? text.slice(0, 199) + "…" : text);
    }
    const named = rowNamed(entry, terms);
    if (named) add(item, "p", named, "found-row");
    const where = add(item, "p", "", "found-where");
    const link = add(where, "a", "Show in the report");
    link.href = "#" + (entry.node.id || entry.node.closest("[id]").id);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      found.hidden = true;
      show(entry.node);
    });
    const words = entry.node.parentElement.dataset.words;
    where.append(" · " + KINDS[entry.kind] + (words ? " · " + words.trim() : ""));
  };

  const part = (hits, title, name, terms) => {
    if (!hits.length) return;
    const more = hits.length > MOST ? ", the first " + MOST + " shown" : "";
    add(found, "h2", title + " (" + hits.length + more + ")", name ? name + "-head" : "");
    const list = add(found, "ul", "", name);
    for (const entry of hits.slice(0, MOST)) result(list, entry, terms);
  };

  const search = () => {
    entries = entries || read();
    const terms = plain(box.value).split(" ").filter(Boolean);
    found.replaceChildren();
    found.hidden = !(terms.length || entity.value || about.value);
    if (found.hidden) {
      said.textContent = "";
      return;
    }
    const exact = (entry) => terms.filter((term) => entry.words.includes(" " + term + " ")).length;
    const hits = entries
      .filter((entry) => (!entity.value || entry.entity === entity.value) && (!about.value || entry.about === about.value))
      .filter((entry) => terms.every((term) => entry.words.includes(term)))
      .map((entry, place) => ({ entry, place, rank: exact(entry) }))
      .sort((one, other) => other.rank - one.rank || one.place - other.place)
      .map((hit) => hit.entry);
    const of = (...kinds) => hits.filter((entry) => kinds.includes(entry.kind));
    const settled = of("answer", "question");
    const open = of("open");
    const others = hits.filter((entry) => !["answer", "question", "open"].includes(entry.kind));
    const counted = (number, one, many) => number + " " + (number === 1 ? one : many);
    said.textContent = hits.length
      ? counted(settled.length, "settled answer", "settled answers") + ", " + open.length + " still open, " + counted(others.length, "other place", "other places")
      : "Nothing in this report answers to that. For any other record: aformity why.";
    found.hidden = !hits.length;
    part(settled, "Say this", "found-settled", terms);
    part(open, "Still open: say who and by when", "found-open", terms);
    part(others, "Elsewhere in this report", "", terms);
    found.scrollTop = 0;
  };

  const clear = () => {
    box.value = entity.value = about.value = "";
    search();
  };

  find.hidden = false;
  box.addEventListener("input", search);
  entity.addEventListener("change", search);
  about.addEventListener("change", search);
  box.addEventListener("focus", () => { if (box.value) search(); });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && find.contains(event.target)) {
      clear();
      box.focus();
    } else if (event.key === "Enter" && event.target === box) {
      found.querySelector("a")?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!find.contains(event.target)) found.hidden = true;
  });
  const prepare = () => { entries = entries || read(); };
  box.addEventListener("focus", prepare);
  (window.requestIdleCallback || setTimeout)(prepare);
  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) unfold(target);
  };
  addEventListener("hashchange", arrive);
  arrive();
})();
