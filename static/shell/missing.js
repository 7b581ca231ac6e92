// @ts-check

// In a page of an export for addresses that do not exist: shows the language whose folder is in the address.
addEventListener("DOMContentLoaded", () => {
  const sections = [...document.querySelectorAll("section")];
  const shown = sections.find(({ lang }) => location.pathname.includes(`/${lang}/`)) ?? sections[0];
  for (const section of sections) section.hidden = section !== shown;
  document.documentElement.lang = shown.lang;
});
