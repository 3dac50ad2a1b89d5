import { Controller, Get, Inject, Injectable, Req, Res } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { configuration } from '../tokens.ts';
import { documentation } from './documentation.ts';

/** The OpenAPI document of this process; read off the routes once they are all there. */
@Injectable()
export class ApiDocument {
  document: Pick<OpenAPIObject, 'paths' | 'components'> = { paths: {} };
}

/** The document as a page that reads well, without scripts. */
@Pages()
@Public()
@Controller('docs')
export class DocumentationPages {
  private model: object | null = null;

  constructor(
    private readonly console: Console,
    private readonly api: ApiDocument,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get()
  @Html()
  show(@Req() request: AuthenticatedRequest, @Res({ passthrough: true }) response: Response): Promise<string> {
    this.model ??= documentation(this.api.document, this.config.publicUrl);
    return this.console.page(request, response, {
      template: 'openapi/documentation',
      title: 'API',
      model: this.model,
    });
  }
}
