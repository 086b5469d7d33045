interface Job {
  readonly text: string;
}

interface Env {
  readonly JOBS: Queue<Job>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method !== "POST") return new Response("POST a text to do something with it.\n");
    const text = await request.text();
    if (text === "") return new Response("The body is empty.\n", { status: 400 });
    await env.JOBS.send({ text });
    return new Response("It will be done.\n", { status: 202 });
  },

  async queue(batch: MessageBatch<Job>): Promise<void> {
    for (const message of batch.messages) {
      const { text } = message.body;
      if (text === "fail") {
        console.log(`Attempt ${message.attempts} failed`);
        message.retry({ delaySeconds: 1 });
      } else {
        console.log(`Done: ${text}`);
        message.ack();
      }
    }
  },
};
