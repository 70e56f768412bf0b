/* Sets light or dark before anything is drawn; without a choice the system's counts. */
{
  const choice = localStorage.getItem("theme");
  if (choice) document.documentElement.dataset.theme = choice;
}
