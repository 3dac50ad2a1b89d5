import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { roleMatrix, type Matrices } from '#access';
import { roleMatrix as roleMatrixAnswer } from '#contracts';
import { Public } from '../authentication/authentication.guard.ts';
import { Operation } from '../openapi/operation.ts';
import { matrices } from '../tokens.ts';

@ApiTags('evaluation')
@Controller('v1/role-matrix')
export class RoleMatrixController {
  constructor(@Inject(matrices) private readonly roleMatrices: Matrices) {}

  @Get()
  @Public()
  @Operation({
    summary: 'What every role gives, cell by cell',
    description: 'Each cell says whether it is stated in the source, documented by the vendor, or inferred.',
    answer: roleMatrixAnswer,
    isPublic: true,
  })
  list() {
    return { items: roleMatrix(this.roleMatrices), restrictions: this.roleMatrices.restrictions };
  }
}
