// What the pages do beyond HTML and htmx: the dark appearance, menus, and telling of changes and failures.
// Every page works without this file.
(() => {
  "use strict";

  const darkSheet = document.getElementById("dark-theme");
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is closed to the site: the choice then lasts as long as the page
    }
  };
  const isDark = (choice) => (choice ? choice === "dark" : prefersDark.matches);

  const show = (choice) => {
    const dark = isDark(choice);
    document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
    darkSheet.media = dark ? "all" : "not all";
    document.getElementById("theme-switch")?.setAttribute("aria-pressed", String(dark));
  };

  // Runs before the body is drawn, so that a dark page never flashes white.
  show(chosen());
  prefersDark.addEventListener("change", () => show(chosen()));

  const announce = (words) => {
    document.getElementById("announcements").textContent = words;
  };

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme-switch");
    if (button) {
      button.hidden = false;
      show(chosen());
      button.addEventListener("click", () => {
        const choice = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
        try {
          localStorage.setItem("theme", choice);
        } catch {
          // as above
        }
        show(choice);
      });
    }

    document.querySelector(".error-summary")?.focus();

    const problem = document.getElementById("connection-problem");
    for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
      document.body.addEventListener(failure, () => {
        problem.hidden = false;
      });
    }
    document.body.addEventListener("htmx:afterSettle", (event) => {
      problem.hidden = true;
      const changed = event.target.querySelector("[data-announce]");
      if (changed) announce(changed.textContent.trim());
    });
  });

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
