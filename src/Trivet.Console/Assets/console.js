// The console works without this. With it: live parts move, forms are not sent twice, times are shown in the zone of whoever reads.
"use strict";

(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.split("; ").find((cookie) => cookie.startsWith("trivet_zone="));
  if (zone && known !== `trivet_zone=${encodeURIComponent(zone)}`) {
    document.cookie = `trivet_zone=${encodeURIComponent(zone)}; path=/console; max-age=31536000; samesite=lax`;
  }

  for (const part of document.querySelectorAll("[data-live]")) {
    const source = new EventSource(part.dataset.live);
    source.onmessage = (event) => {
      // A person who is in the middle of it is not interrupted.
      if (part.contains(document.activeElement) && document.activeElement !== part) return;
      part.innerHTML = event.data;
      part.classList.remove("stale");
    };
    source.onerror = () => part.classList.add("stale");
    addEventListener("pagehide", () => source.close());
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const question = event.submitter?.dataset.confirm;
    if (question && !confirm(question)) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.classList.add("sent");
  });

  // Back from a page that was kept whole: what was sent can be sent anew, with the number it has, and is then answered as before.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.classList.remove("sent");
    }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1500);
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    }
  });
})();
