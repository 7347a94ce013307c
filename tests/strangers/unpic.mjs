// Prints the URLs that unpic makes: `node unpic.mjs FOLDER-OF-UNPIC '[{"url": …, "width": …}, …]'`.
const { transformUrl } = await import(`${process.argv[2]}/esm/mod.js`);
const asked = JSON.parse(process.argv[3]);
console.log(JSON.stringify(asked.map((one) => transformUrl({ provider: "imgix", ...one }))));
