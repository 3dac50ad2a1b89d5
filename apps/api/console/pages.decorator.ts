import { applyDecorators, Header, SetMetadata } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

export const pageRoute = 'page-route';

/**
 * Marks a controller whose routes are pages: the browser's cookie counts there and nowhere else, every POST needs the
 * token of its form, and what goes wrong is answered with a page.
 */
export const Pages = () => applyDecorators(ApiExcludeController(), SetMetadata(pageRoute, true));

/** A handler that answers HTML. */
export const Html = () => Header('Content-Type', 'text/html; charset=utf-8');
