document.querySelectorAll("details").forEach((each) => (each.open = true));
return axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations
  .filter((fault) => ["serious", "critical"].includes(fault.impact)).map((fault) => [fault.id, fault.nodes.slice(0, 3).map((node) => node.target.join(" "))]));
