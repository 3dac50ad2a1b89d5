import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';

const headerName = 'X-Request-ID';
const visible = /^[\x20-\x7e]{1,200}$/;

export function echoRequestId(request: Request, response: Response): void {
  const requestId = request.get(headerName);
  if (requestId !== undefined && visible.test(requestId)) response.setHeader(headerName, requestId);
}

/** AuthZEN: a caller that names its request finds the name in the answer, also where the question was not valid. */
@Injectable()
export class RequestIdInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    echoRequestId(http.getRequest<Request>(), http.getResponse<Response>());
    return next.handle();
  }
}
