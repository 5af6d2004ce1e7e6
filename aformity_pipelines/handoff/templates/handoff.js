/* Search in a report that is whole without it: reads the page, adds text only, asks nothing of anybody. */
(() => {
  "use strict";
  const MOST = 40;
  const KINDS = {
    question: "Likely question", answer: "Answer", open: "Open answer", field: "Field map", column: "Column", risk: "Accepted risk",
    work: "Unresolved work", listed: "Known and listed", deferred: "Deferred", excluded: "Excluded", merge: "Merged",
    kept: "Kept apart", decision: "Decision", rule: "Rule", moment: "Product moment", none: "Section",
  };
  /* How people ask, beside the words of the report itself. */
  const ALSO = {
    blank: "blank empty missing", merged: "merged duplicate duplicates combined same", excluded: "excluded missing gone lost history not brought over",
    deferred: "deferred later missing first launch wave", held: "held waiting missing first launch", unresolved: "held waiting open overdue", unreadable: "missing unreadable",
    role: "role permission permissions rights", permissions: "role roles rights admin", value: "changed transformed direct", mapping: "changed transformed direct mapped approved approval",
  };
  const ASIDE = new Set("a an and are be by did do does for from had has have how i in is it its of on or our the their these they this those to was we were what when where which who why with".split(" "));
  const SAID = new Set(["answer", "open", "question"]);
  /* Where a record is comes before what one of its fields says. */
  const WHOLE = new Set(["merged", "excluded", "deferred", "held", "unreadable"]);
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
    return parts.join(" ").replace(/\s+/g, " ").replace(/ (?=[,;:.)])/g, "").trim();
  };

  /* What a section without lines says, so that "merged" finds that nothing was merged. */
  const empty = () => [...document.querySelectorAll("main > section:has(.fortunate, .work-done):not(:has([data-find]))")].map((section) => {
    const node = section.querySelector(".fortunate, .work-done");
    const words = plain([section.querySelector("h2, h3"), node].map(textOf).join(" ") + " " + (ALSO[section.id || section.querySelector("div[id]").id] || ""));
    return { node, kind: "none", entity: "", about: "", head: "", itself: words, words };
  });

  const read = () => [...document.querySelectorAll("[data-find]")].flatMap((list) =>
    [...list.children].filter((node) => !node.classList.contains("story-event")).map((node) => ({
      node,
      itself: plain((list.dataset.words || "") + " " + [...node.children].filter((part) => !/-(rows|more)$/.test(part.className)).map(textOf).join(" ")),
      head: plain((list.dataset.words || "") + " " + (node.querySelector(".ask-asks")?.textContent || "")),
      kind: list.dataset.find,
      entity: node.dataset.entity || list.dataset.entity || "",
      about: node.dataset.about || "",
      words: plain([list.dataset.words, node.dataset.words, ALSO[node.dataset.about], textOf(node)].join(" ")),
    }))).concat(empty());

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
    const labels = [...(rows ? rows.children : [])].flatMap((place) => {
      const [file, named] = [place.firstElementChild, place.lastElementChild].map((part) => part.textContent);
      return named.split("; ").map((label) => file + label);
    });
    const named = labels.filter((label) => terms.some((term) => /\p{N}/u.test(term) && plain(label).includes(" " + term + " ")));
    return named.length && labels.length > 1 ? named.slice(0, 3).join("; ") : "";
  };

  const result = (list, entry, terms) => {
    const item = add(list, "li");
    if (SAID.has(entry.kind)) {
      for (const part of entry.node.querySelectorAll(":scope > p, :scope > small, :scope > [class$=-long] > p")) {
        if (!/-rows$/.test(part.className)) item.append(part.cloneNode(true));
      }
    } else {
      const text = [textOf(entry.node), entry.node.dataset.words].filter(Boolean).join(": ");
      add(item, "p", text.length > 200 ? text.slice(0, 199) + "…" : text);
    }
    const named = rowNamed(entry, terms);
    if (named) add(item, "p", named, "found-row");
    const where = add(item, "p", "", "found-where");
    const link = add(where, "a", "Show in the report");
    link.href = "#" + (entry.node.id || (entry.node.closest("[id]") || document.body).id);
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

  const asked = () => {
    const terms = plain(box.value).split(" ").filter(Boolean);
    const telling = terms.filter((term) => !ASIDE.has(term));
    return telling.length ? telling : terms;
  };

  const hitsOf = (terms) => {
    const exact = (entry) => terms.filter((term) => entry.words.includes(" " + term + " ")).length;
    const isAbout = (entry) => terms.some((term) => entry.head.includes(" " + term + " "));
    return entries
      .filter((entry) => (!entity.value || entry.entity === entity.value) && (!about.value || entry.about === about.value))
      .filter((entry) => terms.every((term) => entry.words.includes(term)))
      .map((entry, place) => ({ entry, place, rank: exact(entry) + (isAbout(entry) ? 0.7 : WHOLE.has(entry.about) ? 0.5 : 0) }))
      .sort((one, other) => other.rank - one.rank || one.place - other.place)
      .map((hit) => hit.entry);
  };

  /* No answer of its own: what holds for every record, without the answers that name all of their records. */
  const inGeneral = (terms) => {
    const names = terms.filter((term) => /[\p{N}@]/u.test(term) || !entries.some((entry) => SAID.has(entry.kind) && entry.itself.includes(term)));
    const rest = terms.filter((term) => !names.includes(term));
    const isMasked = names.some((name) => name.includes("@"));
    if (!names.length || !rest.length) return { names, rest, isMasked, hits: [] };
    const own = new Set(entries.filter((entry) => entry.entity && names.every((name) => entry.words.includes(" " + name + " "))).map((entry) => entry.entity));
    const hits = hitsOf(rest)
      .filter((entry) => isMasked || !(entry.kind === "question" || "whole" in entry.node.dataset))
      .filter((entry) => !own.size || !entry.entity || own.has(entry.entity))
      .sort((one, other) => (other.about === "mapping") - (one.about === "mapping"));
    return { names, rest, isMasked, hits };
  };

  /* An address that is a token here may still be told of by name: the words before its @. */
  const byName = (terms) => terms.flatMap((term) => (term.includes("@") ? term.split("@")[0].split(/[._-]+/).filter(Boolean) : [term]));

  const search = () => {
    entries = entries || read();
    let terms = asked();
    let general = "";
    found.replaceChildren();
    found.hidden = !(terms.length || entity.value || about.value);
    if (found.hidden) {
      said.textContent = "";
      return;
    }
    let hits = hitsOf(terms);
    if (!hits.length && terms.some((term) => term.includes("@"))) {
      hits = hitsOf(byName(terms));
      if (hits.length) terms = byName(terms);
    }
    if (!hits.length) {
      const all = inGeneral(terms);
      if (all.hits.length) {
        hits = all.hits;
        terms = all.rest;
        general = "No answer of its own for “" + all.names.join(" ") + "”. " + (all.isMasked
          ? "Personal keys are tokens here, so look for its file and row, or for what you see: a role, a stage. Of “"
          : "So it follows what holds for all records. Of “") + all.rest.join(" ") + "”: ";
      }
    }
    const of = (...kinds) => hits.filter((entry) => kinds.includes(entry.kind));
    const says = (entry) => textOf(entry.node.querySelector(".ask-says") || entry.node.querySelector("p") || entry.node);
    const told = new Set(of("answer").map(says));
    const settled = of("answer", "question", "none").filter((entry) => entry.kind !== "question" || !told.has(says(entry)));
    const open = of("open");
    const others = hits.filter((entry) => !["answer", "question", "open", "none"].includes(entry.kind));
    const counted = (number, one, many) => number + " " + (number === 1 ? one : many);
    said.textContent = hits.length
      ? general + counted(settled.length, "settled answer", "settled answers") + ", " + open.length + " still open, " + counted(others.length, "other place", "other places")
      : "Nothing in this report names that. Look for the field instead (end date, owner), or ask the implementation team: aformity why answers for every record.";
    found.hidden = !hits.length;
    part(open, "Still open: say who and by when", "found-open", terms);
    part(settled, "Say this", "found-settled", terms);
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
      found.querySelector(".found-where a")?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!find.contains(event.target)) found.hidden = true;
  });
  const prepare = () => { entries = entries || read(); };
  box.addEventListener("focus", prepare);
  (window.requestIdleCallback || setTimeout)(prepare);
  const named = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return ""; // a lone % is no name
    }
  };
  const arrive = () => {
    const target = document.getElementById(named());
    if (target) unfold(target);
  };
  addEventListener("hashchange", arrive);
  arrive();
})();
