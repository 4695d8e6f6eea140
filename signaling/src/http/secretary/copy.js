// Copies a link with one press. Without script, or in a browser without a clipboard, the buttons stay hidden and the
// link can be selected and copied by hand.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const link = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(link.value);
        button.textContent = button.dataset.copied;
        document.getElementById("said").textContent = `${button.dataset.copied}: ${button.dataset.whom}`;
      } catch {
        link.select();
      }
    });
  }
}
