fetch("/api/todos")
  .then((r) => r.json())
  .then(console.log);
