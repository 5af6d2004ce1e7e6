"use strict";
(() => {
  const form = document.querySelector(".find");
  const find = document.getElementById("find");
  const only = document.getElementById("only");
  const found = document.getElementById("found");
  const rows = Array.from(document.querySelectorAll(".customers > li"), (row) => ({
    row,
    text: row.textContent.toLowerCase().replace(/\s+/g, " "),
    is: row.dataset.is.split(" "),
  }));
  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const each of rows) {
      const fits = words.every((word) => each.text.includes(word)) && (!only.value || each.is.includes(only.value));
      each.row.hidden = !fits;
      number += fits;
    }
    found.textContent = `${number.toLocaleString("en")} of ${rows.length.toLocaleString("en")} customers`;
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName)) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && document.activeElement === find && find.value) {
      find.value = "";
      show();
    }
  });
})();
