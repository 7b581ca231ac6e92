// @ts-check

import { find } from "./dom.js";

/**
 * Copies a text; where the browser forbids it, shows it selected in a dialog instead, to be copied by hand.
 * @param {HTMLDialogElement} dialog
 * @param {string} text
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
export async function copyText(dialog, text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = find(dialog, "textarea", HTMLTextAreaElement);
    field.value = text;
    dialog.showModal();
    field.select();
    return false;
  }
}
