// Asks how far the server is and opens the page that was asked for when it is ready.
(() => {
  const doing = document.getElementById("doing"), bar = document.getElementById("bar");
  const stages = [...document.querySelectorAll("li")];
  const show = (p) => {
    doing.textContent = p.ready ? "MLflow is ready." : "The tracking server is not ready yet: " + p.doing + ".";
    bar.style.width = p.percent + "%";
    const now = stages.findIndex((s) => s.dataset.stage === p.stage);
    stages.forEach((s, i) => { s.className = p.ready || i < now ? "done" : i === now ? "now" : ""; });
  };
  // Whatever makes this page come back after it went away: it never goes twice within some seconds.
  const open = () => {
    try { // a browser that keeps nothing has none of this
      const last = Number(sessionStorage.getItem("mlflow-opened") || 0), now = Date.now();
      if (now - last < 5000) return false;
      sessionStorage.setItem("mlflow-opened", now);
    } catch {}
    location.reload();
    return true;
  };
  const ask = async () => {
    try {
      const answer = await fetch("/-/progress", { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(10000) });
      if (answer.ok) {
        const p = await answer.json();
        show(p);
        if (p.ready && open()) return;
      }
    } catch {
      doing.textContent = "The server does not answer. It may be restarting; this page keeps asking.";
    }
    setTimeout(ask, 700);
  };
  setTimeout(ask, 300);
})();
