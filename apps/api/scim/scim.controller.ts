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
import { IfMatch } from '../answers/idempotency.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { CallingDirectory } from './calling-directory.ts';
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
  configuration(@CallingDirectory() directory: Directory) {
    return serviceProviderConfig(this.baseUrl(directory));
  }

  @Get('ResourceTypes')
  @Header('Content-Type', scimMediaType)
  types(@CallingDirectory() directory: Directory) {
    return listed([userResourceType(this.baseUrl(directory))]);
  }

  @Get('ResourceTypes/:name')
  @Header('Content-Type', scimMediaType)
  type(
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @Param('name') name: string,
  ) {
    if (name !== 'User') throw new Refusal('not_found');
    response.setHeader('ETag', 'W/"1"');
    return userResourceType(this.baseUrl(directory));
  }

  @Get('Schemas')
  @Header('Content-Type', scimMediaType)
  schemas(@CallingDirectory() directory: Directory) {
    return listed([userSchema(this.baseUrl(directory))]);
  }

  @Get('Schemas/:name')
  @Header('Content-Type', scimMediaType)
  schema(
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @Param('name') name: string,
  ) {
    if (name.toLowerCase() !== scimSchemas.user.toLowerCase()) throw new Refusal('not_found');
    response.setHeader('ETag', 'W/"1"');
    return userSchema(this.baseUrl(directory));
  }

  @Get('Users')
  @Header('Content-Type', scimMediaType)
  async list(@CallingDirectory() directory: Directory, @Query() query: Parameters) {
    return this.find(directory, query);
  }

  /** RFC 7644, 3.4.3: a search whose filter is not to stand in the address. Users are all there is to find. */
  @Post(['.search', 'Users/.search'])
  @HttpCode(200)
  @Header('Content-Type', scimMediaType)
  async search(@CallingDirectory() directory: Directory, @Body() body: unknown) {
    return this.find(directory, searchIn(body));
  }

  @Get('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async get(
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
  ) {
    const user = await this.database.transaction(directory.tenancy, (em) =>
      readScimUser(em, directory.organizationId, userId),
    );
    return this.answer(response, user, query);
  }

  @Post('Users')
  @HttpCode(201)
  @Header('Content-Type', scimMediaType)
  async create(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const input = userIn(body);
    const user = await this.decide(request, directory, (decision) => createScimUser(decision, directory, input));
    response.setHeader('Location', `${this.baseUrl(directory)}/Users/${user.id}`);
    return this.answer(response, user, query);
  }

  @Put('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async replace(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @IfMatch() ifMatch: string | null,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const input = userIn(body);
    const user = await this.decide(request, directory, (decision) =>
      replaceScimUser(decision, directory, userId, () => input, ifMatches(ifMatch)),
    );
    return this.answer(response, user, query);
  }

  @Patch('Users/:userId')
  @Header('Content-Type', scimMediaType)
  async patch(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @CallingDirectory() directory: Directory,
    @IfMatch() ifMatch: string | null,
    @Param('userId', new ResourceId()) userId: string,
    @Query() query: Parameters,
    @Body() body: unknown,
  ) {
    const operations = operationsIn(body);
    const user = await this.decide(request, directory, (decision) =>
      replaceScimUser(
        decision,
        directory,
        userId,
        (present) => patched(writable(present), operations),
        ifMatches(ifMatch),
      ),
    );
    return this.answer(response, user, query);
  }

  @Delete('Users/:userId')
  @HttpCode(204)
  async remove(
    @Req() request: AuthenticatedRequest,
    @CallingDirectory() directory: Directory,
    @IfMatch() ifMatch: string | null,
    @Param('userId', new ResourceId()) userId: string,
  ): Promise<void> {
    await this.decide(request, directory, (decision) =>
      deleteScimUser(decision, directory, userId, ifMatches(ifMatch)),
    );
  }

  private async find(directory: Directory, query: Parameters): Promise<object> {
    // RFC 7644, 3.4.2.4: below one is one, and a negative count is none.
    const startIndex = Math.max(1, wholeNumber(query['startIndex'], 'startIndex', 1));
    const count = Math.min(mostUsers, Math.max(0, wholeNumber(query['count'], 'count', 100)));
    const filter = textIn(query['filter']);
    const { total, users } = await this.database.transaction(directory.tenancy, (em) =>
      listScimUsers(em, directory.organizationId, { filter, startIndex, count }),
    );
    const selection = selectionIn(query);
    const baseUrl = this.baseUrl(directory);
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
    return selectFrom(viewScimUser(user, this.baseUrl(user)), selectionIn(query));
  }

  private baseUrl({ organizationId }: Pick<Directory, 'organizationId'>): string {
    return `${this.config.publicUrl}/scim/v2/${organizationId}`;
  }
}

/** `If-Match` by the resource's own version, as RFC 7644, 3.14, has it: weak tags, compared as they are written. */
const ifMatches =
  (wanted: string | null): Precondition =>
  async (present) => {
    if (wanted === null || wanted.trim() === '*') return;
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
