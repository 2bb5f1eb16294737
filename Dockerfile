# Two stages: the program is built static, then stands alone, as nobody, with git for --since.
#   docker build -t hipaalint . && docker run --rm --network none -v "$PWD:/src:ro" hipaalint .
FROM debian:bookworm-slim AS build
RUN apt-get update -q && apt-get install -y -q --no-install-recommends gcc libc6-dev make pkg-config \
        libyaml-dev libtree-sitter-dev libpcre2-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /hipaalint
COPY . .
RUN make -j"$(nproc)" VARIANT=static all && strip build/static/hipaalint

FROM alpine:3.20
RUN apk add --no-cache git && adduser -D -H -u 10001 hipaalint
COPY --from=build /hipaalint/build/static/hipaalint /usr/local/bin/hipaalint
COPY --from=build /hipaalint/LICENSE /usr/local/share/doc/hipaalint/LICENSE
USER 10001
WORKDIR /src
ENTRYPOINT ["/usr/local/bin/hipaalint"]
CMD ["."]
