// Before the first paint; the button is in appearance.js.
try {
  const chosen = localStorage.getItem("trinax.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing for pages follows the system.
}
