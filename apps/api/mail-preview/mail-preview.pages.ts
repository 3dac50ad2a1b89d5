import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Refusal } from '#contracts';
import { mailKinds, renderMail, sampleMail, type MailKind } from '#mail';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';

/** A mail is shown as a mail program would: its own styles, no scripts, nothing loaded from elsewhere. */
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

/** For development only: every mail there is, with sample data. Not registered in production. */
@Pages()
@Public()
@Controller('development/mails')
export class MailPreviewPages {
  constructor(private readonly console: Console) {}

  @Get()
  @Html()
  async list(@Req() request: AuthenticatedRequest, @Res({ passthrough: true }) response: Response): Promise<string> {
    const mails = mailKinds.map((kind) => ({ kind, subject: rendered(kind).subject }));
    return this.console.page(request, response, {
      template: 'mail-preview/mails',
      title: 'Every mail',
      model: { mails },
    });
  }

  @Get(':kind')
  @Html()
  @Header('Content-Security-Policy', mailPolicy)
  html(@Param('kind') kind: string): string {
    return rendered(known(kind)).html;
  }

  @Get(':kind/text')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  text(@Param('kind') kind: string): string {
    const { subject, text } = rendered(known(kind));
    return `Subject: ${subject}\n\n${text}`;
  }
}

function rendered(kind: MailKind) {
  return renderMail(kind, sampleMail(kind));
}

function known(kind: string): MailKind {
  const found = mailKinds.find((one) => one === kind);
  if (!found) throw new Refusal('not_found');
  return found;
}
