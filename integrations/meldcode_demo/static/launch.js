// The token in the form lives one minute and works once; a page that stood open gets a new one at the click.
for (const form of document.querySelectorAll("form[data-again]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    try {
      const answer = await fetch(form.dataset.again, { cache: "no-store", redirect: "error" });
      form.elements.token.value = (await answer.json()).token;
    } catch {
      // Not signed in any more, or no network: the page that follows says what to do.
    }
    form.submit();
  });
  addEventListener("pageshow", () => delete form.dataset.busy);
}
