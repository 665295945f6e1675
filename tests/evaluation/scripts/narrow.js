return new Promise((done) => { document.querySelector("iframe").onload = () => setTimeout(() => {
  const inside = document.querySelector("iframe").contentDocument, root = inside.querySelector(".tabgan");
  const scrolled = (element) => element.closest(".scroll, [data-part=list]");
  const wide = [...root.querySelectorAll("*")].filter((e) => !scrolled(e) && e.getBoundingClientRect().right > 361).map((e) => e.tagName + "." + e.getAttribute("class"));
  done({ width: inside.documentElement.scrollWidth, wide: wide.slice(0, 5) }); }, 500); });
