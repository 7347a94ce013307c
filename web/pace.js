/** @file How fast the page scrolls. Loaded when it scrolls for the first time. */

/** Time without a scroll event after which scrolling is over, ms. */
const CALM_MS = 150;
/** Tiles exist further in the direction of scrolling, as far as it goes in this time, ms, and at most so many px. */
const LEAD_MS = 300;
const MOST_LEAD = 3000;
/** Faster than this, in CSS px a ms, tiles only pass: nobody sees their images. */
const FAST = 4;

export class Pace {
  #time = 0;
  #y = 0;
  /** CSS px a ms, negative upwards. */
  #speed = 0;
  #calm = 0;

  /**
   * @param {HTMLElement} list gets the class "scrolling" while it scrolls
   * @param {() => void} onRest called when scrolling is over
   */
  constructor(list, onRest) {
    this.list = list;
    this.onRest = onRest;
  }

  /** Note a scroll event. */
  note() {
    const now = performance.now();
    this.#speed = (scrollY - this.#y) / Math.max(1, now - this.#time);
    [this.#time, this.#y] = [now, scrollY];
    this.list.classList.add("scrolling");
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#rest(), CALM_MS);
  }

  /** @returns {boolean} whether tiles only pass, and need no image */
  get isFast() {
    return Math.abs(this.#speed) > FAST;
  }

  /** @returns {number} CSS px that will be scrolled soon, negative upwards */
  get lead() {
    return Math.max(-MOST_LEAD, Math.min(MOST_LEAD, this.#speed * LEAD_MS));
  }

  #rest() {
    this.#speed = 0;
    this.list.classList.remove("scrolling");
    this.onRest();
  }
}
