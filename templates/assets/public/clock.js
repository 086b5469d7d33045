const response = await fetch("/api/time");
const { now } = await response.json();
document.querySelector("output").textContent = new Date(now).toLocaleTimeString();
