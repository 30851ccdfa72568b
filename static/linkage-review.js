// A key presses the button or follows the link that names it; everything works without this file.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  const wanted = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
  if (wanted) {
    event.preventDefault();
    wanted.click();
  }
});
