/** @file Swipes over an image. */

/** Shortest swipe, in CSS pixels. */
const SWIPE_PX = 50;

/**
 * @param {HTMLElement} stage
 * @param {(by: number) => void} act called with 1 after a swipe to the left, and -1 after one to the right
 */
export function onSwipe(stage, act) {
  let [x, y] = [0, 0];
  stage.addEventListener("pointerdown", (event) => {
    [x, y] = [event.clientX, event.clientY];
  });
  stage.addEventListener("pointerup", (event) => {
    const [across, down] = [event.clientX - x, event.clientY - y];
    if (Math.abs(across) >= SWIPE_PX && Math.abs(across) >= 2 * Math.abs(down)) act(across < 0 ? 1 : -1);
  });
}
