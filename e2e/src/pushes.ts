import { createHmac } from "node:crypto";

export interface Door {
  readonly webhookUrl: string;
  readonly secret: string;
}

export interface Push {
  readonly repository: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** What the webhook expects in `X-Hub-Signature-256`. */
export const signatureOf = (body: string, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** Sends a push to the house's door, signed; gives the status, or undefined where nobody was there. */
export async function sendPush({ webhookUrl, secret }: Door, push: Push): Promise<number | undefined> {
  const body = JSON.stringify(push);
  const headers = { "content-type": "application/json", "x-hub-signature-256": signatureOf(body, secret) };
  try {
    const answer = await fetch(`${webhookUrl}/webhooks/git`, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}
