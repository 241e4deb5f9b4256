// What the pages do beyond HTML and htmx: the dark appearance, menus, live changes, and telling of changes and failures.
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

  // The stream of changes says that figures changed; parts with hx-trigger="live from:body" then fetch themselves.
  // A hidden page has no stream. Shown again, it names the last change that it fetched, and hears if there are others.
  const watch = ({ liveUnit, liveProgramme }) => {
    const address = new URL("/live/", location.href);
    address.port = document.body.dataset.livePort ?? address.port;
    address.search = new URLSearchParams({ unit: liveUnit, programme: liveProgramme });
    let stream;
    let fetching;
    let returning;
    let fetchedAt = -Infinity;
    let failures = 0;

    const fetchParts = (number) => {
      fetchedAt = performance.now();
      address.searchParams.set("after", number);
      document.body.dispatchEvent(new Event("live"));
    };
    const close = () => {
      stream?.close();
      clearTimeout(fetching);
      clearTimeout(returning);
    };
    const open = () => {
      close();
      if (document.hidden) return;
      stream = new EventSource(address, { withCredentials: true });
      stream.addEventListener("open", () => {
        failures = 0;
      });
      stream.addEventListener("watching", (event) => {
        if (!address.searchParams.has("after")) address.searchParams.set("after", event.lastEventId);
      });
      stream.addEventListener("changed", (event) => {
        clearTimeout(fetching);
        fetching = setTimeout(fetchParts, fetchedAt + 1000 - performance.now(), event.lastEventId);
      });
      stream.addEventListener("error", () => {
        if (stream.readyState === EventSource.CLOSED) renew();
      });
    };
    // Refused: the ticket has ended, or the server is away. A page that gives up is as good as when it was loaded.
    const renew = async () => {
      failures += 1;
      if (failures > 3) return;
      await fetch("/live-ticket/").catch(() => {});
      returning = setTimeout(open, 10_000 * (failures - 1) ** 2);
    };

    addEventListener("pagehide", close);
    addEventListener("pageshow", (event) => event.persisted && open());
    document.addEventListener("visibilitychange", () => {
      failures = 0;
      open();
    });
    open();
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

    // A slider beside a number says the same as it.
    for (const slider of document.querySelectorAll("input[data-mirrors]")) {
      const number = document.getElementById(slider.dataset.mirrors);
      slider.hidden = false;
      slider.value = number.value;
      slider.addEventListener("input", () => {
        number.value = slider.value;
      });
      number.addEventListener("input", () => {
        slider.value = number.value;
      });
    }

    const problem = document.getElementById("connection-problem");
    for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
      document.body.addEventListener(failure, () => {
        problem.hidden = false;
      });
    }
    document.body.addEventListener("htmx:afterSettle", (event) => {
      problem.hidden = true;
      if (event.detail.requestConfig?.triggeringEvent?.type === "live") return; // nobody asked for it: read out nothing
      const changed = event.target.querySelector("[data-announce]");
      if (changed) announce(changed.textContent.trim());
    });

    const watched = document.querySelector("[data-live-unit]");
    if (watched) watch(watched.dataset);
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
