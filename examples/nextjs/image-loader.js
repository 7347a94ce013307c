"use client";

import { nextLoader } from "imagemill/next";

export default nextLoader(process.env.IMAGES_URL);
