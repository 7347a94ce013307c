/** @file Load older images, one page at a time, while the user scrolls down. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Listing} from "./types.js" */

const PAGE = 40;

export class Feed {
  /** @type {string | null} */
  #cursor = null;
  busy = false;
  ended = false;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} onFault
   * @param {(page: Listing, cursor: string | null) => void} onPage receives each page, and the cursor that led to it
   */
  constructor(api, album, onFault, onPage) {
    this.api = api;
    this.album = album;
    this.onFault = onFault;
    this.onPage = onPage;
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
    if (this.busy) return;
    this.busy = true;
    this.album.touch();
    try {
      while (!this.ended && mark.getBoundingClientRect().top < innerHeight + 1200) await this.#turn();
    } catch (fault) {
      this.onFault(fault);
    } finally {
      this.busy = false;
      this.album.touch();
    }
  }

  async #turn() {
    const page = await this.api.list(PAGE, this.#cursor);
    const former = this.#cursor;
    this.#cursor = page.cursor;
    this.ended = !page.cursor;
    this.album.learn(page.images);
    this.onPage(page, former);
    await new Promise((done) => {
      requestAnimationFrame(done);
    });
  }
}
