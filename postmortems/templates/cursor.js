// A cursor through all charts at once; the page is complete without it.
(function () {
  var svg = document.querySelector("svg.figure");
  var holder = document.getElementById("facts");
  if (!svg || !holder || !svg.createSVGPoint) return;
  var sections = JSON.parse(holder.textContent).sections;
  var charts = sections.filter(function (s) { return s.kind === "charts"; })[0].facts.charts;
  var left = +svg.dataset.left, right = +svg.dataset.right, end = +svg.dataset.end;
  var cursor = svg.querySelector(".cursor"), readouts = svg.querySelectorAll(".readout");
  function clock(t) {
    var s = Math.round(t), two = function (n) { return (n < 10 ? "0" : "") + n; };
    return two(Math.floor(s / 3600)) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
  }
  function write(v, unit) {
    if (v === null) return "no data";
    if (unit === "share") return (100 * v).toFixed(1) + " %";
    if (unit === "s") return v >= 1 ? v.toFixed(2) + " s" : (1000 * v).toFixed(0) + " ms";
    return String(+v.toPrecision(4));
  }
  function at(points, t) {
    var best = null, gap = Infinity;
    points.forEach(function (p) {
      var d = Math.abs(p[0] - t);
      if (d < gap) { gap = d; best = p[1]; }
    });
    return best;
  }
  svg.addEventListener("pointermove", function (event) {
    var point = svg.createSVGPoint();
    point.x = event.clientX;
    point.y = event.clientY;
    var x = point.matrixTransform(svg.getScreenCTM().inverse()).x;
    if (x < left || x > right) return;
    var t = ((x - left) / (right - left)) * end;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    svg.classList.add("live");
    charts.forEach(function (chart, n) {
      var line = chart.lines.filter(function (l) { return l.style === "lived"; })[0];
      readouts[n].textContent = clock(t) + "  " + write(at(line.points, t), chart.unit);
    });
  });
  svg.addEventListener("pointerleave", function () { svg.classList.remove("live"); });
})();
