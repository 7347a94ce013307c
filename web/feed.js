/** @file Load older images, one page at a time, while the user scrolls down. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */

const PAGE = 40;

export class Feed {
  /** @type {string | null} */
  #cursor = null;
  #busy = false;
  ended = false;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} onFault
   */
  constructor(api, album, onFault) {
    this.api = api;
    this.album = album;
    this.onFault = onFault;
  }

  /**
   * Load pages while the mark at the end is near the viewport.
   * @param {Element} mark
   */
  follow(mark) {
    const near = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) void this.#fill(mark);
      },
      { rootMargin: "1200px" },
    );
    near.observe(mark);
    this.again = () => {
      near.unobserve(mark);
      near.observe(mark);
    };
  }

  /** Load again after an error. */
  again() {}

  /** @param {Element} mark */
  async #fill(mark) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (!this.ended && mark.getBoundingClientRect().top < innerHeight + 1200) await this.#turn();
    } catch (fault) {
      this.onFault(fault);
    } finally {
      this.#busy = false;
    }
  }

  async #turn() {
    const page = await this.api.list(PAGE, this.#cursor);
    this.#cursor = page.cursor;
    this.ended = !page.cursor;
    this.album.learn(page.images);
    this.album.touch();
    await new Promise((done) => {
      requestAnimationFrame(done);
    });
  }
}
