# syntax=docker/dockerfile:1
# One image for the API, the workers and the command line: TypeScript runs as it is, so there is nothing to build but node_modules.

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

FROM base AS install
RUN npm install --global pnpm@12.21.0
COPY . .
# Production dependencies of the apps alone. The optional ones are left out: they are a Node and a Postgres of their own for
# machines that have none. (A dependency with a native optional part would need to be let in here.)
RUN --mount=type=cache,id=pnpm-store,target=/pnpm/store \
    pnpm install --frozen-lockfile --prod --no-optional \
      --store-dir /pnpm/store --package-import-method copy --filter-prod '{./apps/*}...'

FROM base AS stockroom
# Owned by root, run by a plain user: the process cannot change its own code.
COPY --from=install /app /app
USER node
ENV HOST=0.0.0.0 PORT=3000 WORKER_PORT=3001
EXPOSE 3000 3001
# The API by default. A worker says so by its command and its port: see docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 \
  CMD ["node", "scripts/check-ready.ts", "http://127.0.0.1:3000/livez"]
CMD ["node", "apps/api/src/main.ts"]
