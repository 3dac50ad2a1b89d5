-- The logins of Countersign's processes, none of them a superuser. Run once, as the server's administrator, before the first
-- `countersign migrate`; docker-compose.yml does it when its database is made. Each password comes from the environment.
\getenv migrations_password MIGRATIONS_DATABASE_PASSWORD
\getenv api_password API_DATABASE_PASSWORD
\getenv worker_password WORKER_DATABASE_PASSWORD
\getenv sealer_password SEALER_DATABASE_PASSWORD

-- Owns the database and its tables, and makes the roles that transactions run under. Only `countersign migrate` has it.
create role countersign_migrations login createrole password :'migrations_password';
-- These two own nothing; the first migration of roles says what they may become for a transaction.
create role countersign_api login noinherit password :'api_password';
create role countersign_worker login noinherit password :'worker_password';
-- Writes seals, checkpoints and signing keys, reads events, and nothing else.
create role countersign_sealer login password :'sealer_password' admin countersign_migrations;

create database countersign owner countersign_migrations;
revoke all on database countersign from public;
grant connect on database countersign to countersign_api, countersign_worker, countersign_sealer;
