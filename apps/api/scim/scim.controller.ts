import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import type { CompleteConfig } from '#config';
import { Refusal, scimSchemas } from '#contracts';
import {
  createScimUser,
  Decisions,
  deleteScimUser,
  directoryAsActor,
  listScimUsers,
  readScimUser,
  replaceScimUser,
  type Decision,
  type Directory,
  type Precondition,
} from '#decisions';
import { Database, type ScimUser } from '#persistence';
import { ForDirectories, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { listed, mostUsers, serviceProviderConfig, userResourceType, userSchema } from './description.ts';
import { operationsIn, patched, searchIn, userIn } from './read-body.ts';
import { selectFrom, versionOf, viewScimUser, writable, type Selection } from './resource.ts';
import { scimMediaType } from './scim-error.ts';

type Parameters = Record<string, unknown>;

/**
 * SCIM 2.0 (RFC 7644) for the directory of one organization. Media types, errors and versions are the standard's and not
 * ours, so it is described in docs/scim.md and by itself, and is no part of the OpenAPI document.
 */
@ApiExcludeController()
@ForDirectories()
@Controller('scim/v2/:organizationId')
export class ScimController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('ServiceProviderConfig')
  @Header('Content-Type', scimMediaType)
  configuration(
    @Req() request: AuthenticatedRequest,
    @Param('organizationId', new ResourceId()) organizationId: string,
  ) {
    calling(request, organizationId);
    return serviceProviderConfig(this.baseUrl(organizationId));
  }

  @Get('ResourceTypes')
  @Header('Content-Type', scimMediaType)
  types(@Req() request: AuthenticatedRequest, @Param('organizationId', new ResourceId()) organizationId: string) {
    calling(request, organizationId);
    return listed([userResourceType(this.baseUrl(organizationId))]);
  }

  @Get('ResourceTypes/:name')
  @Header('Content-Type', scimMediaType)
  type(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('name') name: string,
  ) {
    calling(request, organizationId);
    if (name !== 'User') throw new Refusal('not_found');
    response.setHeader('ETag', 'W/"1"');
    return userResourceType(this.baseUrl(organizationId));
  }

  @Get('Schemas')
  @Header('Content-Type', scimMediaType)
  schemas(@Req() request: AuthenticatedRequest, @Param('organizationId', new ResourceId()) organizationId: string) {
    calling(request, organizationId);
    return listed([userSchema(this.baseUrl(organizationId))]);
  }

  @Get('Schemas/:name')
  @Header('Content-Type', scimMediaType)
  schema(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('name') name: string,
  ) {
    calling(request, organizationId);
    if (name.toLowerCase() !== scimSchemas.user.toLowerCase()) throw new Refusal('not_found');
    response.setHeader('ETag', 'W/"1"');
    return userSchema(this.baseUrl(organizationId));
  }

  @Get('Users')
  @Header('Content-Type', scimMediaType)
  async list(
    @Req() request: AuthenticatedRequest,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query() query: Parameters,
  ) {
    return this.find(calling(request, organizationId), query);
  }

  /** RFC 7644, 3.4.3: a search whose filter is not to stand in the address. Users are all there is to find. */
  @Post(['.search', 'Users/.search'])
  @HttpCode(200)
  @Header('Content-Type', scimMediaType)
  async search(
    @Req() request: AuthenticatedRequest,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body() body: unknown,
  ) {
    return this.find(calling(request, organizationId), searchIn(body));
  }

  @Get('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async get(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
  ) {
    const directory = calling(request, organizationId);
    const user = await this.database.transaction(directory.tenancy, (em) => readScimUser(em, organizationId, userId));
    return this.answer(response, user, query);
  }

  @Post('Users')
  @HttpCode(201)
  @Header('Content-Type', scimMediaType)
  async create(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const directory = calling(request, organizationId);
    const input = userIn(body);
    const user = await this.decide(request, directory, (decision) => createScimUser(decision, directory, input));
    response.setHeader('Location', `${this.baseUrl(organizationId)}/Users/${user.id}`);
    return this.answer(response, user, query);
  }

  @Put('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async replace(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const directory = calling(request, organizationId);
    const input = userIn(body);
    const user = await this.decide(request, directory, (decision) =>
      replaceScimUser(decision, directory, userId, () => input, ifMatches(request)),
    );
    return this.answer(response, user, query);
  }

  @Patch('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async patch(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const directory = calling(request, organizationId);
    const operations = operationsIn(body);
    const user = await this.decide(request, directory, (decision) =>
      replaceScimUser(
        decision,
        directory,
        userId,
        (present) => patched(writable(present), operations),
        ifMatches(request),
      ),
    );
    return this.answer(response, user, query);
  }

  @Delete('Users/:userId')
  @HttpCode(204)
  async remove(
    @Req() request: AuthenticatedRequest,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('userId', new ResourceId()) userId: string,
  ): Promise<void> {
    const directory = calling(request, organizationId);
    await this.decide(request, directory, (decision) =>
      deleteScimUser(decision, directory, userId, ifMatches(request)),
    );
  }

  private async find(directory: Directory, query: Parameters): Promise<object> {
    const { organizationId } = directory;
    // RFC 7644, 3.4.2.4: below one is one, and a negative count is none.
    const startIndex = Math.max(1, wholeNumber(query['startIndex'], 'startIndex', 1));
    const count = Math.min(mostUsers, Math.max(0, wholeNumber(query['count'], 'count', 100)));
    const filter = textIn(query['filter']);
    const { total, users } = await this.database.transaction(directory.tenancy, (em) =>
      listScimUsers(em, organizationId, { filter, startIndex, count }),
    );
    const selection = selectionIn(query);
    const baseUrl = this.baseUrl(organizationId);
    return listed(
      users.map((user) => selectFrom(viewScimUser(user, baseUrl), selection)),
      total,
      startIndex,
    );
  }

  private decide<T>(
    { ip }: AuthenticatedRequest,
    directory: Directory,
    work: (decision: Decision) => Promise<T>,
  ): Promise<T> {
    return this.decisions.decide(directoryAsActor(directory, ip), work);
  }

  private answer(response: Response, user: ScimUser, query: Parameters): object {
    response.setHeader('ETag', versionOf(user));
    return selectFrom(viewScimUser(user, this.baseUrl(user.organizationId)), selectionIn(query));
  }

  private baseUrl(organizationId: string): string {
    return `${this.config.publicUrl}/scim/v2/${organizationId}`;
  }
}

/** The directory that calls; another organization's address is not there for it. */
function calling({ directory }: AuthenticatedRequest, organizationId: string): Directory {
  if (!directory) throw new Refusal('not_authenticated');
  if (directory.organizationId !== organizationId) throw new Refusal('not_found');
  return directory;
}

/** `If-Match` by the resource's own version, as RFC 7644, 3.14, has it: weak tags, compared as they are written. */
const ifMatches =
  ({ headers }: AuthenticatedRequest): Precondition =>
  async (present) => {
    const wanted = headers['if-match'];
    if (wanted === undefined || wanted.trim() === '*') return;
    const etag = versionOf((await present()) as ScimUser);
    if (!wanted.split(',').some((one) => one.trim() === etag)) throw new Refusal('version_mismatch', { etag });
  };

function selectionIn(query: Parameters): Selection {
  const namesIn = (name: string) =>
    textIn(query[name])
      ?.toLowerCase()
      .split(',')
      .map((one) => one.trim().replace(`${scimSchemas.user.toLowerCase()}:`, ''))
      .filter((one) => one !== '');
  const attributes = namesIn('attributes');
  return {
    attributes: attributes && attributes.length > 0 ? attributes : null,
    excluded: namesIn('excludedAttributes') ?? [],
  };
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function wholeNumber(value: unknown, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'string' && /^-?\d{1,9}$/.test(value)) return Number(value);
  throw new Refusal('invalid_request', { errors: [{ pointer: `/${name}`, message: 'A whole number' }] });
}
