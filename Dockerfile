# One image for each process of services/*/deployment.json, and for the command line: `npm run images` builds them, and so does
#   docker build --build-arg PROCESS=webhook .

# What decides which libraries are installed, by itself: while it is the same, so is the layer with the libraries.
FROM docker.io/library/node:24-trixie-slim AS manifests
COPY . /contextpilot
RUN cd /contextpilot && find . -type f ! -name package.json ! -name 'pnpm-*.yaml' ! -name .npmrc ! -path './scripts/*.mjs' -delete

FROM docker.io/library/node:24-trixie-slim AS bundles
WORKDIR /contextpilot
COPY --from=manifests /contextpilot .
RUN node scripts/bootstrap.mjs --production && rm -rf /root/.npm /root/.cache /root/.local
COPY . .
# All at once: every image of one commit shares this layer. Source maps stay out, for a bundle can be made again from its commit;
# what was compiled here stays out too, for Node keeps it by user.
RUN node scripts/bundle.ts all --out /bundles \
  && rm -r /bundles/*/compile-cache && find /bundles -name '*.map' -delete \
  && node scripts/containers/programs-with-git.ts > /bundles/with-git

# git, what it calls to fetch by HTTPS, and what both are linked with but for libc, which the base has. Folders by their real names:
# where the base's /lib is a link, nothing can be copied over it.
FROM docker.io/library/node:24-trixie-slim AS git
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends git \
  && for program in /usr/bin/git /usr/lib/git-core/git-remote-https; do \
      echo "$program"; ldd "$program" | grep -o '/[^ ]*'; \
    done | sort -u | grep -vE '/(ld-linux.*|lib(c|m|dl|rt|pthread|resolv))\.so' | while read -r file; do \
      folder=$(realpath "$(dirname "$file")") && mkdir -p "/tools$folder" && cp --dereference "$file" "/tools$folder/"; \
    done

FROM git AS tools
ARG PROCESS
COPY --from=bundles /bundles/with-git /
RUN grep -qx "${PROCESS}" /with-git || rm -r /tools/*

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS runtime
USER 65532:65532
WORKDIR /app
EXPOSE 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/server.js"]
# Without TZ the first time that is formatted goes through all of /usr/share/zoneinfo: 30 ms of each start.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 TZ=UTC

FROM runtime AS compiled
ARG PROCESS
COPY --from=bundles --chown=65532:65532 /bundles/${PROCESS} /app
RUN ["/nodejs/bin/node", "/app/compile.js"]

FROM runtime
COPY --from=tools /tools /
# Root's, so that the process cannot write what it runs; to be read by it, for V8 keeps what it compiled for its owner alone.
COPY --from=compiled --chown=0:0 --chmod=0555 /app /app
ARG PROCESS
LABEL org.opencontainers.image.title="${PROCESS}" org.opencontainers.image.licenses="MIT"
