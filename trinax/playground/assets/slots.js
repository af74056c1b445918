/** Parts that follow what they show: made anew only when that has changed, so that nobody clicks on what has just gone. */

export class Slots {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    this.parts = /** @type {Map<string, {shows: string, element: HTMLElement}>} */ (new Map());
  }

  /** @param {{key: string, data: unknown, made: () => HTMLElement}[]} wanted in their order; keys differ */
  show(wanted) {
    const back = focusIn(this.holder);
    const parts = wanted.map(({ key, data, made }) => {
      const shows = JSON.stringify(data);
      const former = this.parts.get(key);
      return /** @type {const} */ ([key, former?.shows === shows ? former : { shows, element: made() }]);
    });
    this.parts = new Map(parts);
    parts.forEach(([, { element }], index) => {
      const there = this.holder.children[index];
      if (there !== element) this.holder.insertBefore(element, there ?? null);
    });
    while (this.holder.children.length > parts.length) this.holder.lastElementChild?.remove();
    back();
  }
}

/** Remembers where the focus is among parts; gives what puts it back if its element has gone. */
function focusIn(holder) {
  const parts = () => [...holder.querySelectorAll("button, summary, [tabindex]")];
  const focused = document.activeElement;
  const at = focused ? parts().indexOf(focused) : -1;
  return () => {
    if (at >= 0 && !focused?.isConnected) parts()[at]?.focus({ preventScroll: true });
  };
}
