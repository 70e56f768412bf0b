/* Sets light or dark before anything is drawn; without a choice the system's counts. */
{
  let choice = null;
  try {
    choice = localStorage.getItem("theme");
  } catch {
    // The browser is told to keep nothing.
  }
  if (choice) document.documentElement.dataset.theme = choice;
}
