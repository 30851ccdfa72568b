/* Suggestions under the search box: a combobox with a list, after the pattern of the ARIA Authoring Practices.
   Without this script the box is a plain form. */
(function () {
  "use strict";
  const DELAY_MILLISECONDS = 120;

  function enhance(form) {
    const input = form.querySelector("input[name=q]");
    const list = document.createElement("ul");
    let timer = 0;
    let request = null;
    let active = -1;
    let asked = input.value;

    list.id = "suggestions-" + Math.random().toString(36).slice(2);
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label"));
    input.after(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
      ["aria-controls", list.id]]) {
      input.setAttribute(name, value);
    }

    function options() {
      return Array.from(list.querySelectorAll("[role=option]"));
    }
    function choose(number) {
      const all = options();
      active = all.length ? (number + all.length + 1) % (all.length + 1) : -1;
      if (active === all.length) { active = -1; }
      all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
      if (active < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    }
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function open() {
      list.hidden = options().length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
    }
    function ask() {
      const text = input.value.trim();
      asked = input.value;
      if (request) { request.abort(); }
      if (!text) { list.replaceChildren(); close(); return; }
      request = new AbortController();
      fetch(form.dataset.suggestions + "?q=" + encodeURIComponent(text), { signal: request.signal })
        .then((reply) => (reply.ok ? reply.text() : ""))
        .then((html) => {
          list.innerHTML = html;
          options().forEach((option, place) => { option.id = list.id + "-" + place; });
          active = -1;
          input.removeAttribute("aria-activedescendant");
          if (document.activeElement === input) { open(); }
        })
        .catch(() => {});
    }
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, DELAY_MILLISECONDS);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { if (input.value !== asked || !options().length) { ask(); } open(); }
        if (!list.hidden) { choose(active + (event.key === "ArrowDown" ? 1 : active < 0 ? -1 : -1)); }
      } else if (event.key === "Enter" && !list.hidden && active >= 0) {
        event.preventDefault();
        window.location.assign(options()[active].dataset.address);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Tab") {
        close();
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) { window.location.assign(option.dataset.address); }
    });
    input.addEventListener("blur", close);
  }
  document.querySelectorAll("form[data-suggestions]").forEach(enhance);
})();
