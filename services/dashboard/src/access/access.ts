import type { FastifyRequest } from "fastify";

/** Who may use the people's door, and by what it is known who they are. What is refused is an ApiError. */
export interface Access {
  /** Before anything is answered: lets a request in. Rejects. */
  letIn(request: FastifyRequest): Promise<void>;
  /** Lets it change something, or see what is the operator's alone. Throws. */
  requireOperator(request: FastifyRequest): void;
  /** Who decides, as it is recorded; `by` is what the body says. Throws where nobody says it. */
  deciderOf(request: FastifyRequest, by: string | undefined): string;
}
