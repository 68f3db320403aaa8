// Errors on their way to a client: engine errors get a tRPC code, and nothing unexpected keeps its own text.

import { EngineError } from '@stockroom/contracts';
import type { CatalogAnswer } from '@stockroom/db';
import { TRPCError } from '@trpc/server';
import { ZodError } from 'zod';

type Code = TRPCError['code'];

/** What a client can act on, beside the code. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly reason: string;
  readonly field: string | undefined;

  constructor(reason: string, field?: string) {
    super(reason);
    this.reason = reason;
    this.field = field;
  }
}

export function problem(code: Code, reason: string, message: string, field?: string): TRPCError {
  return new TRPCError({ code, message, cause: new ApiProblem(reason, field) });
}

/** The tRPC code of an engine error. Total: a kind that is new falls under its `retry`. */
export function codeOfEngineError(error: EngineError): Code {
  switch (error.code) {
    case 'outcome_pending':
      return 'TIMEOUT';
    case 'invalid_cursor':
      return 'BAD_REQUEST';
    case 'pool_exhausted':
    case 'queue_full':
    case 'too_many_connections':
      return 'TOO_MANY_REQUESTS';
    default:
      return error.retry === 'never' ? 'INTERNAL_SERVER_ERROR' : 'SERVICE_UNAVAILABLE';
  }
}

/** Engine errors whose text was written for the caller; all others speak of our servers. */
const spokenToCallers = new Set(['outcome_pending', 'invalid_cursor']);

/** Gives an error that a procedure threw its code; others pass as they are. */
export function withCode(error: TRPCError): TRPCError {
  if (!(error.cause instanceof EngineError)) return error;
  const code = codeOfEngineError(error.cause);
  return new TRPCError({ code, message: error.cause.message, cause: error.cause });
}

export interface PublicError {
  readonly message: string;
  /** A stable word for programs. */
  readonly reason: string;
  readonly field?: string;
  /** Worth trying again: at once with a short pause, or later. */
  readonly retry?: 'soon' | 'later';
}

/** What a client may read of an error. */
export function publicError(error: TRPCError, requestId: string | undefined): PublicError {
  const { cause } = error;
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    return {
      message: `something unexpected happened; quote request ${requestId ?? 'id of the x-request-id header'} when you ask about it`,
      reason: 'unexpected',
    };
  }
  if (cause instanceof ZodError) return inputError(cause);
  if (cause instanceof EngineError) {
    const retry = cause.retry === 'never' ? {} : { retry: cause.retry };
    const message = spokenToCallers.has(cause.code)
      ? cause.message
      : 'a part of the system is not available now; nothing was lost, send the same again';
    return { message, reason: cause.code, ...retry };
  }
  if (cause instanceof ApiProblem) {
    return {
      message: error.message,
      reason: cause.reason,
      ...(cause.field === undefined ? {} : { field: cause.field }),
    };
  }
  return { message: error.message, reason: error.code.toLowerCase() };
}

function inputError(error: ZodError): PublicError {
  const [issue] = error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'input' : issue.path.map(String).join('.');
  return { message: `${field}: ${issue?.message ?? 'is not valid'}`, reason: 'invalid_input', field };
}

const catalogCodes = {
  already_exists: 'CONFLICT',
  not_found: 'NOT_FOUND',
  invalid_input: 'BAD_REQUEST',
} as const;

/** The value of a catalog answer, or its problem thrown. */
export function valueOrThrow<T>(answer: CatalogAnswer<T>): T {
  if (answer.ok) return answer.value;
  const { code, field, message } = answer.problem;
  throw problem(catalogCodes[code], code, message, field);
}
