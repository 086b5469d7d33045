/** Asks before something is done; without a terminal the answer is yes, and said so. */
import type { Terminal } from "./terminal.ts";

export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  if (!terminal.isInteractive) {
    terminal.print(`? ${question}\n🤖 Using fallback value in non-interactive context: yes`);
    return true;
  }
  const { createInterface } = await import("node:readline");
  terminal.flush();
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise<string | undefined>((resolve) => {
    // Ctrl-C and Ctrl-D are a no.
    reader.on("SIGINT", () => reader.close());
    reader.on("close", () => resolve(undefined));
    reader.question(`? ${question} (Y/n) `, resolve);
  });
  reader.close();
  if (answer === undefined) {
    terminal.print("\nNo answer: nothing is done.");
    return false;
  }
  return /^(?:y|yes|)$/i.test(answer.trim());
}
