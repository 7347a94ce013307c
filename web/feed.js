/** @file Load more images, one page at a time, while the user scrolls down. */

/** @import {Album} from "./album.js" */
/** @import {Source} from "./types.js" */

export class Feed {
  busy = false;

  /**
   * @param {Album} album
   * @param {(fault: unknown) => void} onFault
   * @param {Source | null} source where the images come from
   */
  constructor(album, onFault, source) {
    this.album = album;
    this.onFault = onFault;
    this.source = source;
  }

  get ended() {
    return this.source?.ended ?? true;
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

  /**
   * Go on with other images.
   * @param {Source} source
   */
  turnTo(source) {
    this.source = source;
    this.album.touch();
    this.again();
  }

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
    const source = /** @type {Source} */ (this.source);
    const former = source.cursor;
    const page = await source.read(former);
    source.cursor = page.cursor;
    source.ended = !page.cursor;
    source.onPage(page, former);
    this.album.learn(page.images);
    await new Promise((done) => {
      requestAnimationFrame(done);
    });
  }
}
