// @ts-check

/**
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {{ new (): T }} [type]
 * @returns {T}
 * @throws {Error} when the template lacks the element: better at once than as a null later
 */
export function find(parent, selector, type = /** @type {any} */ (HTMLElement)) {
  const element = parent.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`The page lacks ${selector}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = "", ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/**
 * Writes a text, unless it stands there already: putting the same one again would cost a layout.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Hides an element or shows it, unless that is so already: saying it again would cost a look at its style.
 * @param {HTMLElement} element
 * @param {boolean} hidden
 */
export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}
